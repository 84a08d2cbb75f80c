//! Requests and outcomes on their way through a source.

use edge_oauth_no_io::{AccessToken, SecretBytes};
use http::Request;

/// A copy of the request with the token in it. The original stays, to be sent once more.
pub(crate) fn authorized(
    token: &AccessToken,
    request: &Request<impl AsRef<[u8]>>,
) -> Request<SecretBytes> {
    let mut copy = Request::new(SecretBytes::new(request.body().as_ref().to_vec()));
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    token.authorize(&mut copy);
    copy
}
