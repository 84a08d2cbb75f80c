//! A [`Config`] to an `http::Request`.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::client_auth::basic::{self, Spaces};
use crate::config::config::{BodyFormat, Config};
use crate::secret::SecretBytes;

/// The token request of the client credentials grant (RFC 6749 §4.4.2), ready for any HTTP library.
///
/// It has `Accept`, `Content-Type`, `Content-Length` and, with Basic, a sensitive `Authorization`.
/// The body carries the secret: it is redacted in `Debug` and wiped on drop.
///
/// The first call encodes; the configuration keeps what comes of it, and later calls share that.
///
/// ```
/// use edge_oauth_no_io::{Config, Secret, token_request};
///
/// let config = Config::new("https://login.example/token", "my-client", Secret::new("a&b"))?;
/// let request = token_request(&config);
/// assert_eq!(request.method(), "POST");
/// assert_eq!(
///     request.body().as_ref(),
///     b"grant_type=client_credentials&client_id=my-client&client_secret=a%26b",
/// );
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
pub fn token_request(config: &Config) -> Request<SecretBytes> {
    let prepared = || Arc::new(prepare(config));
    config
        .derived
        .request
        .get_or_init(prepared)
        .as_ref()
        .clone()
}

fn prepare(config: &Config) -> Request<SecretBytes> {
    let (content_type, body) = match config.body_format {
        BodyFormat::Form => ("application/x-www-form-urlencoded", form(config)),
        BodyFormat::Json => ("application/json", json(config)),
    };
    let length = body.len();
    let mut request = Request::new(SecretBytes::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = config.endpoint.clone();
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(spaces) = Spaces::in_basic(config) {
        headers.insert(
            header::AUTHORIZATION,
            basic_header(&basic::basic(config, spaces)),
        );
    }
    request
}

/// The parameters in the order of Sitecore's documentation, `resource` left out.
fn params(config: &Config) -> impl Iterator<Item = (&str, &str)> {
    let in_body = Spaces::in_basic(config).is_none();
    let credentials = [
        ("client_id", config.client_id.as_str()),
        ("client_secret", config.client_secret.expose()),
    ];
    let audience = config
        .audience
        .iter()
        .map(|audience| ("audience", audience.as_str()));
    audience
        .chain([("grant_type", "client_credentials")])
        .chain(credentials.into_iter().filter(move |_| in_body))
        .chain(
            config
                .params
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
}

/// RFC 6749 §3.3: scope tokens are joined by spaces.
fn scope(config: &Config) -> Option<String> {
    (!config.scope.is_empty()).then(|| config.scope.join(" "))
}

/// RFC 6749 Appendix B. The buffer is large enough from the start, since growing would leave a copy of
/// the secret behind.
fn form(config: &Config) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(form_bound(config)));
    form.extend_pairs(params(config));
    if let Some(scope) = scope(config) {
        form.append_pair("scope", &scope);
    }
    // RFC 8707 §2: several resources are the parameter several times.
    form.extend_pairs(
        config
            .resources
            .iter()
            .map(|resource| ("resource", resource)),
    );
    form.finish().into_bytes()
}

/// The same as a JSON object, in a buffer that is large enough too.
fn json(config: &Config) -> Vec<u8> {
    let mut out = Vec::with_capacity(json_bound(config));
    serde_json::to_writer(&mut out, &JsonBody(config)).expect("texts are written to memory");
    out
}

struct JsonBody<'a>(&'a Config);

impl Serialize for JsonBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in params(self.0) {
            map.serialize_entry(name, value)?;
        }
        if let Some(scope) = scope(self.0) {
            map.serialize_entry("scope", &scope)?;
        }
        match self.0.resources.as_slice() {
            [] => {}
            [one] => map.serialize_entry("resource", one)?,
            several => map.serialize_entry("resource", several)?,
        }
        map.end()
    }
}

fn basic_header(credentials: &str) -> HeaderValue {
    let value = SecretBytes::new([b"Basic ", credentials.as_bytes()].concat());
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from(value)).expect("base64 is printable ASCII");
    value.set_sensitive(true);
    value
}

/// Encoding makes a byte three at the most.
fn form_bound(config: &Config) -> usize {
    3 * config.size() + FRAME
}

/// Escaping makes a byte six at the most.
fn json_bound(config: &Config) -> usize {
    6 * config.size() + FRAME
}

/// Room for the names and the punctuation that the library adds.
const FRAME: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn no_buffer_has_to_grow_or_is_much_too_large() {
        let config = |text: &str| {
            Config::new_lenient("https://login.example/token", text, Secret::new(text)).unwrap()
        };
        let many = |config: Config, value: &str| {
            (0..2000).fold(config, |config, i| {
                config.param(format!("{i:x}"), value).unwrap()
            })
        };
        let lists = (0..2000).fold(config("a"), |config, i| {
            config
                .scope(format!("{i:x}"))
                .unwrap()
                .resource("a:b")
                .unwrap()
        });
        for config in [
            config("a"),
            config(&"\u{1}".repeat(30_000)),
            config(&"€\"".repeat(8_000)).audience("\u{1}").unwrap(),
            many(config("a"), ""),
            many(config("a"), "\u{1f}"),
            lists,
        ] {
            assert!(form(&config).len() <= form_bound(&config));
            assert!(json(&config).len() <= json_bound(&config));
            assert!(form_bound(&config).max(json_bound(&config)) < 512 * 1024);
        }
    }
}
