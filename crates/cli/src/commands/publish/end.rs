//! The exit status that says how a job ended.

use std::process::ExitCode;

use clap::Args;
use edge_oauth_no_io::{ApiError, printable};
use experience_edge_api::{Job, JobStatus};

use crate::api_client::ApiClient;
use crate::commands::publish::watch::{Watched, Why};
use crate::commands::publish::{advice, describe};
use crate::error::{CliError, Exit};
use crate::output::terminal;

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct EndArgs {
    /// Cancel the job on Ctrl-C, and wait for its end; otherwise the job goes on
    #[arg(long, requires = "wait")]
    cancel_on_interrupt: bool,

    /// Fail if an item of the job failed, also if the job is completed
    #[arg(long, requires = "wait")]
    strict: bool,
}

impl EndArgs {
    pub(super) fn cancels(self) -> bool {
        self.cancel_on_interrupt
    }
}

/// Returns the result of a watch over a job that is to be published.
pub(super) fn published(
    api: &ApiClient,
    watched: &Watched,
    args: EndArgs,
    id: &str,
) -> Result<ExitCode, CliError> {
    let job = ended(watched, id)?;
    let failed = job.statistics().items_failed.unwrap_or_default();
    match (job.status(), watched.why) {
        (JobStatus::Completed, _) if failed == 0 => Ok(ExitCode::SUCCESS),
        (JobStatus::Completed, _) => {
            let message = format!("the job is completed, and {} failed", items(failed));
            if args.strict {
                return Err(CliError::new(Exit::JobFailed, message));
            }
            terminal::warning(message);
            Ok(ExitCode::SUCCESS)
        }
        (JobStatus::Canceled, Why::CanceledBy(status)) => {
            Err(CliError::new(Exit::JobCanceled, "the job is canceled").status(status))
        }
        (JobStatus::Canceled, _) => {
            let by = job.canceled_by().and_then(|by| by.name.or(by.id));
            let by = by.map_or_else(String::new, |by| format!(" by {}", printable(&by, SHOWN)));
            let message = format!("the job was canceled{by}");
            Err(CliError::new(Exit::JobCanceled, message).next(AGAIN))
        }
        _ => Err(failure(api, job)),
    }
}

/// Returns the result of a watch over a job that is to be canceled.
pub(super) fn canceled(api: &ApiClient, watched: &Watched, id: &str) -> Result<ExitCode, CliError> {
    let job = ended(watched, id)?;
    match job.status() {
        JobStatus::Canceled => Ok(ExitCode::SUCCESS),
        JobStatus::Completed => {
            let message = "the job was completed before it could be canceled";
            Err(CliError::new(Exit::Other, message))
        }
        _ => Err(failure(api, job)),
    }
}

/// Returns the error of a job that cannot be canceled any more, by its status.
pub(super) fn too_late(api: &ApiClient, error: ApiError, id: &str) -> CliError {
    let get = api.publishing.job(id).ok();
    let job = get.and_then(|get| api.call(&get).ok());
    let id = printable(id, SHOWN);
    match job.map(|job| job.status()) {
        Some(status) if status.is_final() => {
            let message = format!("the job has already ended, with the status {status}");
            CliError::new(Exit::Refused, message)
                .next(format!("edge-oauth publish status {id} shows it"))
        }
        _ => CliError::from(error).next(format!(
            "the job may be about to end: edge-oauth publish status {id} --wait watches it"
        )),
    }
}

/// Returns the job if it has ended, or the error of a watch that is over before.
fn ended<'a>(watched: &'a Watched, id: &str) -> Result<&'a Job, CliError> {
    match (watched.why, &watched.last) {
        (Why::Ended | Why::CanceledBy(_), Some(job)) if job.status().is_final() => Ok(job),
        (Why::Interrupted(status) | Why::CanceledBy(status), _) => {
            Err(advice::interrupted(id).status(status))
        }
        _ => {
            let message = "the job has not ended in time, and goes on";
            let advice = format!("use a longer --wait-timeout; {}", advice::goes_on(id));
            Err(CliError::new(Exit::Network, message).next(advice))
        }
    }
}

fn failure(api: &ApiClient, job: &Job) -> CliError {
    let message = match describe::failure(api, job) {
        None => "the job failed, and the service does not say why".to_owned(),
        Some(reasons) => format!("the job failed: {reasons}"),
    };
    CliError::new(Exit::JobFailed, message).next(AGAIN)
}

fn items(count: u64) -> String {
    match count {
        1 => "1 item".to_owned(),
        count => format!("{count} items"),
    }
}

const AGAIN: &str = "publish again: a job that has ended cannot be resumed";
const SHOWN: usize = 256;
