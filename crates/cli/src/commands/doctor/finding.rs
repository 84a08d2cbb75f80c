//! The finding of a check, and its output.

use std::fmt;

use serde_json::{Value, json};

use crate::error::CliError;

/// The finding of one check.
pub(super) struct Finding {
    pub(super) check: &'static str,
    pub(super) outcome: Outcome,
    pub(super) says: String,
    pub(super) next: Option<String>,
}

pub(super) enum Outcome {
    Ok,
    /// It works now and may fail later.
    Warn,
    /// It failed, with this exit status.
    Fail(u8),
    /// The check does not apply, or an earlier check failed.
    Skip,
}

impl Finding {
    pub(super) fn new(check: &'static str, outcome: Outcome, says: impl fmt::Display) -> Self {
        Self {
            check,
            outcome,
            says: says.to_string(),
            next: None,
        }
    }

    pub(super) fn next(mut self, next: Option<impl Into<String>>) -> Self {
        self.next = next.map(Into::into);
        self
    }

    /// Returns the finding of a check that failed, with its exit status.
    pub(super) fn failed(check: &'static str, failure: CliError) -> Self {
        let (status, message, next) = failure.into_parts();
        Self::new(check, Outcome::Fail(status), message).next(next)
    }

    pub(super) fn json(&self) -> Value {
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
