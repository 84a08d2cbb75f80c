//! What all operations share: one way to make a request, and one to take its answer.

use std::fmt;

use bytes::Bytes;
use edge_oauth_no_io::{ApiError, Secret, SecretBytes};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use serde_json::Value;

use crate::experience_edge::ExperienceEdge;
use crate::http::decode_error::Wrong;
use crate::http::response::Answer;
use crate::input_error::InputError;

/// A request that can be made any number of times, and the secrets that its answer might echo.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: SecretBytes,
    secrets: Vec<Secret>,
}

impl Call {
    /// `path` is encoded, and short enough for a URL.
    pub(crate) fn new(edge: &ExperienceEdge, method: Method, path: &str) -> Self {
        let uri = format!("{}{path}", edge.base_url());
        let accept = HeaderValue::from_static("application/json");
        Self {
            method,
            uri: uri
                .parse()
                .expect("the base was checked, and the path is encoded"),
            headers: HeaderMap::from_iter([(header::ACCEPT, accept)]),
            body: SecretBytes::new(Vec::new()),
            secrets: Vec::new(),
        }
    }

    pub(crate) fn accept(mut self, media_types: &'static str) -> Self {
        self.set(header::ACCEPT, HeaderValue::from_static(media_types));
        self
    }

    /// RFC 9110 §8.6: a PUT without a body says so.
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

    /// The Delivery key that the call is about.
    pub(crate) fn key(mut self, key: &Secret) -> Result<Self, InputError> {
        let text = key.expose();
        if text.is_empty() {
            return Err(InputError::Empty { field: "key" });
        }
        if !text.bytes().all(|byte| matches!(byte, b'!'..=b'~')) {
            return Err(InputError::invalid(
                "key",
                "has a character that a key has not",
            ));
        }
        let value = Bytes::from(SecretBytes::new(text.as_bytes().to_vec()));
        let mut value = HeaderValue::from_maybe_shared(value).expect("every byte was checked");
        value.set_sensitive(true);
        self.set(X_GQL_TOKEN, value);
        Ok(self.secret(text))
    }

    /// Something that no error may echo.
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

    /// Any 2xx is a success, since the service varies; `read` says what of.
    pub(crate) fn read<T>(
        &self,
        response: &Response<impl AsRef<[u8]>>,
        read: impl FnOnce(&Answer<'_>) -> Result<T, Wrong>,
    ) -> Result<T, ApiError> {
        let status = response.status();
        let answer = Answer::new(response);
        if !status.is_success() || answer.is_false() {
            let secrets: Vec<_> = self.secrets.iter().map(Secret::expose).collect();
            let error = ApiError::from_response(response, &secrets);
            return Err(match status {
                // A web page has no hint: a firewall's 403 says nothing of the client.
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if error.hint().is_some() => {
                    error.with_hint(WRONG_KIND)
                }
                _ => error,
            });
        }
        let output = match answer.is_page() {
            true => Err(Wrong::unreadable("is a web page")),
            false => read(&answer),
        };
        output.map_err(|wrong| match wrong.is_unreadable {
            true => ApiError::unreadable(status, wrong.wrong),
            false => ApiError::malformed(status, wrong.member, wrong.wrong),
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

/// Operations that differ in their output only: a type each, and how its answer is read.
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

const WRONG_KIND: &str = "the service does not let this client do that: make a client of the kind Edge \
     administration for this environment in the Deploy app, and check the audience of the token";
