//! All publishing jobs, which run one after the other.

use std::collections::VecDeque;
use std::time::Duration;

use crate::api::error::{ApiError, Problem};
use crate::api::generator::Generator;
use crate::api::publishing::job::Job;
use crate::api::publishing::job_edit::JobEdit;
use crate::api::publishing::job_outcome::JobOutcome;
use crate::api::publishing::job_state::JobTimes;

/// The jobs in the order in which they were created.
pub(crate) struct JobList {
    list: Vec<Job>,
    ids: Generator,
    times: JobTimes,
    outcomes: VecDeque<JobOutcome>,
}

impl JobList {
    pub(crate) fn new(seed: u64, run: Duration) -> Self {
        Self {
            list: Vec::new(),
            ids: Generator::new(seed, "job"),
            times: JobTimes { run },
            outcomes: VecDeque::new(),
        }
    }

    pub(crate) fn script(&mut self, outcomes: impl IntoIterator<Item = JobOutcome>) {
        self.outcomes.extend(outcomes);
    }

    /// Moves all jobs to `now`. Returns those that have published their items by this step.
    pub(crate) fn advance(&mut self, now: Duration) -> Vec<&Job> {
        let mut free = Some(Duration::ZERO);
        let mut published = Vec::new();
        for job in &mut self.list {
            let is_published = job.advance(now, free, self.times);
            free = match (free, job.state.finish()) {
                (Some(free), Some(finish)) => Some(free.max(finish)),
                _ => None,
            };
            if is_published {
                published.push(&*job);
            }
        }
        published
    }

    pub(crate) fn create(
        &mut self,
        edit: JobEdit,
        tenant_id: &str,
        creator: &str,
        now: Duration,
    ) -> &Job {
        let id = format!("job_{}", self.ids.uuid().replace('-', ""));
        let outcome = self.outcomes.pop_front().unwrap_or_default();
        self.list
            .push(Job::new(id, edit, tenant_id, creator, outcome, now));
        &self.list[self.list.len() - 1]
    }

    /// Returns the jobs, the newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Job> {
        self.list.iter().rev()
    }

    /// Returns the job with this id, if `may` allows it. Otherwise there is none, as far as the client can see.
    pub(crate) fn find(
        &mut self,
        id: &str,
        may: impl Fn(&Job) -> bool,
    ) -> Result<&mut Job, ApiError> {
        let mut list = self.list.iter_mut();
        let found = list.find(|job| job.id == id && may(job));
        found.ok_or_else(|| ApiError::Problem(Problem::not_found("The job does not exist.")))
    }

    pub(crate) fn times(&self) -> JobTimes {
        self.times
    }
}
