//! The parameters of a list of jobs, and the page of them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::publishing::job::Job;
use crate::api::request::count;
use crate::api::timestamp;

/// The parameters of a list. Unknown parameters and parameters without a value are ignored.
#[derive(Debug, Default)]
pub(crate) struct JobQuery {
    sources: Vec<String>,
    statuses: Vec<String>,
    creator_ids: Vec<String>,
    creator_names: Vec<String>,
    times: Vec<(JobTime, Bound)>,
    page_size: usize,
    page_number: usize,
    /// The place of a checkpoint, if the client pages by checkpoints.
    checkpoint: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum JobTime {
    Queued,
    Start,
    Finish,
}

/// A date, compared as text: the service's times are in UTC and of one length.
#[derive(Debug)]
enum Bound {
    After(String),
    Before(String),
}

impl JobQuery {
    pub(crate) fn read(query: &str) -> Result<Self, ApiError> {
        let mut read = Self {
            page_size: 20,
            page_number: 1,
            ..Self::default()
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let values = || value.split('|').map(str::to_owned);
            let mut time = |kind| {
                read.times.push((kind, bound(&name, &value)?));
                Ok(())
            };
            match &*name {
                // A client that wants checkpoints begins without one.
                "continuationToken" if value.is_empty() => read.checkpoint = Some(0),
                _ if value.is_empty() => {}
                "continuationToken" => read.checkpoint = Some(count(&name, &value)?),
                "source" => read.sources.extend(values()),
                "system.status" => read.statuses.extend(values()),
                "system.createdBy.id" => read.creator_ids.extend(values()),
                "system.createdBy.name" => read.creator_names.extend(values()),
                "system.queuedTime" => time(JobTime::Queued)?,
                "system.startTime" => time(JobTime::Start)?,
                "system.finishTime" => time(JobTime::Finish)?,
                "pageSize" => read.page_size = count(&name, &value)?,
                "pageNumber" => read.page_number = count(&name, &value)?,
                _ => {}
            }
        }
        Ok(read)
    }

    /// Returns whether a job has one of the values for each filter.
    pub(crate) fn matches(&self, job: &Job) -> bool {
        let one_of = |values: &[String], value: &str| {
            values.is_empty() || values.iter().any(|wanted| wanted == value)
        };
        one_of(&self.sources, &job.edit.source)
            && one_of(&self.statuses, job.state.name())
            && one_of(&self.creator_ids, &format!("{}@clients", job.creator))
            && one_of(&self.creator_names, &job.creator)
            && self.times.iter().all(|(kind, bound)| {
                let time = match kind {
                    JobTime::Queued => Some(job.queued),
                    JobTime::Start => job.state.start(),
                    JobTime::Finish => job.state.finish(),
                };
                time.is_some_and(|time| bound.allows(time))
            })
    }

    /// Returns a page of the jobs that were found.
    pub(crate) fn page<'a>(&self, found: &[&'a Job], to_json: impl Fn(&'a Job) -> Value) -> Value {
        let show = |from: usize, limit: usize| -> Value {
            let shown = found.iter().take(limit).skip(from).take(self.page_size);
            shown.map(|job| to_json(job)).collect()
        };
        if let Some(from) = self.checkpoint {
            let end = from.saturating_add(self.page_size);
            let next = (end < found.len()).then(|| end.to_string());
            return json!({ "data": show(from, usize::MAX), "next": next });
        }
        let before = self.page_size.saturating_mul(self.page_number - 1);
        json!({
            "data": show(before, MAX_NUMBERED),
            "totalCount": found.len(),
            "pageNumber": self.page_number,
            "pageSize": self.page_size,
        })
    }
}

impl Bound {
    fn allows(&self, time: Duration) -> bool {
        let time = timestamp::rfc3339(time);
        match self {
            Self::After(date) => time > *date,
            Self::Before(date) => time < *date,
        }
    }
}

fn bound(name: &str, value: &str) -> Result<Bound, ApiError> {
    let is_date = |date: &str| {
        date.get(..4)
            .is_some_and(|year| year.parse::<u16>().is_ok())
    };
    match (value.strip_prefix('>'), value.strip_prefix('<')) {
        (Some(date), _) if is_date(date) => Ok(Bound::After(date.to_owned())),
        (_, Some(date)) if is_date(date) => Ok(Bound::Before(date.to_owned())),
        _ => Err(ApiError::invalid_field(
            name,
            "It has to be > or < and a date.",
        )),
    }
}

/// The number of jobs that numbered pages show.
const MAX_NUMBERED: usize = 1_000;
