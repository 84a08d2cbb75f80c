//! API requests and responses on their way through a source.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Config, Origin, RequestBody, RequestLimits, SecretBytes, TransportError,
    TransportErrorKind,
};
use http::{Extensions, HeaderMap, Method, Request, Response, Uri, Version};

use crate::error::CallError;
use crate::options::Options;

/// A request to a protected API, which is sent once more if the API rejects the token.
pub(crate) struct ApiRequest<'r> {
    method: &'r Method,
    uri: &'r Uri,
    version: Version,
    headers: &'r HeaderMap,
    /// Those of an operation, for a transport that it knows.
    extensions: Option<&'r Extensions>,
    /// Each attempt shares it.
    body: SecretBytes,
}

impl<'r> ApiRequest<'r> {
    pub(crate) fn new(request: &'r Request<impl RequestBody>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            extensions: None,
            body: request.body().to_secret_bytes(),
        }
    }

    pub(crate) fn of_operation(request: &'r Request<SecretBytes>) -> Self {
        Self {
            extensions: Some(request.extensions()),
            ..Self::new(request)
        }
    }

    pub(crate) fn uri(&self) -> &Uri {
        self.uri
    }

    /// Returns the request with the token.
    pub(crate) fn authorized(&self, token: &AccessToken) -> Request<SecretBytes> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.version_mut() = self.version;
        // With space for those that the token and the client add, which a clone has not.
        let mut headers = HeaderMap::with_capacity(self.headers.len() + ADDED);
        for (name, value) in self.headers {
            headers.append(name, value.clone());
        }
        *request.headers_mut() = headers;
        if let Some(extensions) = self.extensions {
            request.extensions_mut().clone_from(extensions);
        }
        token.authorize(&mut request);
        request
    }

    /// Returns the limits of an attempt, or a timeout if no time is left for it.
    pub(crate) fn limits(
        &self,
        options: &Options,
        left: Duration,
    ) -> Result<RequestLimits, TransportError> {
        if left.is_zero() {
            let why = "no time is left for the API request";
            let error = TransportError::new(TransportErrorKind::Timeout, why);
            return Err(error.at(self.uri));
        }
        Ok(RequestLimits::new(left, options.max_body))
    }

    /// Promise 8: a token goes to its API's origins only.
    pub(crate) fn check_origin(&self, config: &Config) -> Result<(), CallError> {
        match config.provider().allows(self.uri) {
            true => Ok(()),
            false => Err(CallError::UrlNotAllowed),
        }
    }
}

/// The headers that are added to an API request: `Authorization`, `User-Agent`, `Accept`, `Host`.
const ADDED: usize = 4;

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
