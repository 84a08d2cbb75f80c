//! One token without a lifecycle.

use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Acquisition, Action, Completion, Config, Moment, TokenError};

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use crate::clock::system_time;
use crate::credentials::{missing_assertion_source, missing_signer};
use crate::nonblocking::runtime::Runtime;
use crate::nonblocking::transport::Transport;
use crate::random;

/// Requests one token, without a cache and without a shared store. `timeout` limits the request with its response.
///
/// A program that needs one token and shares it takes a [`TokenSource`](crate::nonblocking::TokenSource) with a store: it
/// calls `token_within`, which takes the token of an earlier run, and `settle` before it ends. The blocking
/// [`fetch`](crate::blocking::fetch) has this as an example.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::nonblocking::fetch;
/// use edge_oauth_driver::testing::{ScriptedTransport, block_on};
/// use edge_oauth_no_io::{Config, Secret};
///
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let token = block_on(fetch(&transport, &config, Duration::from_secs(10)))?;
/// assert_eq!(token.expose(), "abc");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns the error response or the failure. A configuration that needs an assertion is a permanent error: it takes a
/// [`TokenSource`](crate::nonblocking::TokenSource) with a signer or an assertion source.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub async fn fetch(
    transport: &impl Transport,
    config: &Config,
    timeout: Duration,
) -> Result<AccessToken, TokenError> {
    exchange(transport, config, timeout, system_time).await
}

/// Requests one token as [`fetch`] does, by the clocks of this runtime.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::nonblocking::fetch_on;
/// use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
/// use edge_oauth_no_io::{Config, Secret};
///
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let token = block_on(fetch_on(&Clock::default(), &transport, &config, Duration::from_secs(10)))?;
/// assert_eq!(token.expose(), "abc");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`fetch`].
pub async fn fetch_on(
    runtime: &impl Runtime,
    transport: &impl Transport,
    config: &Config,
    timeout: Duration,
) -> Result<AccessToken, TokenError> {
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    random::mix(runtime.random());
    exchange(transport, config, timeout, || runtime.now()).await
}

async fn exchange(
    transport: &impl Transport,
    config: &Config,
    timeout: Duration,
    now: impl Fn() -> Moment,
) -> Result<AccessToken, TokenError> {
    let mut acquisition = Acquisition::new(config, timeout, now());
    loop {
        let completion = match acquisition.poll(now(), random::unique()) {
            Action::Send(request, limits) => match transport.send(request, limits).await {
                Ok(response) => Completion::Response(response),
                Err(error) => Completion::Failed(error),
            },
            Action::Sign(_) => Completion::Signature(Err(missing_signer())),
            Action::Assertion(_) => Completion::Assertion(Err(missing_assertion_source())),
            _ => return acquisition.finish(),
        };
        acquisition.handle(completion, now());
    }
}
