//! API requests and responses on their way through a source.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Config, Origin, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
};
use http::{Request, Response};

use crate::error::CallError;
use crate::options::Options;

/// Returns a copy of the request. Its body is copied once, however often it is sent.
pub(crate) fn owned(request: &Request<impl AsRef<[u8]>>) -> Request<SecretBytes> {
    let mut copy = Request::new(SecretBytes::new(request.body().as_ref().to_vec()));
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    copy
}

/// Returns the request with the token. The original stays, to be sent once more.
pub(crate) fn authorized(
    token: &AccessToken,
    request: &Request<SecretBytes>,
) -> Request<SecretBytes> {
    let mut copy = request.clone();
    token.authorize(&mut copy);
    copy
}

/// Promise 8: a token goes to its API's origins only.
pub(crate) fn check_origin<B>(config: &Config, request: &Request<B>) -> Result<(), CallError> {
    match config.provider().allows(request.uri()) {
        true => Ok(()),
        false => Err(CallError::UrlNotAllowed),
    }
}

/// Returns the limits of an API request, or a timeout if no time is left for it.
pub(crate) fn limits(options: &Options, left: Duration) -> Result<RequestLimits, TransportError> {
    if left.is_zero() {
        let why = "no time is left for the API request";
        return Err(TransportError::new(TransportErrorKind::Timeout, why));
    }
    Ok(RequestLimits::new(left, options.max_body))
}

/// Promise 8: an `http` endpoint is refused unless it is the loopback. A `Config` has been checked already, and a request
/// of another library has not.
pub(crate) fn check_endpoint<B>(request: &Request<B>) -> Result<(), TransportError> {
    let why = "the endpoint is neither https nor the loopback";
    match Origin::is_secure(request.uri()) {
        true => Ok(()),
        false => Err(TransportError::new(TransportErrorKind::Other, why)),
    }
}

pub(crate) fn secret(request: Request<Vec<u8>>) -> Request<SecretBytes> {
    request.map(SecretBytes::new)
}

pub(crate) fn revealed(response: Response<SecretBytes>) -> Response<Vec<u8>> {
    response.map(|body| body.as_ref().to_vec())
}
