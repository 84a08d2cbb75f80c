//! A transport as the HTTP client of the crate `oauth2`.

use std::time::Duration;

use edge_oauth_no_io::{RequestLimits, TransportError};
use http::{Request, Response};

use crate::blocking::transport::Transport;
use crate::request::{check_endpoint, revealed, secret};

/// Returns a client for the flows of the crate `oauth2`, whose `SyncHttpClient` is any such function.
///
/// It has the limits of a token request, `timeout` and 128 KiB, and refuses an `http` endpoint that is not the loopback.
/// The transport follows no redirect. The body of a response is a `Vec`, which is not wiped.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::blocking::oauth2_client;
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use http::{Request, Response};
///
/// let transport = ScriptedTransport::new(|_| Ok(Response::new(b"{}".to_vec())));
/// let client = oauth2_client(&transport, Duration::from_secs(10));
/// let request = Request::post("https://login.example/token").body(b"grant_type=refresh_token".to_vec())?;
/// assert_eq!(client(request)?.body(), b"{}");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn oauth2_client(
    transport: &impl Transport,
    timeout: Duration,
) -> impl Fn(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
    move |request| {
        check_endpoint(&request)?;
        let response = transport.send(secret(request), RequestLimits::token(timeout));
        response.map(revealed)
    }
}
