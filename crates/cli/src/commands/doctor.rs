//! `edge-oauth doctor`: checks each step on the way to a token.

mod assertion;
mod checks;
mod credentials;
mod finding;
mod network;
mod subject;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::args::ClientArgs;
use crate::commands::doctor::checks::Examination;
use crate::commands::doctor::finding::{Finding, Outcome};
use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::output::text::harmless;

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each check, when it is done
    Text,
    /// One JSON object
    Json,
}

/// Runs the checks. The exit status is that of the first check that failed.
pub(crate) fn run(args: DoctorArgs) -> Result<(), CliError> {
    let mut findings = Vec::new();
    for finding in Examination::new(args.client) {
        if args.output == Format::Text {
            terminal::print(format!("{finding}\n"))?;
        }
        findings.push(finding);
    }
    if args.output == Format::Json {
        let checks: Vec<_> = findings.iter().map(Finding::json).collect();
        let json = format!("{:#}\n", json!({ "checks": checks }));
        terminal::print(harmless(&json))?;
    }
    let failed = findings.iter().filter_map(|finding| match finding.outcome {
        Outcome::Fail(status) => Some((finding.check, status)),
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    match failed.as_slice() {
        [] => Ok(()),
        [(check, status), ..] => {
            let message = format!(
                "{} of {} checks failed, the first: {check}",
                failed.len(),
                findings.len()
            );
            Err(CliError::new(Exit::Other, message).status(*status))
        }
    }
}
