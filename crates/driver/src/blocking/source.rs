//! A token source for threads.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Caller, Config, Moment, StoredToken, TokenError};
use http::{HeaderValue, Request};

use crate::blocking::parts::Parts;
use crate::blocking::runtime::{Runtime, Threads};
use crate::deadline::Deadline;
use crate::endpoints::Endpoints;
use crate::shared::Shared;

/// Keeps a token valid for any number of threads. Clones share one token.
///
/// ```
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use edge_oauth_no_io::{Config, Secret};
///
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc","expires_in":900}"#.into())));
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let source = TokenSource::new(transport, config);
/// assert_eq!(source.authorization()?, "Bearer abc");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct TokenSource<R = Threads> {
    pub(super) shared: Arc<Shared>,
    pub(super) parts: Arc<Parts<R>>,
}

impl<R: Runtime> TokenSource<R> {
    /// Returns a valid token: at once if one is cached, otherwise one caller requests it and the others wait
    /// (single-flight), each at most for the options' `max_wait`.
    ///
    /// # Errors
    ///
    /// Returns a permanent error at once. Returns the server's last error if the wait is over, or would be before the
    /// next attempt.
    #[inline]
    pub fn token(&self) -> Result<AccessToken, TokenError> {
        self.token_within(self.shared.options.max_wait)
    }

    /// Returns a valid token as [`token`](Self::token) does, for a caller with this much time.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    #[inline]
    pub fn token_within(&self, max_wait: Duration) -> Result<AccessToken, TokenError> {
        let now = self.now();
        match self.shared.cached(now) {
            Some(token) => Ok(token),
            None => self.fetch(Caller::new().max_wait(max_wait, now)),
        }
    }

    /// Returns a token that is valid for at least this long from now, or one that was requested after this call began if
    /// the server's lifetimes are shorter.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub fn token_valid_for(&self, min_remaining: Duration) -> Result<AccessToken, TokenError> {
        let caller = Caller::new().max_wait(self.shared.options.max_wait, self.now());
        self.fetch(caller.min_remaining(min_remaining))
    }

    /// Requests a new token now, whatever is cached and whatever backoff is in force, and returns it. Less than a second
    /// after the latest token, the request waits until the second is over. A request that is in flight already serves
    /// this caller too.
    ///
    /// # Errors
    ///
    /// Returns the error of that request. The cached token stays.
    pub fn refresh(&self) -> Result<AccessToken, TokenError> {
        let caller = Caller::new().max_wait(self.shared.options.max_wait, self.now());
        self.fetch(caller.refresh())
    }

    /// Returns the cached token, or `None`, without waiting. Starts a request in the background if one is due, for which
    /// no caller has to wait: for an interceptor, a synchronous function or a readiness probe.
    ///
    /// A valid token that is not due costs what [`token`](Self::token) costs: two clocks and a slot that no refresh
    /// locks. Otherwise the call takes the keeper's lock for a moment, and the request runs in a thread of its own. `None` means that
    /// there is no valid token now: none was requested before, it expired while the server could not be reached, or the
    /// server returned an error, which the options' `on_event` reports. While a backoff is in force, no request is sent.
    ///
    /// ```
    /// # use edge_oauth_driver::testing::ScriptedTransport;
    /// # use edge_oauth_no_io::{Config, Secret};
    /// # use edge_oauth_driver::blocking::TokenSource;
    /// # let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
    /// # let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
    /// let source = TokenSource::new(transport, config);
    /// source.token()?; // when the program starts
    /// assert_eq!(source.try_token().unwrap().expose(), "abc");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_token(&self) -> Option<AccessToken> {
        let now = self.now();
        if let Some(token) = self.shared.cached(now) {
            return Some(token);
        }
        let (token, acquisition) = self.shared.poll_without_wait(now);
        if let Some(acquisition) = acquisition {
            self.run_in_background(acquisition, now);
        }
        token
    }

    /// Returns the header value of a valid token.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    #[inline]
    pub fn authorization(&self) -> Result<HeaderValue, TokenError> {
        let now = self.now();
        if let Some(authorization) = self.shared.cached_authorization(now) {
            return Ok(authorization);
        }
        let caller = Caller::new().max_wait(self.shared.options.max_wait, now);
        Ok(self.fetch(caller)?.authorization())
    }

    /// Sets the request's `Authorization` header. Returns the token, to be invalidated if the API rejects it.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub fn authorize<B>(&self, request: &mut Request<B>) -> Result<AccessToken, TokenError> {
        let token = self.token()?;
        token.authorize(request);
        Ok(token)
    }

    /// Drops exactly this token, because an API rejected it. See [`Keeper::invalidate`](edge_oauth_no_io::Keeper::invalidate).
    pub fn invalidate(&self, token: &AccessToken) {
        self.shared.invalidate(token, self.now());
    }

    /// Takes over a stored token if it is of this configuration, still valid, and newer than the cached one. Returns
    /// whether it was taken.
    pub fn restore(&self, stored: &StoredToken) -> bool {
        self.shared.restore(stored, self.now())
    }

    /// Returns the cached token, to be stored across runs.
    pub fn export(&self) -> Option<StoredToken> {
        self.shared.export(self.now())
    }

    /// Waits until no request of this source is under way and its token is in the store, at most for this time. Returns
    /// whether all is done.
    ///
    /// For a program that is about to end: a refresh in the background would end with it.
    pub fn settle(&self, at_most: Duration) -> bool {
        let deadline = Deadline::new(self.now(), at_most);
        loop {
            let notified = self.shared.notified();
            if self.shared.is_settled() {
                return true;
            }
            let left = deadline.left(self.now());
            if left.is_zero() {
                return false;
            }
            self.parts.runtime.wait(notified, left);
        }
    }

    #[inline]
    pub(super) fn now(&self) -> Moment {
        self.parts.runtime.now()
    }
}

impl<R> TokenSource<R> {
    /// Replaces the configuration, such as after the secret was rotated, and lifts every backoff.
    pub fn replace_config(&self, config: Config) {
        self.shared.replace_config(config);
    }

    pub(crate) fn share_endpoints(&self, endpoints: &Endpoints) {
        self.shared.share_endpoints(endpoints);
    }

    /// Returns the configuration in use.
    pub fn config(&self) -> Config {
        self.shared.config()
    }
}

impl<R> Clone for TokenSource<R> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            parts: Arc::clone(&self.parts),
        }
    }
}

impl<R> fmt::Debug for TokenSource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("config", &self.config())
            .finish_non_exhaustive()
    }
}
