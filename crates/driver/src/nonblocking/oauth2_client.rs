//! A transport as the HTTP client of the crate `oauth2`.

use std::time::Duration;

use edge_oauth_no_io::{RequestLimits, TransportError};
use http::{Request, Response};

use crate::maybe_send::BoxFuture;
use crate::nonblocking::transport::Transport;
use crate::request::{check_endpoint, revealed, secret};

/// Returns a client for the flows of the crate `oauth2`, whose `AsyncHttpClient` is any such function.
///
/// It has the limits of a token request, `timeout` and 128 KiB, and refuses an `http` endpoint that is not the loopback.
/// The transport follows no redirect. The body of a response is a `Vec`, which is not wiped.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::nonblocking::oauth2_client;
/// use edge_oauth_driver::testing::{ScriptedTransport, block_on};
/// use http::{Request, Response};
///
/// let transport = ScriptedTransport::new(|_| Ok(Response::new(b"{}".to_vec())));
/// let client = oauth2_client(&transport, Duration::from_secs(10));
/// let request = Request::post("https://login.example/token").body(b"grant_type=refresh_token".to_vec())?;
/// assert_eq!(block_on(client(request))?.body(), b"{}");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn oauth2_client<'t>(
    transport: &'t impl Transport,
    timeout: Duration,
) -> impl Fn(Request<Vec<u8>>) -> Sent<'t> {
    move |request| {
        Box::pin(async move {
            check_endpoint(&request)?;
            let limits = RequestLimits::token(timeout);
            let response = transport.send(secret(request), limits).await;
            response.map(revealed)
        })
    }
}

type Sent<'t> = BoxFuture<'t, Result<Response<Vec<u8>>, TransportError>>;
