//! The filter of a list of jobs.

use std::num::NonZeroU32;

use form_urlencoded::Serializer;

use crate::http::query;
use crate::input_error::{InputError, require_text};
use crate::publishing::job_status::JobStatus;
use crate::publishing::time_range::TimeRange;

/// The filter of a list of jobs, and the size of a page. A job has to meet all kinds of values that are given, and one
/// of the values of each kind.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{JobFilter, JobStatus, Publishing};
///
/// let filter = JobFilter::new().source("my-program").status(JobStatus::Queued).status(JobStatus::Running);
/// let request = Publishing::new().jobs(filter)?.request();
/// assert_eq!(request.uri().query().unwrap(), "source=my-program&system.status=Queued%7CRunning");
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    sources: Vec<String>,
    statuses: Vec<String>,
    creator_ids: Vec<String>,
    creator_names: Vec<String>,
    queued: Option<TimeRange>,
    started: Option<TimeRange>,
    finished: Option<TimeRange>,
    page_size: Option<NonZeroU32>,
}

impl JobFilter {
    /// Returns a filter for all jobs. The service chooses the size of a page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists jobs of this source only, which is compared as a whole. A further call adds a source.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.sources.push(source.into());
        self
    }

    /// Lists jobs in this status only. A further call adds a status.
    #[must_use]
    pub fn status(mut self, status: JobStatus) -> Self {
        self.statuses.push(status.as_str().to_owned());
        self
    }

    /// Lists jobs of the creator with this id only. A further call adds a creator.
    #[must_use]
    pub fn created_by_id(mut self, id: impl Into<String>) -> Self {
        self.creator_ids.push(id.into());
        self
    }

    /// Lists jobs of creators with this name only. A further call adds a name.
    #[must_use]
    pub fn created_by_name(mut self, name: impl Into<String>) -> Self {
        self.creator_names.push(name.into());
        self
    }

    /// Lists jobs that were created in this time only.
    #[must_use]
    pub fn queued(mut self, time: TimeRange) -> Self {
        self.queued = Some(time);
        self
    }

    /// Lists jobs that began to run in this time only.
    #[must_use]
    pub fn started(mut self, time: TimeRange) -> Self {
        self.started = Some(time);
        self
    }

    /// Lists jobs that ended in this time only.
    #[must_use]
    pub fn finished(mut self, time: TimeRange) -> Self {
        self.finished = Some(time);
        self
    }

    /// Sets the number of jobs on a page.
    #[must_use]
    pub fn page_size(mut self, jobs: NonZeroU32) -> Self {
        self.page_size = Some(jobs);
        self
    }

    /// Returns the query with its question mark; empty if nothing is asked for. `page` adds the page.
    ///
    /// It is an error for all pages of a filter or for none, except that a checkpoint may be too long.
    pub(crate) fn query(&self, page: &PageRequest) -> Result<String, InputError> {
        let parts = [self.parameters()?, page.parameters()?];
        let parts = parts.iter().filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(String::as_str).collect();
        Ok(query::with_mark(parts.join("&")))
    }

    fn parameters(&self) -> Result<String, InputError> {
        let mut query = Serializer::new(String::new());
        for (name, values) in [
            ("source", &self.sources),
            ("system.status", &self.statuses),
            ("system.createdBy.id", &self.creator_ids),
            ("system.createdBy.name", &self.creator_names),
        ] {
            for value in values {
                require_text(name, value)?;
                if value.contains('|') {
                    return Err(InputError::invalid(name, "has a |, which separates values"));
                }
            }
            if !values.is_empty() {
                query.append_pair(name, &values.join("|"));
            }
        }
        for (name, time) in [
            (QUEUED_TIME, &self.queued),
            ("system.startTime", &self.started),
            ("system.finishTime", &self.finished),
        ] {
            append_time(&mut query, name, time.as_ref())?;
        }
        if let Some(size) = self.page_size {
            query.append_pair("pageSize", &size.to_string());
        }
        query::checked(query.finish())
    }
}

/// A page to ask for.
#[derive(Clone, Debug)]
pub(crate) enum PageRequest {
    First,
    Number(u32),
    /// The page at a checkpoint: the `next` of the page before.
    Continued(String),
}

impl PageRequest {
    fn parameters(&self) -> Result<String, InputError> {
        let mut query = Serializer::new(String::new());
        match self {
            Self::First => {}
            Self::Number(number) => {
                query.append_pair("pageNumber", &number.to_string());
            }
            // The name is an informed guess: the service documents the value alone.
            Self::Continued(token) => {
                query.append_pair("continuationToken", token);
            }
        }
        query::checked(query.finish())
    }
}

/// Returns the query of a summary.
pub(crate) fn summary_query(queued: Option<&TimeRange>) -> Result<String, InputError> {
    let mut query = Serializer::new(String::new());
    append_time(&mut query, QUEUED_TIME, queued)?;
    Ok(query::with_mark(query::checked(query.finish())?))
}

fn append_time(
    query: &mut Serializer<'_, String>,
    name: &'static str,
    time: Option<&TimeRange>,
) -> Result<(), InputError> {
    let values = time.map(|time| time.values(name)).transpose()?;
    for value in values.unwrap_or_default() {
        query.append_pair(name, value);
    }
    Ok(())
}

const QUEUED_TIME: &str = "system.queuedTime";
