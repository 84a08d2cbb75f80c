//! `edge-oauth doctor`: what stands between this machine and a token.

mod checks;
mod patient;

use std::fmt;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::args::ClientArgs;
use crate::commands::doctor::checks::Examination;
use crate::failure::{Exit, Failure};
use crate::terminal;

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Format of what is printed
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each check, as it is done
    Text,
    /// One JSON object
    Json,
}

/// Exits with the status of the first check that failed.
pub(crate) fn run(args: DoctorArgs) -> Result<(), Failure> {
    let mut findings = Vec::new();
    let mut examination = Examination::new(args.client);
    while let Some(finding) = examination.next() {
        if args.output == Format::Text {
            terminal::answer(format!("{finding}\n"))?;
        }
        findings.push(finding);
    }
    if args.output == Format::Json {
        let checks: Vec<_> = findings.iter().map(Finding::json).collect();
        terminal::answer(format!("{:#}\n", json!({ "checks": checks })))?;
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
            Err(Failure::new(Exit::Other, message).status(*status))
        }
    }
}

/// What one check found.
struct Finding {
    check: &'static str,
    outcome: Outcome,
    says: String,
    next: Option<String>,
}

enum Outcome {
    Ok,
    /// It works, and may not always.
    Warn,
    /// With the exit status of this class of failures.
    Fail(u8),
    /// Not done: it makes no sense here, or after what failed before.
    Skip,
}

impl Finding {
    fn new(check: &'static str, outcome: Outcome, says: impl fmt::Display) -> Self {
        Self {
            check,
            outcome,
            says: says.to_string(),
            next: None,
        }
    }

    fn next(mut self, next: Option<impl Into<String>>) -> Self {
        self.next = next.map(Into::into);
        self
    }

    fn json(&self) -> Value {
        json!({
            "check": self.check,
            "outcome": self.outcome.as_str(),
            "says": self.says,
            "next": self.next,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (outcome, check) = (self.outcome.as_str(), self.check);
        write!(f, "{outcome:4}  {check:24}  {}", self.says)?;
        match &self.next {
            Some(next) => write!(f, "\n{:32}try: {next}", ""),
            None => Ok(()),
        }
    }
}

impl Outcome {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail(_) => "fail",
            Self::Skip => "skip",
        }
    }
}
