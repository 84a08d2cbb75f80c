//! The token request of a configuration, encoded once: each attempt copies it and adds the assertions.

use std::sync::OnceLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};

use crate::client_auth::basic;
use crate::client_auth::method::ClientAuth;
use crate::config::body::{EXPANSION, FRAME, form, json};
use crate::config::parameters::{BodyFormat, Parameters};
use crate::secret::{SecretBytes, Wiped};

/// A token request (RFC 6749 §4.4.2) that lacks the assertions of its attempt, if there are any.
pub(crate) struct Template {
    body: SecretBytes,
    length: HeaderValue,
    /// Boxed, since most clients have none.
    authorization: Option<Box<HeaderValue>>,
    format: BodyFormat,
    needs_assertion: bool,
}

impl Template {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        let body = Wiped(match parameters.body_format {
            BodyFormat::Form => form(parameters),
            BodyFormat::Json => json(parameters),
        });
        let authorization = match &parameters.client_auth {
            ClientAuth::ClientSecretBasic(secret, encoding) => {
                let secret = secret.expose();
                let credentials = basic::credentials(&parameters.client_id, secret, *encoding);
                Some(Box::new(basic_header(&credentials)))
            }
            _ => None,
        };
        let by_assertion = parameters.client_auth.jwt().is_some()
            || matches!(parameters.client_auth, ClientAuth::Assertion);
        Self {
            length: HeaderValue::from(body.len()),
            // The buffer has room for many more escapes than there are: a copy for the years takes less.
            body: SecretBytes::new(body.as_slice().to_vec()),
            authorization,
            format: parameters.body_format,
            needs_assertion: by_assertion || parameters.grant.assertion_param().is_some(),
        }
    }

    /// Returns the request if it lacks no assertion.
    pub(crate) fn complete(&self, endpoint: &Uri) -> Option<Request<SecretBytes>> {
        if self.needs_assertion {
            return None;
        }
        Some(self.request(endpoint, self.body.clone(), self.length.clone()))
    }

    /// Returns the request with these parameters added.
    pub(crate) fn with(&self, endpoint: &Uri, added: &[(&str, &str)]) -> Request<SecretBytes> {
        if added.is_empty() {
            return self.request(endpoint, self.body.clone(), self.length.clone());
        }
        let start = self.body.as_ref();
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
        debug_assert!(body.len() <= bound, "the memory did not grow");
        let length = HeaderValue::from(body.len());
        self.request(endpoint, SecretBytes::new(body), length)
    }

    fn request(
        &self,
        endpoint: &Uri,
        body: SecretBytes,
        length: HeaderValue,
    ) -> Request<SecretBytes> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.clone();
        let headers = request.headers_mut();
        *headers = common_headers(self.format, self.authorization.is_some()).clone();
        // To look the places up by their names takes as long as to clone the map.
        let mut places = headers.values_mut().skip(COMMON);
        if let Some(place) = places.next() {
            *place = length;
        }
        if let (Some(place), Some(authorization)) = (places.next(), &self.authorization) {
            place.clone_from(authorization);
        }
        request
    }

    /// Returns whether both templates make the same requests.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.format == other.format
            && self.needs_assertion == other.needs_assertion
            && self.body.as_ref() == other.body.as_ref()
            && self.authorization == other.authorization
    }
}

/// Returns the headers that the requests of many clients have in common, and then a place for each that they have not. A
/// map that is cloned and changed takes fewer steps than one that grows, and none is kept for each client.
fn common_headers(format: BodyFormat, is_basic: bool) -> &'static HeaderMap {
    static HEADERS: [OnceLock<HeaderMap>; 4] = [const { OnceLock::new() }; 4];

    let (number, content_type) = match format {
        BodyFormat::Form => (0, "application/x-www-form-urlencoded"),
        BodyFormat::Json => (1, "application/json"),
    };
    HEADERS[number + 2 * usize::from(is_basic)].get_or_init(|| {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        if is_basic {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(""));
        }
        headers
    })
}

fn basic_header(credentials: &str) -> HeaderValue {
    let value = SecretBytes::new([b"Basic ", credentials.as_bytes()].concat());
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from(value)).expect("Base64 is printable ASCII");
    value.set_sensitive(true);
    value
}

/// The number of headers that have the same value in all requests.
const COMMON: usize = 2;

#[cfg(test)]
mod tests {
    use crate::client_auth::method::ClientAuth;
    use crate::config::config::Config;
    use crate::config::parameters::BodyFormat;

    #[test]
    fn assertion_of_escapes_fits_into_the_memory_of_its_request() {
        for format in [BodyFormat::Form, BodyFormat::Json] {
            let config = Config::builder("https://login.example/token", "id");
            let config = config.client_auth(ClientAuth::None).body_format(format);
            let config = config.build().unwrap();
            let value = "\u{1}".repeat(2000);
            let request = config.request_with(&[("assertion", &value)]);
            assert!(request.body().as_ref().len() > 6000);
        }
    }
}
