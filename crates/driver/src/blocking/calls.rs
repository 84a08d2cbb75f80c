//! Calls of protected APIs, for threads.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Operation, Replay, RequestBody, SecretBytes, TokenError, challenge,
};
use http::{Request, Response};

use crate::blocking::runtime::Runtime;
use crate::blocking::source::TokenSource;
use crate::deadline::Deadline;
use crate::error::CallError;
use crate::request::ApiRequest;

impl<R: Runtime> TokenSource<R> {
    /// Calls a protected API: sends the operation's request as [`send`](Self::send) does, and reads the response.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); [`CallError::Api`] if the response is an error. If the API rejected the token and no
    /// other is to be had, [`CallError::Token`] says why.
    pub fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        self.call_within(operation, self.shared.options.max_wait)
    }

    /// Calls a protected API as [`call`](Self::call) does, with this much time for all of it.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_within<O: Operation>(
        &self,
        operation: &O,
        max_wait: Duration,
    ) -> Result<O::Output, CallError> {
        match self.exchange(&ApiRequest::of_operation(&operation.request()), max_wait)? {
            (_, Some(no_token)) => Err(CallError::Token(no_token)),
            (response, None) => Ok(operation.parse(&response)?),
        }
    }

    /// Sends a request to a protected API with a token. If the API rejects the token, invalidates exactly that token and
    /// sends once more with another. Tokens, requests and responses together take at most the options' `max_wait`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no token, no response, or if a token may not go to the request's URL. An error
    /// status is a response.
    pub fn send<B: RequestBody>(
        &self,
        request: &Request<B>,
    ) -> Result<Response<SecretBytes>, CallError> {
        self.send_within(request, self.shared.options.max_wait)
    }

    /// Sends a request as [`send`](Self::send) does, with this much time for all of it.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn send_within<B: RequestBody>(
        &self,
        request: &Request<B>,
        max_wait: Duration,
    ) -> Result<Response<SecretBytes>, CallError> {
        let (response, _) = self.exchange(&ApiRequest::new(request), max_wait)?;
        Ok(response)
    }

    /// Returns the final response, and if it rejects the token, why there was no other.
    fn exchange(
        &self,
        request: &ApiRequest<'_>,
        max_wait: Duration,
    ) -> Result<(Response<SecretBytes>, Option<TokenError>), CallError> {
        request.check_origin(&self.config())?;
        let deadline = Deadline::new(self.now(), max_wait);
        let mut replay = Replay::new(self.token_until(deadline)?);
        // Promise 8: the token may be of a configuration that came meanwhile.
        let mut config = self.config();
        request.check_origin(&config)?;
        let mut bounds = request.limits(&self.shared.options, deadline.left(self.now()))?;
        loop {
            let token = replay.token();
            let attempt = request.authorized(token);
            let sent = self.parts.transport.send(attempt, bounds);
            let mut response = sent.map_err(|error| error.at(request.uri()))?;
            token.note_in(&mut response);
            if !replay.is_rejected(challenge(&response, config.provider())) {
                return Ok((response, None));
            }
            self.invalidate(replay.token());
            let has_another =
                self.shared.options.replay && replay.again_with(self.token_until(deadline));
            config = self.config();
            let is_allowed = request.check_origin(&config).is_ok();
            bounds = match request.limits(&self.shared.options, deadline.left(self.now())) {
                Ok(left) if has_another && is_allowed => left,
                // Promise 6: without time for a second attempt, the response is the caller's.
                _ => return Ok((response, replay.into_error())),
            };
        }
    }

    fn token_until(&self, deadline: Deadline) -> Result<AccessToken, TokenError> {
        let now = self.now();
        match self.shared.cached(now) {
            Some(token) => Ok(token),
            None => self.fetch(deadline.caller(now)),
        }
    }
}
