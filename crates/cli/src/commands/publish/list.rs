//! `edge-oauth publish list`: the jobs of the environment.

use std::process::ExitCode;

use clap::Args;
use edge_oauth_no_io::printable;
use experience_edge_api::{Job, JobFilter, JobStatus, TimeRange};

use crate::api_client::{ApiArgs, ApiClient};
use crate::commands::output_format::OutputArg;
use crate::commands::publish::describe;
use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::output::text::harmless;

#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Only jobs of this program; may be repeated
    #[arg(long)]
    source: Vec<String>,

    /// Only jobs in this status: Queued, Running, Canceling, Completed, Failed, Canceled, or another one of the service;
    /// may be repeated
    #[arg(long)]
    status: Vec<String>,

    /// Only jobs of creators with this name; may be repeated
    #[arg(long, value_name = "NAME")]
    created_by: Vec<String>,

    /// Only jobs that were created after this date, such as 2026-11-01 or 2026-11-01T08:00:00Z
    #[arg(long, value_name = "DATE")]
    since: Option<String>,

    /// Maximum number of jobs; 0 is all that the service lists
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,

    #[command(flatten)]
    output: OutputArg,
}

pub(super) fn run(api: &ApiArgs, args: ListArgs) -> Result<ExitCode, CliError> {
    let output = args.output;
    let limit = match args.limit {
        0 => usize::MAX,
        limit => limit,
    };
    let api = ApiClient::open(api)?;
    let unknown = args.unknown_statuses();
    let (jobs, total) = read(&api, args.filter(limit), limit)?;
    check_statuses(unknown, &jobs)?;
    if output.is_json() {
        let jobs: Vec<_> = jobs.iter().map(Job::to_json).collect();
        terminal::print(harmless(&format!("[{}]\n", jobs.join(","))))?;
        return Ok(ExitCode::SUCCESS);
    }
    terminal::print(describe::table(&jobs))?;
    let shown = u64::try_from(jobs.len()).unwrap_or(u64::MAX);
    terminal::note(match (jobs.len(), total) {
        (0, _) => "no job".to_owned(),
        (count, Some(total)) if total > shown => format!("{count} of {total} jobs"),
        (1, _) => "1 job".to_owned(),
        (count, _) => format!("{count} jobs"),
    });
    Ok(ExitCode::SUCCESS)
}

/// Fails if a status is unknown, and no job has it: it is a typing error. The service may have other statuses than those
/// that are known here.
fn check_statuses(unknown: Vec<JobStatus>, jobs: &[Job]) -> Result<(), CliError> {
    let is_found = |status: &JobStatus| jobs.iter().any(|job| job.status() == *status);
    let Some(status) = unknown.into_iter().find(|status| !is_found(status)) else {
        return Ok(());
    };
    let name = printable(status.as_str(), SHOWN);
    let message = format!("--status {name} is unknown, and no job has this status");
    if jobs.is_empty() {
        return Err(CliError::new(Exit::Usage, message).next(format!("use one of {STATUSES}")));
    }
    terminal::warning(format_args!("{message}; known are {STATUSES}"));
    Ok(())
}

impl ListArgs {
    fn unknown_statuses(&self) -> Vec<JobStatus> {
        let statuses = self
            .status
            .iter()
            .map(|status| JobStatus::from(status.as_str()));
        statuses
            .filter(|status| matches!(status, JobStatus::Other(_)))
            .collect()
    }

    fn filter(self, limit: usize) -> JobFilter {
        let mut filter = JobFilter::new();
        for source in self.source {
            filter = filter.source(source);
        }
        for status in self.status {
            filter = filter.status(JobStatus::from(status.as_str()));
        }
        for name in self.created_by {
            filter = filter.created_by_name(name);
        }
        if let Some(date) = self.since {
            filter = filter.queued(TimeRange::after(&date));
        }
        let size = u32::try_from(limit.min(LARGEST_PAGE)).unwrap_or_default();
        match size.try_into() {
            Ok(size) => filter.page_size(size),
            Err(_) => filter,
        }
    }
}

/// Returns the first jobs, each once, and the number of all jobs if the service says it.
fn read(
    api: &ApiClient,
    filter: JobFilter,
    limit: usize,
) -> Result<(Vec<Job>, Option<u64>), CliError> {
    let mut jobs: Vec<Job> = Vec::new();
    let mut total = None;
    let list = api
        .publishing
        .jobs(filter)
        .map_err(|error| match error.field() {
            "system.queuedTime" => CliError::new(Exit::Usage, "--since is not a date")
                .next("use a date such as 2026-11-01 or 2026-11-01T08:00:00Z"),
            _ => error.into(),
        })?;
    for page in list.pages(|page| api.call(page)) {
        let page = page?;
        total = page.total.or(total);
        for job in page.jobs {
            // A job that is created meanwhile moves the others to later pages.
            if !jobs.iter().any(|known| known.id() == job.id()) {
                jobs.push(job);
            }
        }
        if jobs.len() >= limit {
            break;
        }
        if page.has_next {
            terminal::progress(format_args!("{} jobs", jobs.len()));
        }
    }
    jobs.truncate(limit);
    Ok((jobs, total))
}

const STATUSES: &str = "Queued, Running, Canceling, Completed, Failed, Canceled";
const SHOWN: usize = 64;
const LARGEST_PAGE: usize = 100;
