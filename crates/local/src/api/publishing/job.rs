//! One publishing job.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::error::{ApiError, Problem};
use crate::api::publishing::job_edit::JobEdit;
use crate::api::publishing::job_outcome::JobOutcome;
use crate::api::publishing::job_state::{JobEnd, JobState, JobTimes};
use crate::api::timestamp;

pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) edit: JobEdit,
    tenant_id: String,
    /// The client that created the job.
    pub(crate) creator: String,
    pub(crate) queued: Duration,
    pub(crate) state: JobState,
    outcome: JobOutcome,
    canceled_by: Option<String>,
}

impl Job {
    pub(crate) fn new(
        id: String,
        edit: JobEdit,
        tenant_id: &str,
        creator: &str,
        outcome: JobOutcome,
        now: Duration,
    ) -> Self {
        Self {
            id,
            edit,
            tenant_id: tenant_id.to_owned(),
            creator: creator.to_owned(),
            queued: now,
            state: JobState::Queued,
            outcome,
            canceled_by: None,
        }
    }

    /// Moves the job to `now`. Returns true if it has published its items by this step.
    pub(crate) fn advance(
        &mut self,
        now: Duration,
        free: Option<Duration>,
        times: JobTimes,
    ) -> bool {
        let end = match self.outcome {
            JobOutcome::Failed(_) => JobEnd::Failed,
            _ => JobEnd::Completed,
        };
        let before = self.state.finish();
        self.state = self.state.at(now, self.queued, free, times, end);
        let completed = matches!(
            self.state,
            JobState::Ended {
                end: JobEnd::Completed,
                ..
            }
        );
        before.is_none() && completed
    }

    /// Begins to cancel the job. A job that has ended or sent all of its items is left alone.
    pub(crate) fn cancel(
        &mut self,
        by: &str,
        now: Duration,
        times: JobTimes,
    ) -> Result<(), ApiError> {
        let is_sent = self.sent(now, times) == self.edit.item_count;
        match self.state {
            JobState::Queued => {}
            JobState::Running { .. } if !is_sent => {}
            JobState::Canceling { .. } => return Ok(()),
            _ => {
                let is_sent = if is_sent { "True" } else { "False" };
                let status = self.state.name();
                // The quotation marks are those of the real service.
                let detail = format!(
                    "The job cannot be canceled. Job status: {status}', ItemsSendingComplete: {is_sent}."
                );
                let instance = format!("POST /api/publishing/v1/jobs/{}/cancel", self.id);
                return Err(ApiError::Problem(Problem::conflict(&detail, instance)));
            }
        }
        self.canceled_by = Some(by.to_owned());
        self.state = JobState::Canceling {
            start: self.state.start(),
            since: now,
        };
        Ok(())
    }

    pub(crate) fn to_json(&self, now: Duration, times: JobTimes) -> Value {
        let mut system = json!({
            "tenantId": self.tenant_id,
            "environmentId": "main",
            "branchId": "main",
            "status": self.state.name(),
            "queuedTime": timestamp::rfc3339(self.queued),
            "createdBy": application(&self.creator),
        });
        for (name, time) in [
            ("startTime", self.state.start()),
            ("finishTime", self.state.finish()),
        ] {
            if let Some(time) = time {
                system[name] = json!(timestamp::rfc3339(time));
            }
        }
        if let Some(by) = &self.canceled_by {
            system["canceledBy"] = application(by);
        }
        if let (JobState::Ended { .. }, JobOutcome::Failed(reason)) = (self.state, &self.outcome) {
            system["failureReason"] = json!(reason);
        }
        let mut job = json!({
            "id": self.id,
            "name": self.edit.name,
            "source": self.edit.source,
            "options": self.edit.shown_options(),
            "system": system,
            "permissions": { "canViewDetails": true, "canCancel": true },
        });
        if let Some(description) = &self.edit.description {
            job["description"] = json!(description);
        }
        if self.state.start().is_some() {
            job["statistics"] = self.statistics(now, times);
        }
        job
    }

    fn statistics(&self, now: Duration, times: JobTimes) -> Value {
        let processed = self.part(now, times, 1);
        let failed = match (self.state, &self.outcome) {
            (JobState::Ended { .. }, JobOutcome::WithFailedItems(count)) => processed.min(*count),
            _ => 0,
        };
        json!({
            "lastReportTime": timestamp::rfc3339(now.min(self.state.finish().unwrap_or(now))),
            "itemsSent": self.sent(now, times),
            "itemsProcessed": processed,
            "itemsFailed": failed,
            "xmc": {
                "additionalItemsSent": 0,
                "itemsAcknowledged": processed - failed,
                "itemsDeleted": 0,
                "itemsSkipped": 0,
            },
        })
    }

    /// Returns the number of items that were sent. All of them are after half of the time.
    fn sent(&self, now: Duration, times: JobTimes) -> u64 {
        self.part(now, times, 2)
    }

    /// Returns how many items are done at this speed.
    fn part(&self, now: Duration, times: JobTimes, speed: u128) -> u64 {
        let items = self.edit.item_count;
        let (start, end) = match self.state {
            JobState::Queued => return 0,
            JobState::Running { start } => (start, now),
            JobState::Canceling { start, since } => match start {
                Some(start) => (start, since),
                None => return 0,
            },
            JobState::Ended { start, finish, end } => match (start, end) {
                (Some(_), JobEnd::Completed | JobEnd::Failed) => return items,
                (Some(start), JobEnd::Canceled) => (start, finish),
                (None, _) => return 0,
            },
        };
        let ran = end.saturating_sub(start).as_nanos().saturating_mul(speed);
        let done = ran.saturating_mul(u128::from(items)) / times.run.as_nanos().max(1);
        u64::try_from(done).unwrap_or(items).min(items)
    }
}

fn application(client_id: &str) -> Value {
    json!({ "id": format!("{client_id}@clients"), "name": client_id, "type": "Application" })
}
