//! The C rows: what a configuration refuses, and what it accepts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{
    BodyFormat, ClientAuth, Config, ConfigError, Origin, Secret, Tenant, token_request,
};

const ENDPOINT: &str = "https://login.example/token";

fn config() -> Config {
    Config::builder(ENDPOINT, "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap()
}

fn with_endpoint(url: &str) -> Result<Config, ConfigError> {
    Config::builder(url, "id")
        .client_secret(Secret::new("s3cret"))
        .build()
}

fn with_credentials(id: &str, secret: &str) -> Result<Config, ConfigError> {
    Config::builder(ENDPOINT, id)
        .client_secret(Secret::new(secret))
        .build()
}

#[test]
fn what_is_refused_is_named_and_its_value_is_not_told() {
    let planted = "planted value";
    let many = "x".repeat(65 * 1024);
    let refused = |name: &str| config().param(name, "1").unwrap_err();
    for (error, says) in [
        (with_endpoint(planted).unwrap_err(), "the token endpoint "),
        (
            with_endpoint("http://planted.example/").unwrap_err(),
            "use https",
        ),
        (
            with_credentials("", "s3cret").unwrap_err(),
            "client_id is empty",
        ),
        (
            with_credentials("id", "planted\u{1}").unwrap_err(),
            "client_secret has a character",
        ),
        (
            with_credentials("id", "planted\n").unwrap_err(),
            "client_secret ends in a line break",
        ),
        (
            config()
                .client_auth(ClientAuth::Basic)
                .and_then(|config| config.client_auth(ClientAuth::Body))
                .unwrap_err(),
            "a second way of client authentication",
        ),
        (
            config().resource("/planted").unwrap_err(),
            "resource is not",
        ),
        (
            Origin::from_url("http://planted.example/").unwrap_err(),
            "the API's URL",
        ),
        (refused("grant_type"), "grant_type is set by the library"),
        (
            config()
                .param("a", planted)
                .and_then(|config| config.param("a", planted))
                .unwrap_err(),
            "a is set twice",
        ),
        (
            Config::experience_edge(Tenant::Old("planted value".into()), "id", Secret::new("s"))
                .unwrap_err(),
            "the tenant id",
        ),
        (config().audience(many).unwrap_err(), "with audience, "),
    ] {
        let shown = error.to_string();
        assert!(shown.contains(says), "{shown}");
        assert!(!shown.contains("planted"), "{shown}");
    }
}

// C1, C3
#[test]
fn http_is_refused_unless_it_is_the_loopback() {
    for url in [
        "http://login.example/token",
        "http://127.0.0.1.evil.com/token",
        "http://localhost.evil.com/token",
        "http://0x7f.1/token",
        "http://0177.0.0.1/token",
        "http://2130706433/token",
        "http://127.1/token",
        "http://128.0.0.1/token",
        "http://0.0.0.0/token",
        "http://[::]/token",
        "http://[::ffff:127.0.0.1]/token",
        "http://localhost./token",
    ] {
        assert_eq!(
            with_endpoint(url).unwrap_err(),
            ConfigError::InsecureEndpoint,
            "{url}"
        );
    }
}

// C2
#[test]
fn the_loopback_needs_no_tls() {
    for url in [
        "http://127.0.0.1/token",
        "http://127.0.0.1:1/token",
        "http://127.9.9.9:65535",
        "http://[::1]:8080/token",
        "http://localhost:3000/token",
        "http://LOCALHOST/token",
        "HTTP://localhost/token",
    ] {
        assert!(with_endpoint(url).is_ok(), "{url}");
    }
}

// C3, C4, C5, C7
#[test]
fn what_is_not_a_plain_url_is_refused() {
    let long = format!("https://login.example/{}", "a".repeat(1024 * 1024));
    for url in [
        "https://login.example/token#frag",
        "https://login.example/token#",
        "https://user:pw@login.example/token",
        "https://user@login.example/token",
        "http://localhost@evil/token",
        "",
        "/token",
        "login.example/token",
        "login.example",
        "https://",
        "https:///token",
        "https://:443/token",
        "https://login.example:0/token",
        "https://login.example:99999/token",
        "https://login.example:/token",
        "https://login.example:80:80/token",
        "https://login.example:port/token",
        "https://login.example:+443/token",
        "https://login.example/tökén",
        "https://münchen.example/token",
        "https://login%2eexample/token",
        "https://login example/token",
        "https://[::1/token",
        "https://[::g]/token",
        "ftp://login.example/token",
        "file:///etc/passwd",
        "https://login.example\r\nX-Evil: 1/token",
        &long,
    ] {
        let error = with_endpoint(url).unwrap_err();
        assert!(
            matches!(error, ConfigError::Endpoint { .. }),
            "{url:.60}: {error:?}"
        );
    }
}

// C6
#[test]
fn the_query_is_kept_byte_for_byte() {
    let config = with_endpoint("https://login.example/token?p=1&q=%7e+%2F&r").unwrap();
    assert_eq!(
        token_request(&config).uri(),
        "https://login.example/token?p=1&q=%7e+%2F&r"
    );
    assert!(
        !format!("{config:?}").contains("%7e"),
        "a query may hold a key"
    );
}

// C8, C10
#[test]
fn empty_credentials_are_refused() {
    let empty = |parameter| ConfigError::Empty { parameter };
    assert_eq!(with_credentials("", "s").unwrap_err(), empty("client_id"));
    assert_eq!(
        with_credentials("id", "").unwrap_err(),
        empty("client_secret")
    );
    assert_eq!(
        Config::builder(ENDPOINT, "")
            .client_secret(Secret::new("s"))
            .lenient()
            .build()
            .unwrap_err(),
        empty("client_id")
    );
}

// C9
#[test]
fn a_line_break_at_the_end_is_refused_with_a_hint() {
    for secret in ["s3cret\n", "s3cret\r\n", "s3cret\r"] {
        let error = with_credentials("id", secret).unwrap_err();
        assert_eq!(
            error,
            ConfigError::TrailingNewline {
                parameter: "client_secret"
            }
        );
        assert!(error.to_string().contains("trim_end"));
        assert!(!error.to_string().contains("s3cret"));
    }
    assert!(
        Config::builder(ENDPOINT, "id\n")
            .client_secret(Secret::new("s"))
            .lenient()
            .build()
            .is_err()
    );
}

// C11
#[test]
fn other_characters_need_the_lenient_constructor() {
    for text in ["é", "a\tb", "a\u{7f}", "a\nb", "\u{0}"] {
        let refused = |parameter| ConfigError::Character { parameter };
        assert_eq!(
            with_credentials(text, "s").unwrap_err(),
            refused("client_id")
        );
        assert_eq!(
            with_credentials("id", text).unwrap_err(),
            refused("client_secret")
        );
        let lenient = Config::builder(ENDPOINT, text)
            .client_secret(Secret::new(text))
            .lenient()
            .build()
            .unwrap();
        let body = token_request(&lenient);
        let pairs: Vec<_> = form_urlencoded::parse(body.body().as_ref()).collect();
        assert!(
            pairs.iter().filter(|(_, value)| value == text).count() == 2,
            "{text:?}"
        );
    }
    assert!(with_credentials("every ~ printable ! \"%&+=:", "the same ~ \\").is_ok());
}

// C12
#[test]
fn two_ways_of_client_authentication_are_refused() {
    let once = config().client_auth(ClientAuth::Basic).unwrap();
    assert!(once.clone().client_auth(ClientAuth::Basic).is_ok());
    assert_eq!(
        once.client_auth(ClientAuth::Body).unwrap_err(),
        ConfigError::SecondClientAuth
    );
}

// C13
#[test]
fn a_scope_token_is_one_token() {
    for token in ["a b", "a\"", "a\\b", "a\n", "é", "\u{7f}"] {
        let error = config().scope(token).unwrap_err();
        assert_eq!(
            error,
            ConfigError::Character { parameter: "scope" },
            "{token:?}"
        );
    }
    assert_eq!(
        config().scope("").unwrap_err(),
        ConfigError::Empty { parameter: "scope" }
    );
    let config = config()
        .scope("b")
        .unwrap()
        .scope("a")
        .unwrap()
        .scope("b")
        .unwrap();
    let request = token_request(&config);
    assert!(request.body().as_ref().ends_with(b"&scope=b+a"));
}

// C14
#[test]
fn a_parameter_of_the_library_cannot_be_set_twice() {
    for name in [
        "grant_type",
        "scope",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "audience",
        "resource",
    ] {
        let error = config().param(name, "x").unwrap_err();
        assert_eq!(
            error,
            ConfigError::Reserved {
                parameter: name.to_owned()
            }
        );
    }
    let once = config().param("organization_id", "org_1").unwrap();
    let error = once.param("organization_id", "org_2").unwrap_err();
    assert_eq!(
        error,
        ConfigError::Repeated {
            parameter: "organization_id".to_owned()
        }
    );
    assert!(config().param("", "x").is_err());
}

// C18
#[test]
fn a_resource_is_an_absolute_uri_without_a_fragment() {
    for uri in [
        "",
        "api",
        "/api",
        "//host/api",
        ":x",
        "1a:b",
        "https:",
        "https://a#b",
        "https://a b",
        "https://é",
    ] {
        assert_eq!(
            config().resource(uri).unwrap_err(),
            ConfigError::Resource,
            "{uri:?}"
        );
    }
    for uri in [
        "https://api.example",
        "https://api.example/a?b=c",
        "urn:example:api",
        "http://[::1]:1/",
    ] {
        assert!(config().resource(uri).is_ok(), "{uri:?}");
    }
}

// B6
#[test]
fn a_request_that_is_too_large_is_refused_before_it_is_sent() {
    let mebibyte = "a".repeat(1024 * 1024);
    let too_large = |parameter| ConfigError::TooLarge {
        parameter,
        limit: 64 * 1024,
    };
    assert_eq!(config().scope(&mebibyte).unwrap_err(), too_large("scope"));
    assert_eq!(
        config().audience(&mebibyte).unwrap_err(),
        too_large("audience")
    );
    assert_eq!(
        config().param("p", &mebibyte).unwrap_err(),
        too_large("a parameter of your own")
    );
    assert_eq!(
        config().resource(format!("urn:{mebibyte}")).unwrap_err(),
        too_large("resource")
    );
    assert_eq!(
        with_credentials("id", &mebibyte).unwrap_err(),
        too_large("client_secret")
    );
    let many = (0..4096).try_fold(config(), |config, i| {
        config.scope(format!("scope-token-number-{i}"))
    });
    assert_eq!(many.unwrap_err(), too_large("scope"));
}

// B6
#[test]
fn the_largest_request_is_the_same_whatever_makes_it_large() {
    let credentials = "id".len() + "s3cret".len();
    for (set, other_bytes) in [
        (
            (|config, value| config.audience(value)) as fn(Config, String) -> _,
            0,
        ),
        (|config, value| config.scope(value), " ".len()),
        (|config, value| config.param("p", value), "&p=".len()),
        (
            |config, value| config.resource(format!("a:{}", &value[2..])),
            "&resource=".len(),
        ),
    ] {
        let largest = 64 * 1024 - credentials - other_bytes;
        assert!(set(config(), "a".repeat(largest)).is_ok());
        assert!(set(config(), "a".repeat(largest + 1)).is_err());
    }
}

#[test]
fn a_tenant_id_is_refused_where_it_would_change_the_audience() {
    for id in ["", "a/b", "a?b", "a#b", "ä", "a b", "a\n"] {
        let error = Config::experience_edge(Tenant::Old(id.to_owned()), "id", Secret::new("s"))
            .unwrap_err();
        assert_eq!(error, ConfigError::TenantId, "{id:?}");
    }
    assert_eq!(
        config().audience("").unwrap_err(),
        ConfigError::Empty {
            parameter: "audience"
        }
    );
}

// B7
#[test]
fn debug_names_everything_and_shows_no_value_that_may_be_secret() {
    let config = with_endpoint("https://login.example/token?key=in-the-query")
        .unwrap()
        .audience("https://api.example")
        .unwrap()
        .param("assertion", "of-a-param")
        .unwrap()
        .body_format(BodyFormat::Json);
    let shown = format!("{config:?} {config:#?}");
    for secret in ["s3cret", "in-the-query", "of-a-param"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    for known in [
        "login.example",
        "https://api.example",
        "assertion",
        "Json",
        "[redacted]",
    ] {
        assert!(shown.contains(known), "{shown}");
    }
}

// C13, S11
#[test]
fn the_cache_key_is_all_that_a_token_is_good_for() {
    let base = || config().scope("a").unwrap().scope("b").unwrap();
    let key = |config: Config| config.cache_key();
    let same = [
        config()
            .scope("b")
            .unwrap()
            .scope("a")
            .unwrap()
            .scope("b")
            .unwrap(),
        base().body_format(BodyFormat::Json),
        base().client_auth(ClientAuth::Basic).unwrap(),
        Config::builder(ENDPOINT, "id")
            .client_secret(Secret::new("rotated"))
            .build()
            .and_then(|config| config.scope("a")?.scope("b"))
            .unwrap(),
    ];
    for other in same {
        assert_eq!(key(base()), key(other));
    }
    let different = [
        base(),
        base().scope("c").unwrap(),
        base().audience("a").unwrap(),
        base().audience("b").unwrap(),
        base().resource("urn:a").unwrap(),
        base().resource("urn:b").unwrap(),
        base().param("p", "1").unwrap(),
        base().param("p", "2").unwrap(),
        base().param("q", "1").unwrap(),
        base().endpoint("https://login.example/token?p=1").unwrap(),
        base().endpoint("https://login.example/other").unwrap(),
        Config::builder(ENDPOINT, "id2")
            .client_secret(Secret::new("s3cret"))
            .build()
            .unwrap(),
        config(),
        config().scope("ab").unwrap(),
    ];
    let keys: std::collections::HashSet<_> = different.into_iter().map(key).collect();
    assert_eq!(keys.len(), 14);
    let bytes: std::collections::HashSet<_> = keys.iter().map(|key| key.as_ref()).collect();
    assert_eq!(bytes.len(), 14);
    for key in keys {
        assert!(!key.as_ref().windows(6).any(|window| window == b"s3cret"));
        assert_eq!(format!("{key:?}"), "CacheKey([redacted])");
    }
}

#[test]
fn a_token_goes_to_its_origin_only() {
    let api = Origin::from_url("https://edge.sitecorecloud.io/api?x").unwrap();
    for (url, covered) in [
        ("https://edge.sitecorecloud.io", true),
        ("https://EDGE.SiteCoreCloud.io:443/other", true),
        ("https://edge.sitecorecloud.io:8443/", false),
        ("http://edge.sitecorecloud.io/", false),
        ("http://edge.sitecorecloud.io:443/", false),
        ("https://sitecorecloud.io/", false),
        ("https://edge.sitecorecloud.io.evil.example/", false),
        ("https://edge.sitecorecloud.io@evil.example/", false),
        ("/relative", false),
    ] {
        assert_eq!(api.covers(&url.parse().unwrap()), covered, "{url}");
    }
    assert!(
        Origin::from_url("http://127.0.0.1:8080")
            .unwrap()
            .covers(&"http://127.0.0.1:8080/x".parse().unwrap())
    );
    for url in [
        "http://api.example",
        "api.example",
        "",
        "ftp://api.example",
        "https://user@api.example",
    ] {
        assert_eq!(
            Origin::from_url(url).unwrap_err(),
            ConfigError::Origin,
            "{url}"
        );
    }
}
