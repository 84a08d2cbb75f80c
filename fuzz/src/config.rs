//! Accepted values arrive whole in the request, and errors of rejected values name the parameter.

use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, Config, ConfigBuilder, ConfigError, Secret, token_request,
};

use crate::decode;
use crate::urls::{check_endpoint, check_origin, check_tenant};

// fault: host-that-resembles-the-loopback, fragment-in-the-endpoint, user-name-in-the-endpoint
// fault: character-that-rfc-6749-forbids, cache-keys
/// Reads the bytes as lines of a setter and its text, such as `scope read` or `param name=value`. A line break in the text
/// is written `\n`.
pub fn config(bytes: &[u8]) {
    let mut sketch = Sketch::new("client", "s3cret").unwrap();
    let text = String::from_utf8_lossy(bytes);
    for line in text.split('\n').take(MAX_LINES) {
        let (setter, text) = line.split_once(' ').unwrap_or((line, ""));
        sketch.set(setter, &text.replace("\\n", "\n"));
    }
    sketch.check();
}

/// The values that were set, and the configuration with them.
struct Sketch {
    config: Config,
    /// The same configuration with another secret.
    twin: Config,
    id: String,
    secret: String,
    audience: Option<String>,
    scope: Vec<String>,
    resources: Vec<String>,
    params: Vec<(String, String)>,
    auth: Option<BasicEncoding>,
    format: BodyFormat,
}

impl Sketch {
    fn new(id: &str, secret: &str) -> Result<Self, ConfigError> {
        let config = |secret: &str| {
            Config::builder(ENDPOINT, id)
                .client_secret(Secret::new(secret))
                .lenient()
                .build()
        };
        // Its length is that of the secret in any encoding.
        let other: String = secret.chars().rev().collect();
        Ok(Self {
            config: config(secret)?,
            twin: config(&other).or(config(secret))?,
            id: id.to_owned(),
            secret: secret.to_owned(),
            audience: None,
            scope: Vec::new(),
            resources: Vec::new(),
            params: Vec::new(),
            auth: None,
            format: BodyFormat::Form,
        })
    }

    fn set(&mut self, setter: &str, text: &str) {
        match setter {
            "id" => self.restart(text, &self.secret.clone()),
            "secret" => self.restart(&self.id.clone(), text),
            "strict" => self.check_strict(),
            "tenant" => check_tenant(text),
            "origin" => check_origin(text),
            "endpoint" => {
                let accepted = self.accepts(|builder| builder.endpoint(text));
                if accepted {
                    check_endpoint(text, &self.config);
                }
            }
            "audience" => {
                let accepted = self.accepts(|builder| builder.audience(text));
                if accepted {
                    self.audience = Some(text.to_owned());
                }
            }
            "scope" => {
                let accepted = self.accepts(|builder| builder.scope(text));
                let tokens = text.split(' ').filter(|token| !token.is_empty());
                for token in tokens.filter(|_| accepted) {
                    if !self.scope.iter().any(|scope| scope == token) {
                        self.scope.push(token.to_owned());
                    }
                }
            }
            "resource" => {
                let accepted = self.accepts(|builder| builder.resource(text));
                if accepted {
                    self.resources.push(text.to_owned());
                }
            }
            "param" => {
                let (name, value) = text.split_once('=').unwrap_or((text, ""));
                if self.accepts(|builder| builder.param(name, value)) {
                    self.params.push((name.to_owned(), value.to_owned()));
                }
            }
            "auth" => {
                let encoding = match text {
                    "plus" => BasicEncoding::Plus,
                    _ => BasicEncoding::Percent,
                };
                assert!(self.accepts(|builder| builder.basic_auth(encoding)));
                self.auth = Some(encoding);
            }
            "json" => {
                self.accepts(|builder| builder.body_format(BodyFormat::Json));
                self.format = BodyFormat::Json;
            }
            _ => {}
        }
    }

