//! One page of a list of jobs.

use serde_json::Value;

use crate::http::decode_error::{DecodeError, THE_BODY};
use crate::http::json_object::{self, JsonObject};
use crate::http::response::ApiResponse;
use crate::publishing::job::Job;

/// One page of a list of jobs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JobPage {
    /// `data`: the jobs on this page.
    pub jobs: Vec<Job>,
    /// `totalCount`: the number of jobs on all pages. The service lists the first 1,000 of them by pages.
    pub total: Option<u64>,
    /// `next`: the checkpoint at which the next page begins, for lists that the service does not number.
    pub next: Option<String>,
    /// True if there is another page to ask for.
    pub has_next: bool,
}

impl JobPage {
    /// Reads a page, or an array of all jobs. `before` is the number of jobs on earlier pages.
    pub(crate) fn read(response: &ApiResponse<'_>, before: u64) -> Result<Self, DecodeError> {
        let page = match json_object::parse(response.body)? {
            Value::Array(jobs) => return Ok(Self::whole(read_jobs(&jobs)?)),
            page => JsonObject::try_from(page)?,
        };
        let jobs = read_jobs(page.items("data")?)?;
        let total = page.count("totalCount")?;
        // The form of a checkpoint is not documented.
        let next = match page.get("next") {
            None => None,
            Some(Value::String(next)) => Some(next.clone()).filter(|next| !next.is_empty()),
            Some(Value::Number(next)) => Some(next.to_string()),
            Some(_) => return Err(DecodeError::member("next", "is not text")),
        };
        let so_far = before.saturating_add(u64::try_from(jobs.len()).unwrap_or(u64::MAX));
        // The list moves while it is read, so an empty page is its end.
        let is_numbered = !jobs.is_empty() && so_far < total.unwrap_or_default().min(MAX_NUMBERED);
        Ok(Self {
            has_next: next.is_some() || is_numbered,
            next,
            jobs,
            total,
        })
    }

    fn whole(jobs: Vec<Job>) -> Self {
        Self {
            jobs,
            total: None,
            next: None,
            has_next: false,
        }
    }
}

fn read_jobs(jobs: &[Value]) -> Result<Vec<Job>, DecodeError> {
    let jobs = jobs.iter().map(|job| match job {
        Value::Object(job) => Job::checked(JsonObject(job.clone())),
        _ => Err(DecodeError::member(
            THE_BODY,
            "has a job that is not an object",
        )),
    });
    jobs.collect()
}

/// The number of jobs that the service lists by numbered pages.
const MAX_NUMBERED: u64 = 1_000;
