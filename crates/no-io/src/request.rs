//! A [`Config`] to an `http::Request`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use crate::config::{BodyFormat, ClientAuth, Config};
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
            basic_header(&basic_credentials(config, spaces)),
        );
    }
    request
}

/// What of this request nobody may see again, however a server spells it.
pub(crate) fn secret_texts(config: &Config) -> [Zeroizing<String>; 3] {
    [
        Zeroizing::new(config.client_secret.expose().to_owned()),
        basic_credentials(config, Spaces::Plus),
        basic_credentials(config, Spaces::Percent),
    ]
}

/// Whether one of these may stand in the text: a look that costs less than they do. None is spelt shorter
/// than the secret, and none with a space where the secret has none.
pub(crate) fn may_show_secret(config: &Config, text: &str) -> bool {
    let secret = config.client_secret.expose();
    if text.len() < secret.len() {
        return false;
    }
    if secret.contains(' ') {
        return true;
    }
    let mut start = 0;
    while let Some(part) = text.as_bytes().get(start..start + secret.len()) {
        match part.iter().rposition(|byte| *byte == b' ') {
            Some(space) => start += space + 1,
            None => return true,
        }
    }
    false
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

/// How a space is written in Basic credentials.
#[derive(Clone, Copy, PartialEq)]
enum Spaces {
    Percent,
    Plus,
}

impl Spaces {
    /// `None` where the credentials stand in the body.
    fn in_basic(config: &Config) -> Option<Self> {
        match config.client_auth.unwrap_or_default() {
            ClientAuth::Body => None,
            ClientAuth::Basic => Some(Self::Percent),
            ClientAuth::BasicPlus => Some(Self::Plus),
        }
    }
}

/// RFC 7617 §2 over RFC 6749 §2.3.1: id and secret are encoded first, so the one colon that is left
/// stands between them.
fn basic_credentials(config: &Config, spaces: Spaces) -> Zeroizing<String> {
    let id = encoded(&config.client_id, spaces);
    let secret = encoded(config.client_secret.expose(), spaces);
    let mut pair = Zeroizing::new(String::with_capacity(id.len() + 1 + secret.len()));
    pair.extend([id.as_str(), ":", secret.as_str()]);
    let mut out = vec![0; 4 * pair.len().div_ceil(3)];
    // Into a slice: what encodes into a `String` leaves a copy on the stack.
    STANDARD
        .encode_slice(pair.as_bytes(), &mut out)
        .expect("the slice is as long as base64 is");
    Zeroizing::new(String::from_utf8(out).expect("base64 is ASCII"))
}

fn basic_header(credentials: &str) -> HeaderValue {
    let value = SecretBytes::new([b"Basic ", credentials.as_bytes()].concat());
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from(value)).expect("base64 is printable ASCII");
    value.set_sensitive(true);
    value
}

fn encoded(text: &str, spaces: Spaces) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(3 * text.len()));
    out.extend(
        form_urlencoded::byte_serialize(text.as_bytes()).map(|piece| match piece {
            "+" if spaces == Spaces::Percent => "%20",
            piece => piece,
        }),
    );
    out
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
    fn a_text_that_shows_the_secret_is_looked_at() {
        for secret in ["s", "s3cret", "a&b", "p@ss w%rd", " ", "äöü", "\"\u{1}"] {
            let secret = Secret::new(secret);
            let config = Config::new_lenient("https://login.example/token", "id", secret).unwrap();
            let secret = config.client_secret.expose();
            let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let percent = form.replace('+', "%20");
            let json = serde_json::to_string(secret).unwrap();
            let texts = secret_texts(&config);
            let texts = texts.iter().map(|text| text.as_str());
            for text in texts.chain([&form, &percent, json.trim_matches('"')]) {
                assert!(may_show_secret(&config, text), "{text}");
                let text = format!("bad {text}, try again");
                assert!(may_show_secret(&config, &text), "{text}");
            }
        }
        let secret = Secret::new("s3cret");
        let config = Config::new("https://login.example/token", "id", secret).unwrap();
        for text in ["no such user", "never again", "      ", ""] {
            assert!(!may_show_secret(&config, text), "{text}");
        }
    }

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
