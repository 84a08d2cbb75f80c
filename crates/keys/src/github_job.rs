//! Sources that request the identity of a GitHub Actions job.

use std::time::Duration;
use std::{env, fmt};

use edge_oauth_driver::{AssertionSource, AsyncAssertionSource, BoxFuture, blocking, nonblocking};
use edge_oauth_no_io::{
    AssertionRequest, CredentialError, RequestLimits, Secret, SecretBytes, TransportError,
};
use http::{Request, Response};

use crate::assertion::check::{Rotation, checked};
use crate::clock::Clock;
use crate::github_actions::{PERMISSION, TOKEN, URL, request, response};

/// An assertion source that requests the job's JWT over a transport for threads.
///
/// The job needs `permissions: id-token: write`. Each attempt requests a new JWT.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use edge_oauth_keys::GitHubActions;
/// use edge_oauth_no_io::{AssertionRequest, Purpose, Secret};
///
/// let transport = ScriptedTransport::new(|_request| {
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
/// use edge_oauth_driver::testing::{ScriptedTransport, block_on};
/// use edge_oauth_keys::AsyncGitHubActions;
/// use edge_oauth_no_io::{AssertionRequest, Purpose, Secret};
///
/// let transport = ScriptedTransport::new(|_request| {
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
            failure.with_source(error.at(self.request.uri()))
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

const LIMITS: RequestLimits = RequestLimits::new(Duration::from_secs(10), 64 * 1024);

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
