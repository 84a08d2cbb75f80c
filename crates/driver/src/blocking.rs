//! For threads: the transport's face, and the loop that waits.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Config, Moment, Operation, RequestLimits, SecretBytes, Step, StoredToken,
    TokenError, TransportError, may_carry_token, token_rejected, token_request, token_response,
};
use http::{HeaderValue, Request, Response};

use crate::clock::system_time;
use crate::error::CallError;
use crate::notify::Notified;
use crate::options::Options;
use crate::request::authorized;
use crate::shared::{Flight, Shared, Waiting, patience};
use crate::trace;

/// Http in, http out, for threads.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request, once, to its URL only, follows no redirect, and reads the whole answer within
    /// the bounds. Every status is an answer.
    fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError>;

    /// What time it is: the machine's clocks, unless a test has its own.
    fn now(&self) -> Moment {
        system_time()
    }

    /// Blocks until the bell rings, and no longer than this time.
    fn wait(&self, bell: Notified, at_most: Duration) {
        bell.wait(at_most);
    }
}

/// A token that stays usable, for any number of threads. Clones share one token.
pub struct TokenSource<T> {
    shared: Arc<Shared>,
    transport: Arc<T>,
}

impl<T: Transport> TokenSource<T> {
    /// A source that holds nothing yet; the first caller fetches.
    pub fn new(transport: T, config: Config) -> Self {
        Self::with_options(transport, config, Options::default())
    }

    /// The same, with other numbers or an observer.
    pub fn with_options(transport: T, config: Config, options: Options) -> Self {
        Self {
            shared: Shared::new(config, options),
            transport: Arc::new(transport),
        }
    }

    /// A usable token. Without waiting where one is held, and from a thread's third call on without a
    /// lock; otherwise one caller fetches and the others wait, each until the options' deadline.
    #[inline]
    pub fn token(&self) -> Result<AccessToken, TokenError> {
        self.token_within(self.shared.options.max_wait)
    }

    /// The same, for a caller with a deadline of its own.
    #[inline]
    pub fn token_within(&self, deadline: Duration) -> Result<AccessToken, TokenError> {
        let now = self.transport.now();
        match self.shared.leased(now) {
            Some(token) => Ok(token),
            None => self.fetch(now.after(deadline)),
        }
    }

    /// The header value of a usable token, for who has no use for knowing which token an API refuses.
    #[inline]
    pub fn authorization(&self) -> Result<HeaderValue, TokenError> {
        Ok(self.token()?.authorization())
    }

    fn fetch(&self, deadline: Moment) -> Result<AccessToken, TokenError> {
        let mut waiting = Waiting::default();
        loop {
            let bell = self.shared.listen();
            let now = self.transport.now();
            let left = deadline.monotonic.saturating_sub(now.monotonic);
            let (step, number) = self.shared.poll(&mut waiting, now);
            match step {
                Step::Use(token) => return Ok(token),
                Step::Refresh { token, exchange } => {
                    let (flight, request, timeout) =
                        Flight::new(&self.shared, exchange, number, now);
                    self.send_beside(flight, request, timeout);
                    return Ok(token);
                }
                Step::Send(exchange) => {
                    let (flight, request, timeout) =
                        Flight::new(&self.shared, exchange, number, now);
                    if self.shared.goes_beside(left, timeout) {
                        waiting.0 = waiting.0.or(Some(number));
                        self.send_beside(flight, request, timeout);
                        continue;
                    }
                    let send = || self.transport.send(request, RequestLimits::token(timeout));
                    let outcome = trace::run(send);
                    if let Some(token) = flight.land(outcome, self.transport.now()) {
                        return Ok(token);
                    }
                }
                Step::Wait { at_most, because } => {
                    self.transport.wait(bell, patience(at_most, because, left)?);
                }
                Step::Fail(error) => return Err(error),
            }
        }
    }

    /// Where no thread can be had, the flight is dropped, and the next caller tries again.
    fn send_beside(&self, mut flight: Flight, request: Request<SecretBytes>, timeout: Duration) {
        flight.go_beside();
        let transport = Arc::clone(&self.transport);
        let task = move || {
            let outcome = trace::run(|| transport.send(request, RequestLimits::token(timeout)));
            flight.land(outcome, transport.now());
        };
        let _ = thread::Builder::new()
            .name("edge-oauth-exchange".to_owned())
            .spawn(task);
    }