    /// Starts again with this id and secret, which are set first.
    fn restart(&mut self, id: &str, secret: &str) {
        match Self::new(id, secret) {
            Ok(sketch) => *self = sketch,
            Err(error) => check_error(&error),
        }
    }

    /// Returns whether the setter accepted its value. Otherwise the configuration stays the same.
    fn accepts(&mut self, set: impl Fn(ConfigBuilder) -> ConfigBuilder) -> bool {
        let set = |config: &Config| set(config.to_builder()).build();
        match (set(&self.config), set(&self.twin)) {
            (Ok(config), Ok(twin)) => {
                (self.config, self.twin) = (config, twin);
                true
            }
            (Err(error), Err(other)) => {
                assert_eq!(error, other, "the result depends on the secret");
                check_error(&error);
                false
            }
            _ => panic!("the result depends on the secret"),
        }
    }

    /// Checks that only printable ASCII is accepted without `lenient` (fault: character-that-rfc-6749-forbids).
    fn check_strict(&self) {
        let strict = Config::builder(ENDPOINT, &self.id)
            .client_secret(Secret::new(&self.secret))
            .build();
        let printable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let both = printable(&self.id) && printable(&self.secret);
        assert_eq!(strict.is_ok(), both, "C11");
    }

    fn check(&self) {
        let request = token_request(&self.config).unwrap();
        let body = request.body().as_ref();
        let length = body.len().to_string();
        assert_eq!(request.headers()["content-length"], length, "B13");
        let mut arrived = match self.format {
            BodyFormat::Json => decode::json(body),
            _ => decode::form(body),
        };
        arrived.sort();
        let mut sent = self.pairs();
        sent.sort();
        assert_eq!(arrived, sent, "B4");

        let basic = request.headers().get("authorization");
        assert_eq!(basic.is_some(), self.is_basic());
        if let Some(header) = basic {
            assert!(header.is_sensitive(), "B7");
            let pair = decode::basic(header.to_str().unwrap());
            assert_eq!(pair, (self.id.clone(), self.secret.clone()), "B3, B4");
        }
        self.check_key();
        assert_eq!(shown(&self.config), shown(&self.twin), "B7");
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = self.params.clone();
        let mut add = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
        add("grant_type", "client_credentials");
        if !self.is_basic() {
            add("client_id", &self.id);
            add("client_secret", &self.secret);
        }
        if let Some(audience) = &self.audience {
            add("audience", audience);
        }
        if !self.scope.is_empty() {
            add("scope", &self.scope.join(" "));
        }
        for resource in &self.resources {
            add("resource", resource);
        }
        pairs
    }

    fn is_basic(&self) -> bool {
        self.auth.is_some()
    }

    /// Checks that the cache key depends on the client and on the requested token (fault: cache-keys).
    fn check_key(&self) {
        assert_eq!(self.config.cache_key(), self.twin.cache_key());
        let builder = || self.config.to_builder();
        let others = [
            builder().audience("https://other.example/"),
            builder().scope("one-more-scope-token"),
            builder().resource("urn:one-more-resource"),
            builder().param("one more parameter", ""),
        ];
        for other in others.into_iter().filter_map(|other| other.build().ok()) {
            let body = |config: &Config| token_request(config).unwrap().body().as_ref().to_vec();
            let same = body(&other) == body(&self.config);
            assert_eq!(other.cache_key() == self.config.cache_key(), same, "S11");
        }
    }
}

/// Returns everything that is printed of a configuration and its request.
fn shown(config: &Config) -> String {
    let (request, key) = (token_request(config).unwrap(), config.cache_key());
    format!("{config:?} {request:?} {key:?}")
}

/// Checks that the error is printable and short.
fn check_error(error: &ConfigError) {
    let shown = error.to_string();
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(shown.len() < 256, "{} bytes", shown.len());
}

const ENDPOINT: &str = "https://login.example/token";
const MAX_LINES: usize = 64;
