//! A request that is kept for a second attempt.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Version};
use http_body_util::BodyExt;
use reqwest::{Request, Url};

/// The parts of a request that its response does not have.
///
/// `Request::try_clone` takes twice the instructions and four allocations more: it makes maps for the headers and for
/// the extensions. reqwest reads one extension, the timeout.
pub(crate) struct KeptRequest {
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Bytes>,
    version: Version,
    timeout: Option<Duration>,
}

impl KeptRequest {
    /// Returns `None` if the body is a stream, which cannot be copied.
    pub(crate) async fn of(request: &mut Request) -> Option<Self> {
        let body = match request.body_mut() {
            Some(body) => {
                body.as_bytes()?;
                // The frame has all bytes, and shares them.
                let frame = body.frame().await;
                let bytes = frame.and_then(|frame| frame.ok()?.into_data().ok());
                let bytes = bytes.unwrap_or_default();
                *body = bytes.clone().into();
                Some(bytes)
            }
            None => None,
        };
        let headers = request.headers().iter();
        Some(Self {
            method: request.method().clone(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            body,
            version: request.version(),
            timeout: request.timeout().copied(),
        })
    }

    /// Returns the request to this URL.
    pub(crate) fn into_request(self, url: Url) -> Request {
        let mut request = Request::new(self.method, url);
        request.headers_mut().extend(self.headers);
        *request.body_mut() = self.body.map(Into::into);
        *request.version_mut() = self.version;
        *request.timeout_mut() = self.timeout;
        request
    }
}
