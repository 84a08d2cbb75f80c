//! An assertion from a closure.

use std::fmt;
use std::time::Duration;

use edge_oauth_driver::{AssertionSource, MaybeSend, MaybeSync};
use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret};

use crate::assertion::check::{Rotation, checked};
use crate::clock::Clock;

/// A closure that returns an assertion.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_keys::AssertionCallback;
/// use edge_oauth_no_io::{AssertionRequest, Purpose, Secret};
///
/// let source = AssertionCallback::new(|_request| Ok(Secret::new("header.claims.signature")));
/// let assertion = source.assertion(&AssertionRequest::new(Purpose::ClientAuth))?;
/// assert_eq!(assertion.expose(), "header.claims.signature");
/// # Ok::<_, edge_oauth_no_io::CredentialError>(())
/// ```
#[derive(Clone)]
pub struct AssertionCallback<F> {
    callback: F,
    clock: Clock,
}

impl<F> AssertionCallback<F>
where
    F: Fn(&AssertionRequest) -> Result<Secret, CredentialError> + MaybeSend + MaybeSync + 'static,
{
    /// Returns a source that calls this closure for each attempt.
    pub fn new(callback: F) -> Self {
        Self {
            callback,
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

impl<F> AssertionSource for AssertionCallback<F>
where
    F: Fn(&AssertionRequest) -> Result<Secret, CredentialError> + MaybeSend + MaybeSync + 'static,
{
    fn assertion(&self, request: &AssertionRequest) -> Result<Secret, CredentialError> {
        let text = (self.callback)(request)?;
        checked(
            text.expose().as_bytes(),
            &"the callback's result",
            Rotation::Rotated,
            &self.clock,
        )
    }
}

impl<F> fmt::Debug for AssertionCallback<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionCallback").finish_non_exhaustive()
    }
}
