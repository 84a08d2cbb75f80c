//! The execution mode of a webhook.

use std::fmt;

/// The execution mode of a webhook: when it is called.
///
/// ```
/// use experience_edge_api::ExecutionMode;
///
/// assert_eq!(ExecutionMode::from("onupdate"), ExecutionMode::OnUpdate);
/// assert_eq!(ExecutionMode::OnUpdate.to_string(), "OnUpdate");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExecutionMode {
    /// Once, at the end of a publishing job, with the webhook's own body.
    #[default]
    OnEnd,
    /// During a publishing job, with the updates as the body: see [`OnUpdate`](crate::payload::OnUpdate).
    OnUpdate,
    /// Another mode, as the service spells it.
    Other(String),
}

impl ExecutionMode {
    /// Returns the service's name of the mode.
    pub fn as_str(&self) -> &str {
        match self {
            Self::OnEnd => "OnEnd",
            Self::OnUpdate => "OnUpdate",
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for ExecutionMode {
    /// Reads the service's name of a mode, in any letter case.
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
