//! The mode of a publishing job.

use std::fmt;

/// The mode of a publishing job: how much of the chosen content is published.
///
/// ```
/// use experience_edge_api::PublishMode;
///
/// assert_eq!(PublishMode::Republish.to_string(), "Republish");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublishMode {
    /// Publishes content that has changed.
    #[default]
    Smart,
    /// Publishes all of the content.
    Republish,
    /// Publishes the content in the publish queue, which goes back 30 days at most. For the whole environment only.
    Incremental,
}

impl PublishMode {
    /// Returns the service's name of the mode.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smart => "Smart",
            Self::Republish => "Republish",
            Self::Incremental => "Incremental",
        }
    }
}

impl fmt::Display for PublishMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
