//! When a webhook is called.

use std::fmt;

/// When a webhook is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExecutionMode {
    /// Once, at the end of a publishing job, with the body that the webhook has, if any.
    #[default]
    OnEnd,
    /// During a publishing job, with what was updated: see [`OnUpdate`](crate::payload::OnUpdate).
    OnUpdate,
    /// A mode that is not known here, as the service spells it.
    Other(String),
}

impl ExecutionMode {
    /// As the service spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::OnEnd => "OnEnd",
            Self::OnUpdate => "OnUpdate",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for ExecutionMode {
    /// Whatever the letter case.
    fn from(text: &str) -> Self {
        [Self::OnEnd, Self::OnUpdate]
            .into_iter()
            .find(|mode| mode.as_str().eq_ignore_ascii_case(text))
            .unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

impl fmt::Display for ExecutionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
