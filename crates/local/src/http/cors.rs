//! Requests of web pages of other origins (CORS, as the Fetch standard defines it).

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderName, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use crate::http::response;

/// The origins whose pages may send requests and read the responses.
pub(crate) struct Cors {
    origins: Vec<String>,
}

impl Cors {
    pub(crate) fn new(origins: &[String]) -> Self {
        Self {
            origins: origins.to_vec(),
        }
    }

    /// Returns the response to a preflight, by which a browser asks whether it may send a request. Returns `None` if
    /// the request is no preflight, or of no permitted origin.
    pub(crate) fn preflight<B>(&self, request: &Request<B>) -> Option<Response<Vec<u8>>> {
        let headers = request.headers();
        let method = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if request.method() != Method::OPTIONS || self.permitted(headers).is_none() {
            return None;
        }
        let mut response = response::empty(StatusCode::NO_CONTENT);
        let permitted = response.headers_mut();
        permitted.insert(ACCESS_CONTROL_ALLOW_METHODS, method.clone());
        if let Some(names) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            permitted.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        Some(response)
    }

    /// Lets a page of a permitted origin read the response with all of its headers.
    pub(crate) fn expose(&self, request: &HeaderMap, response: &mut HeaderMap) {
        if self.origins.is_empty() {
            return;
        }
        response.append(VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = self.permitted(request) {
            let names: Vec<_> = response.keys().map(HeaderName::as_str).collect();
            if let Ok(names) = HeaderValue::try_from(names.join(", ")) {
                response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, names);
            }
            response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
    }

    fn permitted<'a>(&self, request: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let origin = request.get(ORIGIN)?;
        let mut origins = self.origins.iter();
        origins
            .any(|permitted| permitted == origin)
            .then_some(origin)
    }
}
