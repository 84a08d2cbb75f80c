//! Requests and outcomes on their way through a source.

use std::time::Duration;

use edge_oauth_no_io::{AccessToken, SecretBytes, TransportError, TransportErrorKind};
use http::{Request, Response};

/// A copy of the request with the token in it. The original stays, to be sent once more.
pub(crate) fn authorized(token: &AccessToken, request: &Request<Vec<u8>>) -> Request<SecretBytes> {
    let mut copy = Request::new(SecretBytes::new(request.body().clone()));
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    token.authorize(&mut copy);
    copy
}

/// Whether it was the caller's own deadline that ended the exchange, and not the server's slowness.
pub(crate) fn is_own_deadline(
    outcome: &Result<Response<SecretBytes>, TransportError>,
    left: Duration,
    timeout: Duration,
) -> bool {
    let timed_out = |error: &TransportError| error.kind() == TransportErrorKind::Timeout;
    left < timeout && outcome.as_ref().is_err_and(timed_out)
}
