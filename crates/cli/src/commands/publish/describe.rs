//! A publishing job for people and scripts.

use std::io;

use edge_oauth_no_io::printable;
use experience_edge_api::{Job, JobCreator, JobStatistics};

use crate::api_client::ApiClient;
use crate::commands::output_format::OutputArg;
use crate::output::table::Table;
use crate::output::terminal;
use crate::output::text::{Lines, json_line, shown};

/// Prints a job.
pub(super) fn print(api: &ApiClient, job: &Job, output: OutputArg) -> io::Result<()> {
    terminal::print(match output.is_json() {
        true => json_line(&job.to_json()),
        false => lines(api, job),
    })
}

/// Returns a table of jobs.
pub(super) fn table(jobs: &[Job]) -> String {
    let mut table = Table::new(["ID", "STATUS", "ITEMS", "QUEUED", "NAME", "SOURCE"]);
    for job in jobs {
        table.row([
            job.id(),
            job.status().as_str(),
            &numbers(&job.statistics()),
            job.queued_time().unwrap_or_default(),
            job.name(),
            job.source(),
        ]);
    }
    table.finish()
}

/// Returns the state of a job in a few words.
pub(super) fn progress(job: &Job) -> String {
    let status = status(job);
    match numbers(&job.statistics()) {
        numbers if numbers.is_empty() => status,
        numbers => format!("{status}, {numbers}"),
    }
}

/// Returns the service's words about a failure.
pub(super) fn failure(api: &ApiClient, job: &Job) -> Option<String> {
    let reasons = job.failure_reasons();
    (!reasons.is_empty()).then(|| api.words(&reasons.join("; ")))
}

pub(super) fn id(job: &Job) -> String {
    printable(job.id(), LONGEST)
}

fn status(job: &Job) -> String {
    match job.status().as_str() {
        "" => "status unknown".to_owned(),
        status => shown(status, LONGEST),
    }
}

/// Returns such as `28 of 30 items, 2 failed`; empty without numbers.
fn numbers(numbers: &JobStatistics) -> String {
    let Some(done) = numbers.items_processed else {
        return String::new();
    };
    let failed = match numbers.items_failed {
        None | Some(0) => String::new(),
        Some(failed) => format!(", {failed} failed"),
    };
    match numbers.total_count.or(numbers.items_sent) {
        Some(0) if done == 0 => String::new(),
        Some(all) if all >= done => format!("{done} of {all} items{failed}"),
        _ => format!("{done} items{failed}"),
    }
}

fn lines(api: &ApiClient, job: &Job) -> String {
    let numbers = numbers(&job.statistics());
    let creator = job.created_by().map(|creator| name(&creator));
    let canceler = job.canceled_by().map(|creator| name(&creator));
    let locales = job.locales().join(", ");
    let failure = failure(api, job);
    let mut lines = Lines::default();
    for (label, value) in [
        ("id", Some(job.id())),
        ("status", Some(&*status(job))),
        ("items", Some(&*numbers)),
        ("failure", failure.as_deref()),
        ("name", Some(job.name())),
        ("source", Some(job.source())),
        ("description", job.description()),
        ("mode", job.mode().as_deref()),
        ("locales", Some(&*locales)),
        ("queued", job.queued_time()),
        ("started", job.start_time()),
        ("finished", job.finish_time()),
        ("created by", creator.as_deref()),
        ("canceled by", canceler.as_deref()),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.line(label, shown(value, LONGEST));
        }
    }
    lines.finish()
}

fn name(creator: &JobCreator) -> String {
    let name = creator.name.as_ref().or(creator.id.as_ref());
    name.cloned().unwrap_or_default()
}

const LONGEST: usize = 256;
