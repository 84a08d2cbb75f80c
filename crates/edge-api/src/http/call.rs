//! The request of an operation, and the reading of its response.

use std::fmt;

use bytes::Bytes;
use edge_oauth_no_io::{ApiError, Secret, SecretBytes, is_web_page};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use serde_json::Value;

use crate::base_url::BaseUrl;
use crate::http::decode_error::DecodeError;
use crate::http::response::ApiResponse;
use crate::input_error::InputError;

/// A request that can be made any number of times, and the secrets that its response might repeat.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: SecretBytes,
    secrets: Vec<Secret>,
    /// The advice if the service rejects the client.
    client_hint: &'static str,
}

impl Call {
    /// Returns a call without a body. `path` is already encoded, and short enough for a URL.
    pub(crate) fn new(base: &BaseUrl, method: Method, path: &str) -> Self {
        let uri = format!("{}{path}", base.as_str());
        let accept = HeaderValue::from_static("application/json");
        Self {
            method,
            uri: uri
                .parse()
                .expect("the base URL was checked, and the path is encoded"),
            headers: HeaderMap::from_iter([(header::ACCEPT, accept)]),
            body: SecretBytes::new(Vec::new()),
            secrets: Vec::new(),
            client_hint: EDGE_CLIENT,
        }
    }

    /// Sets the advice for a client of the wrong kind. By default it is about the Edge APIs.
    pub(crate) fn client_hint(mut self, hint: &'static str) -> Self {
        self.client_hint = hint;
        self
    }

    pub(crate) fn accept(mut self, media_types: &'static str) -> Self {
        self.set(header::ACCEPT, HeaderValue::from_static(media_types));
        self
    }

    /// States that the request has no body, as a PUT or POST should (RFC 9110 §8.6).
    pub(crate) fn no_body(mut self) -> Self {
        self.set(header::CONTENT_LENGTH, HeaderValue::from(0));
        self
    }

    pub(crate) fn json(self, json: &Value) -> Self {
        self.body("application/json", json)
    }

    pub(crate) fn body(mut self, content_type: &'static str, json: &Value) -> Self {
        let body = json.to_string().into_bytes();
        self.set(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.set(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        self.body = SecretBytes::new(body);
        self
    }

    /// Adds the Delivery key that the call is about, as the header `X-GQL-Token`.
    pub(crate) fn key(mut self, key: &Secret) -> Result<Self, InputError> {
        let text = key.expose();
        if text.is_empty() {
            return Err(InputError::Empty { field: "key" });
        }
        if !text.bytes().all(|byte| matches!(byte, b'!'..=b'~')) {
            return Err(InputError::invalid(
                "key",
                "has a character that keys do not have",
            ));
        }
        let value = Bytes::from(SecretBytes::new(text.as_bytes().to_vec()));
        let mut value = HeaderValue::from_maybe_shared(value).expect("every byte was checked");
        value.set_sensitive(true);
        self.set(X_GQL_TOKEN, value);
        Ok(self.secret(text))
    }

    /// Adds a secret that errors must not repeat.
    pub(crate) fn secret(mut self, text: &str) -> Self {
        self.secrets.push(Secret::new(text));
        self
    }

    pub(crate) fn request(&self) -> Request<SecretBytes> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    /// Reads the response. Any 2xx is a success, since the service varies; `read` decodes its body.
    pub(crate) fn read<T>(
        &self,
        response: &Response<impl AsRef<[u8]>>,
        read: impl FnOnce(&ApiResponse<'_>) -> Result<T, DecodeError>,
    ) -> Result<T, ApiError> {
        let status = response.status();
        let decoded = ApiResponse::new(response);
        if !status.is_success() || decoded.is_false() {
            let secrets: Vec<_> = self.secrets.iter().map(Secret::expose).collect();
            let error = ApiError::from_response(response, &secrets);
            return Err(match status {
                // A web page has no hint: a 403 of a firewall is not about the client.
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if error.hint().is_some() => {
                    error.with_hint(self.client_hint)
                }
                _ => error,
            });
        }
        let output = match is_web_page(response) {
            true => Err(DecodeError::unreadable("is a web page")),
            false => read(&decoded),
        };
        output.map_err(|error| match error.is_unreadable {
            true => ApiError::unreadable(status, error.reason),
            false => ApiError::malformed(status, error.member, error.reason),
        })
    }

    fn set(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

/// Declares operations that differ in their output only: a type for each, with the function that reads the response.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident -> $output:ty = $read:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub(crate) $crate::http::call::Call);

        impl edge_oauth_no_io::Operation for $name {
            type Output = $output;

            fn request(&self) -> http::Request<edge_oauth_no_io::SecretBytes> {
                self.0.request()
            }

            fn parse(
                &self,
                response: &http::Response<impl AsRef<[u8]>>,
            ) -> Result<$output, edge_oauth_no_io::ApiError> {
                self.0.read(response, $read)
            }
        }
    )*};
}

pub(crate) use operations;

const X_GQL_TOKEN: HeaderName = HeaderName::from_static("x-gql-token");

const EDGE_CLIENT: &str = "the service does not let this client do that: create an Edge administration \
     client for this environment in the Deploy app, and check the audience of the token";
