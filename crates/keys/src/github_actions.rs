//! The identity of a GitHub Actions job.
//!
//! [`request`] and [`response`] do no IO; [`GitHubActions`] and [`AsyncGitHubActions`] send the request through a
//! transport of the driver.
//!
//! ```
//! use edge_oauth_keys::github_actions::{request, response};
//! use edge_oauth_no_io::Secret;
//!
//! let url = "https://token.actions.example/id?api-version=2.0";
//! let sent = request(url, &Secret::new("runner"), Some("https://login.example"))?;
//! assert_eq!(
//!     sent.uri(),
//!     "https://token.actions.example/id?api-version=2.0&audience=https%3A%2F%2Flogin.example"
//! );
//! assert_eq!(sent.headers()["authorization"], "bearer runner");
//!
//! let received = http::Response::new(br#"{"count":1,"value":"header.claims.signature"}"#);
//! assert_eq!(response(&received)?.expose(), "header.claims.signature");
//! # Ok::<_, edge_oauth_no_io::CredentialError>(())
//! ```

use std::time::Duration;
use std::{env, fmt};

use edge_oauth_driver::{AssertionSource, AsyncAssertionSource, BoxFuture, blocking, nonblocking};
use edge_oauth_no_io::{
    AssertionRequest, CredentialError, RequestLimits, Secret, SecretBytes, TransportError,
    may_carry_token,
};
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, Response, StatusCode};

use crate::assertion::check::{Rotation, checked};
use crate::clock::Clock;
use crate::json::Object;

/// Returns the request for the job's JWT. `url` and `token` are the values of `ACTIONS_ID_TOKEN_REQUEST_URL` and
/// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`; without an audience, the JWT is for the repository owner's URL.
///
/// # Errors
///
/// Returns a permanent error if the URL or the token cannot be sent.
pub fn request(
    url: &str,
    token: &Secret,
    audience: Option<&str>,
) -> Result<Request<SecretBytes>, CredentialError> {
    let url = match audience {
        Some(audience) => {
            let separator = if url.contains('?') { '&' } else { '?' };
            let audience: String = form_urlencoded::byte_serialize(audience.as_bytes()).collect();
            format!("{url}{separator}audience={audience}")
        }
        None => url.to_owned(),
    };
    let uri = url.parse().ok().filter(may_carry_token).ok_or_else(|| {
        CredentialError::permanent(format_args!(
            "{URL} is not an https URL: do not change the variable"
        ))
    })?;
    let header = SecretBytes::new(format!("bearer {}", token.expose()).into_bytes());
    let mut header = HeaderValue::from_maybe_shared(bytes::Bytes::from(header)).map_err(|_| {
        CredentialError::permanent(format_args!(
            "{TOKEN} has a character that a header cannot have: do not change the variable"
        ))
    })?;
    header.set_sensitive(true);
    let mut request = Request::new(SecretBytes::new(Vec::new()));
    *request.uri_mut() = uri;
    request.headers_mut().insert(AUTHORIZATION, header);
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// Returns the JWT in the response.
///
/// # Errors
///
/// Returns a transient error for a server error, a rate limit and a body that is not the expected JSON, and a permanent
/// error for each other status.
pub fn response(response: &Response<impl AsRef<[u8]>>) -> Result<Secret, CredentialError> {
    let status = response.status();
    if status != StatusCode::OK {
        let detail = format!(
            "GitHub's identity service responded with status {}: {}",
            status.as_u16(),
            if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                PERMISSION
            } else {
                "check the audience and https://www.githubstatus.com"
            }
        );
        return Err(
            if status.is_server_error()
                || matches!(
                    status,
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
                )
            {
                CredentialError::transient(detail)
            } else {
                CredentialError::permanent(detail)
            },
        );
    }
    let object = Object::read(response.body().as_ref());
    match object.as_ref().and_then(|object| object.text("value")) {
        Some(jwt) => Ok(Secret::new(jwt)),
        None => Err(CredentialError::transient(
            "the response of GitHub's identity service has no `value`: check that no proxy is in between",
        )),
    }
}

/// An assertion source that requests the job's JWT over a transport for threads.
///
/// The job needs `permissions: id-token: write`. Each attempt requests a new JWT.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_driver::testing::{Clock, ScriptedTransport};
/// use edge_oauth_keys::GitHubActions;
/// use edge_oauth_no_io::{AssertionRequest, Purpose, Secret};
///
/// let transport = ScriptedTransport::new(Clock::new(), |_request| {
///     Ok(http::Response::new(br#"{"value":"header.claims.signature"}"#.to_vec()))
/// });
/// // In a job: GitHubActions::from_env(transport, Some("https://login.example"))
/// let source = GitHubActions::new(transport, "https://token.actions.example/", Secret::new("runner"), None)?;
/// let jwt = source.assertion(&AssertionRequest::new(Purpose::ClientAuth))?;
/// assert_eq!(jwt.expose(), "header.claims.signature");
/// # Ok::<_, edge_oauth_no_io::CredentialError>(())
/// ```
#[derive(Clone)]
pub struct GitHubActions<T>(Job<T>);

