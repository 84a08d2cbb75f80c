//! An assertion in an environment variable.

use std::env;
use std::time::Duration;

use edge_oauth_driver::AssertionSource;
use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret, printable};
use zeroize::Zeroizing;

use crate::assertion::check::{Rotation, checked};
use crate::clock::Clock;

/// An environment variable with an assertion, such as the one that `id_tokens:` of a GitLab job names.
///
/// ```yaml
/// job:
///   id_tokens:
///     LOGIN_TOKEN:
///       aud: https://login.example
/// ```
///
/// The variable does not change while the process runs, so a missing, empty or expired one is a permanent error.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_keys::AssertionVariable;
/// use edge_oauth_no_io::{AssertionRequest, Purpose};
///
/// let source = AssertionVariable::new("LOGIN_TOKEN");
/// let error = source.assertion(&AssertionRequest::new(Purpose::ClientAuth)).unwrap_err();
/// assert!(error.to_string().starts_with("the variable `LOGIN_TOKEN` is not set"));
/// ```
#[derive(Clone, Debug)]
pub struct AssertionVariable {
    name: String,
    clock: Clock,
}

impl AssertionVariable {
    /// Returns a source that reads this variable.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            clock: Clock::default(),
        }
    }

    /// Sets the clock that an expired assertion is found with: the time since the Unix epoch.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }
}

impl AssertionSource for AssertionVariable {
    fn assertion(&self, _request: &AssertionRequest) -> Result<Secret, CredentialError> {
        let place = format!("the variable `{}`", printable(&self.name, 128));
        let text = env::var_os(&self.name).ok_or_else(|| {
            CredentialError::permanent(format_args!(
                "{place} is not set: set it to the assertion, such as with `id_tokens:` in GitLab"
            ))
        })?;
        let text = Zeroizing::new(text.into_encoded_bytes());
        checked(&text, &place, Rotation::Fixed, &self.clock)
    }
}