    /// Sets the request's `Authorization` header. Returns the token, to be rejected should the API
    /// refuse it.
    pub fn authorize<B>(&self, request: &mut Request<B>) -> Result<AccessToken, TokenError> {
        let token = self.token()?;
        token.authorize(request);
        Ok(token)
    }

    /// Calls a protected API: sends the operation's request as [`send`](Self::send) does, and reads the
    /// answer. A request that is sent once more was not acted upon the first time, since its token was
    /// refused; so any operation may be called, whatever its method. Where the new token cannot be had,
    /// the error says why, and not that the old one was refused.
    pub fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        match self.exchange(&operation.request())? {
            (_, Some(no_token)) => Err(CallError::Token(no_token)),
            (response, None) => Ok(operation.parse(&response)?),
        }
    }

    /// Sends a request to a protected API, authorised. Where the API refuses the token, drops exactly
    /// that token and sends once more with another; the second answer is final, and so is the first
    /// where no other token is to be had. Each exchange may take as long as the options' deadline.
    pub fn send<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
    ) -> Result<Response<SecretBytes>, CallError> {
        let (response, _) = self.exchange(request)?;
        Ok(response)
    }

    /// The final answer, and where it refuses the token, why there was no other.
    fn exchange<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
    ) -> Result<(Response<SecretBytes>, Option<TokenError>), CallError> {
        if !may_carry_token(request.uri()) {
            return Err(CallError::InsecureUrl);
        }
        let token = self.token()?;
        let response = self.send_with(&token, request)?;
        if !token_rejected(&response) {
            return Ok((response, None));
        }
        self.invalidate(&token);
        match self.token() {
            Ok(fresh) if !fresh.is_same(&token) => Ok((self.send_with(&fresh, request)?, None)),
            // New ones were refused as well: the API's own answer says most.
            Ok(_) => Ok((response, None)),
            Err(error) => Ok((response, Some(error))),
        }
    }

    /// A resource server refused exactly this token. Drops it, unless it is an older one than is held, or
    /// one new token after the other is refused, which is not the tokens' fault.
    pub fn invalidate(&self, token: &AccessToken) {
        self.shared.invalidate(token, self.transport.now());
    }

    /// Takes a stored token over, where it is still usable and none is held yet. Returns whether it was.
    pub fn restore(&self, stored: &StoredToken) -> bool {
        self.shared.restore(stored, self.transport.now())
    }

    fn send_with<B: AsRef<[u8]>>(
        &self,
        token: &AccessToken,
        request: &Request<B>,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let options = &self.shared.options;
        let bounds = RequestLimits {
            timeout: options.max_wait,
            body: options.max_body,
        };
        let request = authorized(token, request);
        let uri = request.uri().clone();
        let response = self.transport.send(request, bounds);
        let mut response = response.map_err(|error| error.at(&uri))?;
        token.note_in(&mut response);
        Ok(response)
    }
}

impl<T> TokenSource<T> {
    /// Replaces the configuration, such as after the secret was rotated.
    pub fn replace_config(&self, config: Config) {
        self.shared.replace_config(config);
    }

    /// The configuration in use.
    pub fn config(&self) -> Config {
        self.shared.config()
    }

    /// The held token, to be stored across runs.
    pub fn export(&self) -> Option<StoredToken> {
        self.shared.export()
    }
}

impl<T> Clone for TokenSource<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            transport: Arc::clone(&self.transport),
        }
    }
}

impl<T> fmt::Debug for TokenSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("config", &self.config())
            .finish_non_exhaustive()
    }
}

/// Asks once for a token, without a lifecycle. `timeout` bounds the whole exchange.
///
/// # Errors
///
/// If there was no response, or one that contains no token. The error names the endpoint's host.
pub fn fetch(
    transport: &impl Transport,
    config: &Config,
    timeout: Duration,
) -> Result<AccessToken, TokenError> {
    let request = token_request(config);
    let endpoint = request.uri().clone();
    let response = transport.send(request, RequestLimits::token(timeout));
    token_response(config, &response.map_err(|error| error.at(&endpoint))?)
}