/// An assertion source that requests the job's JWT over a transport for tasks. It is [`GitHubActions`] otherwise.
///
/// ```
/// use edge_oauth_driver::AsyncAssertionSource;
/// use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
/// use edge_oauth_keys::AsyncGitHubActions;
/// use edge_oauth_no_io::{AssertionRequest, Purpose, Secret};
///
/// let transport = ScriptedTransport::new(Clock::new(), |_request| {
///     Ok(http::Response::new(br#"{"value":"header.claims.signature"}"#.to_vec()))
/// });
/// let source = AsyncGitHubActions::new(transport, "https://token.actions.example/", Secret::new("runner"), None)?;
/// let jwt = block_on(source.assertion(&AssertionRequest::new(Purpose::ClientAuth)))?;
/// assert_eq!(jwt.expose(), "header.claims.signature");
/// # Ok::<_, edge_oauth_no_io::CredentialError>(())
/// ```
#[derive(Clone)]
pub struct AsyncGitHubActions<T>(Job<T>);

macro_rules! constructors {
    ($name:ident) => {
        impl<T> $name<T> {
            /// Returns a source for the job that this process runs in.
            ///
            /// # Errors
            ///
            /// Returns a permanent error if the job has no `permissions: id-token: write`.
            pub fn from_env(transport: T, audience: Option<&str>) -> Result<Self, CredentialError> {
                let (url, token) = variables(|name| env::var(name).ok())?;
                Self::new(transport, &url, token, audience)
            }

            /// Returns a source for the values of `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
            ///
            /// # Errors
            ///
            /// Returns a permanent error if the URL or the token cannot be sent.
            pub fn new(
                transport: T,
                url: &str,
                token: Secret,
                audience: Option<&str>,
            ) -> Result<Self, CredentialError> {
                Ok(Self(Job {
                    transport,
                    request: request(url, &token, audience)?,
                    clock: Clock::default(),
                }))
            }

            /// Sets the clock that an expired assertion is found with: the time since the Unix epoch.
            #[must_use]
            pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
                self.0.clock = Clock::new(now);
                self
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

constructors!(GitHubActions);
constructors!(AsyncGitHubActions);

impl<T: blocking::Transport> AssertionSource for GitHubActions<T> {
    fn assertion(&self, _request: &AssertionRequest) -> Result<Secret, CredentialError> {
        let job = &self.0;
        job.read(job.transport.send(job.request.clone(), LIMITS))
    }
}

impl<T: nonblocking::Transport> AsyncAssertionSource for AsyncGitHubActions<T> {
    fn assertion<'a>(
        &'a self,
        _request: &'a AssertionRequest,
    ) -> BoxFuture<'a, Result<Secret, CredentialError>> {
        let job = &self.0;
        Box::pin(async move { job.read(job.transport.send(job.request.clone(), LIMITS).await) })
    }
}

#[derive(Clone)]
struct Job<T> {
    transport: T,
    request: Request<SecretBytes>,
    clock: Clock,
}

impl<T> Job<T> {
    fn read(
        &self,
        received: Result<Response<SecretBytes>, TransportError>,
    ) -> Result<Secret, CredentialError> {
        let received = received.map_err(|error| {
            let detail = "GitHub's identity service cannot be reached";
            let failure = if error.is_transient() {
                CredentialError::transient(detail)
            } else {
                CredentialError::permanent(detail)
            };
            failure.with_source(error)
        })?;
        let jwt = response(&received)?;
        let place = "the response of GitHub's identity service";
        checked(
            jwt.expose().as_bytes(),
            &place,
            Rotation::Rotated,
            &self.clock,
        )
    }
}

fn variables(lookup: impl Fn(&str) -> Option<String>) -> Result<(String, Secret), CredentialError> {
    let get = |name: &str| {
        let value = lookup(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| {
            CredentialError::permanent(format_args!("the variable {name} is not set: {PERMISSION}"))
        })
    };
    Ok((get(URL)?, Secret::new(get(TOKEN)?)))
}

const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const PERMISSION: &str =
    "give the job `permissions: id-token: write` in its GitHub Actions workflow";
const LIMITS: RequestLimits = RequestLimits {
    timeout: Duration::from_secs(10),
    body: 64 * 1024,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_variable_asks_for_the_permission() {
        for set in [&[][..], &[URL], &[TOKEN]] {
            let lookup = |name: &str| set.contains(&name).then(|| "set".to_owned());
            let error = variables(lookup).unwrap_err();
            assert!(!error.is_transient());
            assert!(error.to_string().contains("`permissions: id-token: write`"));
        }
        let (url, token) = variables(|name| Some(name.to_owned())).unwrap();
        assert_eq!((url.as_str(), token.expose()), (URL, TOKEN));
    }
}
