//! One token without a lifecycle.

use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Acquisition, Action, Completion, Config, TokenError};

use crate::blocking::transport::Transport;
use crate::clock::system_time;
use crate::credentials::{missing_assertion_source, missing_signer};
use crate::random;

/// Requests one token, without a cache and without a shared store. `timeout` limits the request with its response.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::blocking::fetch;
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use edge_oauth_no_io::{Config, Secret};
///
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// assert_eq!(fetch(&transport, &config, Duration::from_secs(10))?.expose(), "abc");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// A program that needs one token and shares it takes a [`TokenSource`](crate::blocking::TokenSource) with a store. It
/// gets the token of an earlier run, if that one still lasts:
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::testing::{MemoryStore, ScriptedTransport};
/// use edge_oauth_no_io::{Config, Secret};
///
/// let store = Arc::new(MemoryStore::new()); // of `edge-oauth-store` or `edge-oauth-redis`
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// for name in ["first", "second"] {
///     let body = format!(r#"{{"access_token":"{name}","expires_in":900}}"#);
///     let transport = ScriptedTransport::new(move |_| Ok(http::Response::new(body.clone().into())));
///     let source = TokenSource::builder(config.clone()).store(Arc::clone(&store))?.build(transport);
///     assert_eq!(source.token_within(Duration::from_secs(10))?.expose(), "first");
///     source.settle(Duration::from_secs(1)); // the token is in the store
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns the error response or the failure. A configuration that needs an assertion is a permanent error: it takes a
/// [`TokenSource`](crate::blocking::TokenSource) with a signer or an assertion source.
pub fn fetch(
    transport: &impl Transport,
    config: &Config,
    timeout: Duration,
) -> Result<AccessToken, TokenError> {
    let mut acquisition = Acquisition::new(config, timeout, system_time());
    loop {
        let completion = match acquisition.poll(system_time(), random::unique()) {
            Action::Send(request, limits) => match transport.send(request, limits) {
                Ok(response) => Completion::Response(response),
                Err(error) => Completion::Failed(error),
            },
            Action::Sign(_) => Completion::Signature(Err(missing_signer())),
            Action::Assertion(_) => Completion::Assertion(Err(missing_assertion_source())),
            _ => return acquisition.finish(),
        };
        acquisition.handle(completion, system_time());
    }
}
