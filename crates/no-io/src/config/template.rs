//! The token request of a configuration, encoded once: each attempt copies it and adds the assertions.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};

use crate::client_auth::basic;
use crate::client_auth::method::ClientAuth;
use crate::config::body::{EXPANSION, FRAME, form, json};
use crate::config::parameters::{BodyFormat, Parameters};
use crate::secret::SecretBytes;

/// A token request (RFC 6749 §4.4.2) that lacks the assertions of its attempt, if there are any.
pub(crate) struct Template {
    request: Request<SecretBytes>,
    format: BodyFormat,
    needs_assertion: bool,
}

impl Template {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        let (content_type, body) = match parameters.body_format {
            BodyFormat::Form => ("application/x-www-form-urlencoded", form(parameters)),
            BodyFormat::Json => ("application/json", json(parameters)),
        };
        let length = body.len();
        let mut request = Request::new(SecretBytes::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = parameters.endpoint.clone();
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        if let ClientAuth::ClientSecretBasic(secret, encoding) = &parameters.client_auth {
            let credentials = basic::credentials(&parameters.client_id, secret.expose(), *encoding);
            headers.insert(header::AUTHORIZATION, basic_header(&credentials));
        }
        let by_assertion = parameters.client_auth.jwt().is_some()
            || matches!(parameters.client_auth, ClientAuth::Assertion);
        Self {
            request,
            format: parameters.body_format,
            needs_assertion: by_assertion || parameters.grant.assertion_param().is_some(),
        }
    }

    /// Returns the request if it lacks no assertion.
    pub(crate) fn complete(&self) -> Option<Request<SecretBytes>> {
        (!self.needs_assertion).then(|| self.request.clone())
    }

    /// Returns the request with these parameters added.
    pub(crate) fn with(&self, added: &[(&str, &str)]) -> Request<SecretBytes> {
        let mut request = self.request.clone();
        if added.is_empty() {
            return request;
        }
        let start = request.body().as_ref();
        let sizes = added.iter().map(|(name, value)| name.len() + value.len());
        let bound = start.len() + EXPANSION * sizes.sum::<usize>() + FRAME;
        let body = match self.format {
            BodyFormat::Form => {
                let mut body = String::with_capacity(bound);
                body.push_str(std::str::from_utf8(start).expect("a form is ASCII"));
                let mut form = form_urlencoded::Serializer::new(body);
                form.extend_pairs(added);
                form.finish().into_bytes()
            }
            BodyFormat::Json => {
                let mut body = Vec::with_capacity(bound);
                body.extend_from_slice(start.strip_suffix(b"}").unwrap_or(start));
                for (name, value) in added {
                    body.push(b',');
                    serde_json::to_writer(&mut body, name).expect("text is written to memory");
                    body.push(b':');
                    serde_json::to_writer(&mut body, value).expect("text is written to memory");
                }
                body.push(b'}');
                body
            }
        };
        let length = HeaderValue::from(body.len());
        request.headers_mut().insert(header::CONTENT_LENGTH, length);
        *request.body_mut() = SecretBytes::new(body);
        request
    }

    /// Returns whether both templates make the same requests.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let authorization = |template: &Self| {
            template
                .request
                .headers()
                .get(header::AUTHORIZATION)
                .cloned()
        };
        self.format == other.format
            && self.needs_assertion == other.needs_assertion
            && self.request.uri() == other.request.uri()
            && self.request.body().as_ref() == other.request.body().as_ref()
            && authorization(self) == authorization(other)
    }
}

fn basic_header(credentials: &str) -> HeaderValue {
    let value = SecretBytes::new([b"Basic ", credentials.as_bytes()].concat());
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from(value)).expect("Base64 is printable ASCII");
    value.set_sensitive(true);
    value
}
