//! A response of the token endpoint in the form in which processes share it.

use std::fmt;
use std::time::Duration;

use http::{Response, StatusCode, header};

use crate::config::config::Config;
use crate::culprit::Culprit;
use crate::secret::SecretBytes;
use crate::store::shared_body::{EXPIRES_IN, error_body, token_body};
use crate::token::AccessToken;
use crate::token_response::error::{ErrorResponse, TokenError};
use crate::token_response::response::token_response;
use crate::transport::request_limits::BODY_LIMIT;

/// A token or an error response that processes share.
///
/// It is made from the values that [`token_response`](crate::token_response) read, never from the response itself. So
/// no refresh token, id token or header gets into a store. It is a secret: a store holds it sealed.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Config, Secret, SharedResponse, token_response};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let outcome = token_response(&config, &http::Response::new(r#"{"access_token":"abc","expires_in":900}"#));
///
/// let born = Duration::from_secs(1_800_000_000); // by the store's clock
/// let shared = SharedResponse::new(&config, born, &outcome).expect("a token is shared");
/// let read = SharedResponse::from_bytes(shared.to_bytes().as_ref()).expect("these bytes are a response");
/// assert_eq!(read.age(born + Duration::from_secs(60)), Some(Duration::from_secs(60)));
/// assert_eq!(token_response(&config, &read.response(born))?.expose(), "abc");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SharedResponse {
    /// In microseconds since the Unix epoch, by the store's clock.
    born: u64,
    /// The same; 0 if the server named none, [`PAST`] if the one that it named is not shared, and [`FAULT`] if there was
    /// no response.
    retry_at: u64,
    status: StatusCode,
    body: SecretBytes,
}

impl SharedResponse {
    /// Returns the outcome of a token request if it is one to share: a token, or an error response of the server. All
    /// other faults, such as the error page of a proxy, are of one host and its network.
    ///
    /// `born` is the store's clock at the claim that gave the lease: the lifetime counts from then.
    pub fn new(
        config: &Config,
        born: Duration,
        outcome: &Result<AccessToken, TokenError>,
    ) -> Option<Self> {
        match outcome {
            Ok(token) => Some(Self::with(born, StatusCode::OK, token_body(token))),
            Err(TokenError::ErrorResponse(error)) if error.culprit != Culprit::Network => {
                Self::of_error(config, born, error)
            }
            Err(_) => None,
        }
    }

    /// Returns a response that is read as this error, down to its hint. The meaning of a body without words depends on its
    /// kind and on `Retry-After`, so the kinds are tried.
    // fault: shared-error-response-is-classified-anew
    fn of_error(config: &Config, born: Duration, error: &ErrorResponse) -> Option<Self> {
        let without_wait = |error: &ErrorResponse| ErrorResponse {
            retry_after: None,
            ..error.clone()
        };
        let is_same = |shared: &Self| match token_response(config, &shared.response(born)) {
            Err(TokenError::ErrorResponse(read)) => without_wait(&read) == without_wait(error),
            _ => false,
        };
        let bodies = [error_body(error), Vec::new(), FOREIGN.to_vec()];
        let shared = bodies.map(|body| Self::with(born, error.status, body));
        let with_wait = shared.clone().map(|shared| shared.with_retry_at(PAST));
        shared.into_iter().chain(with_wait).find(is_same)
    }

    fn with(born: Duration, status: StatusCode, body: Vec<u8>) -> Self {
        Self {
            born: micros(born),
            retry_at: 0,
            status,
            body: SecretBytes::new(body),
        }
    }

    /// Adds the time that the server named for the next attempt, by the store's clock.
    ///
    /// Only for a store of one machine: `Retry-After` may be meant for one address.
    #[must_use]
    pub fn with_retry_at(mut self, retry_at: Duration) -> Self {
        self.retry_at = micros(retry_at);
        self
    }

    /// Returns the note that a token request of one machine failed without a response to share. Processes of the same
    /// machine that have a valid token back off with it, and others ignore it.
    pub fn fault(born: Duration) -> Self {
        Self {
            retry_at: micros(FAULT),
            ..Self::with(born, StatusCode::GATEWAY_TIMEOUT, FOREIGN.to_vec())
        }
    }

    /// Returns whether it is the note of a [`fault`](Self::fault).
    pub fn is_fault(&self) -> bool {
        self.retry_at == micros(FAULT)
    }

    /// Returns the store's clock at the claim under which the response was obtained.
    pub fn born(&self) -> Duration {
        Duration::from_micros(self.born)
    }

    /// Returns how old the response is; `None` if it is from the future, because the store's clock was set back.
    pub fn age(&self, now: Duration) -> Option<Duration> {
        now.checked_sub(self.born())
    }

    /// Returns the time that the server named for the next attempt, by the store's clock.
    pub fn retry_at(&self) -> Option<Duration> {
        let retry_at = Duration::from_micros(self.retry_at);
        (retry_at > FAULT).then_some(retry_at)
    }

    /// Returns whether the server named the token's lifetime.
    pub fn names_lifetime(&self) -> bool {
        // Text in the body has its quotes escaped, so this is the member.
        let body = self.body.as_ref();
        body.windows(EXPIRES_IN.len())
            .any(|part| part == EXPIRES_IN)
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the response for [`token_response`](crate::token_response) to read, with the rest of the server's wait as
    /// `Retry-After`.
    pub fn response(&self, now: Duration) -> Response<SecretBytes> {
        let mut response = Response::new(self.body.clone());
        *response.status_mut() = self.status;
        if self.retry_at > 0 {
            let wait = Duration::from_micros(self.retry_at).saturating_sub(now);
            // RFC 9110 §10.2.3 has whole seconds; a wait is never cut short.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    /// Returns the response as bytes, to be sealed.
    pub fn to_bytes(&self) -> SecretBytes {
        // All at once: memory that grows would leave a copy behind.
        let bytes = [
            &self.born.to_be_bytes()[..],
            &self.retry_at.to_be_bytes(),
            &self.status.as_u16().to_be_bytes(),
            self.body.as_ref(),
        ];
        SecretBytes::new(bytes.concat())
    }

    /// Returns the response that [`to_bytes`](Self::to_bytes) wrote; `None` if these bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (born, rest) = bytes.split_first_chunk()?;
        let (retry_at, rest) = rest.split_first_chunk()?;
        let (status, body) = rest.split_first_chunk()?;
        if body.len() > BODY_LIMIT {
            return None;
        }
        Some(Self {
            born: u64::from_be_bytes(*born),
            retry_at: u64::from_be_bytes(*retry_at),
            status: StatusCode::from_u16(u16::from_be_bytes(*status)).ok()?,
            body: SecretBytes::new(body.to_vec()),
        })
    }
}

impl fmt::Debug for SharedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedResponse")
            .field("born", &self.born())
            .field("retry_at", &self.retry_at())
            .field("status", &self.status.as_u16())
            .field("body", &self.body)
            .finish()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A body that is no response of a token endpoint.
const FOREIGN: &[u8] = b"-";
const PAST: Duration = Duration::from_micros(1);
const FAULT: Duration = Duration::from_micros(2);
