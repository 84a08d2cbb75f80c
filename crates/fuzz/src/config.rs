//! What the setters take arrives whole, and what they refuse is refused by name.

use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, Builder, Config, ConfigError, Origin, Secret, Tenant, token_request,
};

use crate::decode;

// C3, C4, C5, C11, S11
/// The bytes are lines of a setter and its text, such as `scope read` or `param name=value`. The text may
/// have any character; a line break in it is written `\n`.
pub fn config(bytes: &[u8]) {
    let mut sketch = Sketch::new("client", "s3cret").unwrap();
    let text = String::from_utf8_lossy(bytes);
    for line in text.split('\n').take(MOST_LINES) {
        let (setter, text) = line.split_once(' ').unwrap_or((line, ""));
        sketch.set(setter, &text.replace("\\n", "\n"));
    }
    sketch.check();
}

/// What was set, beside the configuration that was made of it.
struct Sketch {
    config: Config,
    /// The same with another secret.
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
        // As long as the other in any encoding.
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
            "id" => self.begin(text, &self.secret.clone()),
            "secret" => self.begin(&self.id.clone(), text),
            "strict" => self.check_strict(),
            "tenant" => check_tenant(text),
            "origin" => check_origin(text),
            "endpoint" => {
                let took = self.take(|builder| builder.endpoint(text));
                if took {
                    check_endpoint(text, &self.config);
                }
            }
            "audience" => {
                let took = self.take(|builder| builder.audience(text));
                if took {
                    self.audience = Some(text.to_owned());
                }
            }
            "scope" => {
                let took = self.take(|builder| builder.scope(text));
                let tokens = text.split(' ').filter(|token| !token.is_empty());
                for token in tokens.filter(|_| took) {
                    if !self.scope.iter().any(|scope| scope == token) {
                        self.scope.push(token.to_owned());
                    }
                }
            }
            "resource" => {
                let took = self.take(|builder| builder.resource(text));
                if took {
                    self.resources.push(text.to_owned());
                }
            }
            "param" => {
                let (name, value) = text.split_once('=').unwrap_or((text, ""));
                if self.take(|builder| builder.param(name, value)) {
                    self.params.push((name.to_owned(), value.to_owned()));
                }
            }
            "auth" => {
                let encoding = match text {
                    "plus" => BasicEncoding::Plus,
                    _ => BasicEncoding::Percent,
                };
                assert!(self.take(|builder| builder.basic_auth(encoding)));
                self.auth = Some(encoding);
            }
            "json" => {
                self.take(|builder| builder.body_format(BodyFormat::Json));
                self.format = BodyFormat::Json;
            }
            _ => {}
        }
    }

    /// Id and secret are set first: with other ones, all begins anew.
    fn begin(&mut self, id: &str, secret: &str) {
        match Self::new(id, secret) {
            Ok(sketch) => *self = sketch,
            Err(error) => check_error(&error),
        }
    }

    /// Whether the setter took its value; where not, the configuration stays as it was.
    fn take(&mut self, set: impl Fn(Builder) -> Builder) -> bool {
        let set = |config: &Config| set(config.to_builder()).build();
        match (set(&self.config), set(&self.twin)) {
            (Ok(config), Ok(twin)) => {
                (self.config, self.twin) = (config, twin);
                true
            }
            (Err(error), Err(other)) => {
                assert_eq!(error, other, "the secret decides");
                check_error(&error);
                false
            }
            _ => panic!("the secret decides"),
        }
    }

    /// C11
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

    /// S11: a key is that of what is asked for, and by whom.
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

/// All that is printed of a configuration and its request.
fn shown(config: &Config) -> String {
    let (request, key) = (token_request(config).unwrap(), config.cache_key());
    format!("{config:?} {request:?} {key:?}")
}

/// C3, C4, C5
fn check_endpoint(url: &str, config: &Config) {
    let request = token_request(config).unwrap();
    let uri = request.uri();
    let host = uri.host().expect("an absolute URL").to_ascii_lowercase();
    let loopback = host == "localhost" || host == "[::1]" || is_ipv4_loopback(&host);
    assert!(
        uri.scheme_str() == Some("https") || loopback || is_long_ipv6_loopback(&host),
        "C1, C3: {url:?} is let through"
    );
    assert!(!url.contains('#') && !uri.authority().unwrap().as_str().contains('@'));
    assert!(Origin::is_secure(uri));
}

fn check_origin(url: &str) {
    if let Ok(origin) = Origin::from_url(url) {
        let uri = url.parse().expect("an origin is of a URL");
        assert!(origin.covers(&uri) && Origin::is_secure(&uri), "{url:?}");
    }
}

fn check_tenant(id: &str) {
    let config = Config::experience_edge(Tenant::Old(id.to_owned()), "id", Secret::new("s"));
    if let Ok(config) = config {
        let audience = format!("https://delivery.sitecore.cloud/{id}");
        let pairs = decode::form(token_request(&config).unwrap().body().as_ref());
        assert!(pairs.contains(&("audience".to_owned(), audience)));
    }
}

/// The name of what is wrong, and not what was given.
fn check_error(error: &ConfigError) {
    let shown = error.to_string();
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(shown.len() < 256, "{} bytes", shown.len());
}

fn is_ipv4_loopback(host: &str) -> bool {
    let parts: Vec<_> = host.split('.').collect();
    let is_byte = |part: &&str| {
        part.parse::<u8>()
            .is_ok_and(|byte| byte.to_string() == **part)
    };
    parts.len() == 4 && parts[0] == "127" && parts.iter().all(is_byte)
}

/// `[0:0:0:0:0:0:0:1]` and its kind.
fn is_long_ipv6_loopback(host: &str) -> bool {
    let digits = host.trim_start_matches('[').trim_end_matches(']');
    let one = digits.strip_suffix('1').or(digits.strip_suffix("0.0.0.1"));
    host.starts_with('[')
        && one.is_some_and(|rest| rest.bytes().all(|byte| matches!(byte, b'0' | b':')))
}

const ENDPOINT: &str = "https://login.example/token";
const MOST_LINES: usize = 64;
