//! The C rows: what a configuration refuses, and what it accepts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{
    Algorithm, BasicEncoding, BodyFormat, Builder, ClientAuth, Config, ConfigError, Grant,
    GrantAssertion, JwtAssertion, Origin, Secret, Tenant, token_request,
};

const ENDPOINT: &str = "https://login.example/token";

fn builder() -> Builder {
    Config::builder(ENDPOINT, "id").client_secret(Secret::new("s3cret"))
}

fn error(builder: Builder) -> ConfigError {
    builder.build().unwrap_err()
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
    let refused = |name: &str| error(builder().param(name, "1"));
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
            error(builder().client_auth(ClientAuth::None)),
            "client authentication is set twice",
        ),
        (error(builder().resource("/planted")), "resource is not"),
        (
            Origin::from_url("http://planted.example/").unwrap_err(),
            "the API's URL",
        ),
        (refused("grant_type"), "grant_type is set by the library"),
        (
            error(builder().param("a", planted).param("a", planted)),
            "a is set twice",
        ),
        (
            Config::experience_edge(Tenant::Old("planted value".into()), "id", Secret::new("s"))
                .unwrap_err(),
            "the tenant id",
        ),
        (
            error(builder().audience(many)),
            "the largest being audience",
        ),
    ] {
        let shown = error.to_string();
        assert!(shown.contains(says), "{shown}");
        assert!(!shown.contains("planted"), "{shown}");
    }
}

// fault: insecure-endpoint, host-that-resembles-the-loopback
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

// fault: http-on-the-loopback
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

// fault: host-that-resembles-the-loopback, fragment-in-the-endpoint, user-name-in-the-endpoint, malformed-endpoint
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

// fault: query-in-the-endpoint
#[test]
fn the_query_is_kept_byte_for_byte() {
    let config = with_endpoint("https://login.example/token?p=1&q=%7e+%2F&r").unwrap();
    assert_eq!(
        token_request(&config).unwrap().uri(),
        "https://login.example/token?p=1&q=%7e+%2F&r"
    );
    assert!(
        !format!("{config:?}").contains("%7e"),
        "a query may hold a key"
    );
}

// fault: missing-client-id, missing-secret
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

// fault: secret-ends-in-a-line-break
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

// fault: character-that-rfc-6749-forbids
#[test]
fn other_characters_need_a_lenient_configuration() {
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
        let body = token_request(&lenient).unwrap();
        let pairs: Vec<_> = form_urlencoded::parse(body.body().as_ref()).collect();
        assert!(
            pairs.iter().filter(|(_, value)| value == text).count() == 2,
            "{text:?}"
        );
    }
    assert!(with_credentials("every ~ printable ! \"%&+=:", "the same ~ \\").is_ok());
}

// fault: second-client-authentication
#[test]
fn second_client_authentication_is_refused() {
    let basic = || ClientAuth::ClientSecretBasic(Secret::new("s3cret"), BasicEncoding::Percent);
    for second in [
        builder().client_auth(basic()),
        builder().client_secret(Secret::new("s3cret")),
        builder()
            .client_auth(ClientAuth::None)
            .client_auth(ClientAuth::None),
        Config::builder(ENDPOINT, "id")
            .client_auth(ClientAuth::None)
            .basic_auth(BasicEncoding::Plus),
    ] {
        assert_eq!(error(second), ConfigError::SecondClientAuth);
    }
    let none = Config::builder(ENDPOINT, "id");
    let parameter = "client_secret";
    assert_eq!(error(none), ConfigError::Empty { parameter });
}

// fault: a-rotated-secret-in-a-pool
#[test]
fn rotation_replaces_the_secret_and_keeps_the_method() {
    let basic = builder()
        .basic_auth(BasicEncoding::Plus)
        .scope("a")
        .build()
        .unwrap();
    let rotated = basic
        .to_builder()
        .client_secret(Secret::new("new"))
        .build()
        .unwrap();
    assert_eq!(rotated.client_auth().method(), "client_secret_basic");
    assert_eq!(rotated.client_secret().unwrap().expose(), "new");
    assert_eq!(rotated.cache_key(), basic.cache_key());
    assert!(!rotated.makes_same_requests(&basic));
    assert!(
        basic
            .to_builder()
            .build()
            .unwrap()
            .makes_same_requests(&basic)
    );
    let twice = basic
        .to_builder()
        .client_secret(Secret::new("a"))
        .client_secret(Secret::new("b"));
    assert_eq!(error(twice), ConfigError::SecondClientAuth);
}

// fault: basic-without-encoding
#[test]
fn raw_basic_refuses_a_colon_in_the_id() {
    let raw = |id| {
        let builder = Config::builder(ENDPOINT, id).client_secret(Secret::new("a:b%"));
        builder.basic_auth(BasicEncoding::Raw).build()
    };
    let parameter = "client_id";
    assert_eq!(
        raw("a:b").unwrap_err(),
        ConfigError::Character { parameter }
    );
    let request = token_request(&raw("my id").unwrap()).unwrap();
    // `my id:a:b%`
    assert_eq!(request.headers()["authorization"], "Basic bXkgaWQ6YTpiJQ==");
}

// fault: malformed-scope
#[test]
fn a_scope_token_is_one_token() {
    for token in ["a\"", "a\\b", "a\n", "é", "\u{7f}"] {
        let error = error(builder().scope(token));
        assert_eq!(
            error,
            ConfigError::Character { parameter: "scope" },
            "{token:?}"
        );
    }
    assert_eq!(
        error(builder().scope("")),
        ConfigError::Empty { parameter: "scope" }
    );
    for two in [
        builder().scope("b").scope("a").scope("b"),
        builder().scope("b a"),
        builder().scope(" b  a b "),
    ] {
        let request = token_request(&two.build().unwrap()).unwrap();
        assert!(request.body().as_ref().ends_with(b"&scope=b+a"));
    }
}

// fault: parameter-set-twice
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
        let error = error(builder().param(name, "x"));
        assert_eq!(
            error,
            ConfigError::Reserved {
                parameter: name.to_owned()
            }
        );
    }
    let once = builder().param("organization_id", "org_1");
    let twice = error(once.param("organization_id", "org_2"));
    assert_eq!(
        twice,
        ConfigError::Repeated {
            parameter: "organization_id".to_owned()
        }
    );
    assert!(builder().param("", "x").build().is_err());

    // A grant sets parameters of its own.
    let subject_token_type = "urn:ietf:params:oauth:token-type:jwt".to_owned();
    let exchange = || {
        builder().grant(Grant::TokenExchange {
            subject_token_type: subject_token_type.clone(),
        })
    };
    for name in ["subject_token", "subject_token_type"] {
        let parameter = name.to_owned();
        assert_eq!(
            error(exchange().param(name, "x")),
            ConfigError::Reserved { parameter }
        );
    }
    let extension = |grant_type: &str, name: &str| Grant::Extension {
        grant_type: grant_type.to_owned(),
        params: vec![(name.to_owned(), Secret::new("x"))],
    };
    let reserved = error(builder().grant(extension("urn:x", "client_id")));
    let parameter = "client_id".to_owned();
    assert_eq!(reserved, ConfigError::Reserved { parameter });
    let repeated = error(builder().grant(extension("urn:x", "pin")).param("pin", "y"));
    let parameter = "pin".to_owned();
    assert_eq!(repeated, ConfigError::Repeated { parameter });
    let parameter = "grant_type";
    assert_eq!(
        error(builder().grant(extension("", "pin"))),
        ConfigError::Empty { parameter }
    );
}

// fault: malformed-resource
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
            error(builder().resource(uri)),
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
        assert!(builder().resource(uri).build().is_ok(), "{uri:?}");
    }
}

// fault: parameters-too-large
#[test]
fn a_request_that_is_too_large_is_refused_before_it_is_sent() {
    let mebibyte = "a".repeat(1024 * 1024);
    let too_large = |parameter| ConfigError::TooLarge {
        parameter,
        limit: 64 * 1024,
    };
    assert_eq!(error(builder().scope(&mebibyte)), too_large("scope"));
    assert_eq!(error(builder().audience(&mebibyte)), too_large("audience"));
    assert_eq!(
        error(builder().param("p", &mebibyte)),
        too_large("a parameter of your own")
    );
    assert_eq!(
        error(builder().resource(format!("urn:{mebibyte}"))),
        too_large("resource")
    );
    assert_eq!(
        with_credentials("id", &mebibyte).unwrap_err(),
        too_large("client_secret")
    );
    let many = (0..4096).fold(builder(), |builder, i| {
        builder.scope(&format!("scope-token-number-{i}"))
    });
    assert_eq!(error(many), too_large("scope"));
}

// fault: parameters-too-large
#[test]
fn the_largest_request_is_the_same_whatever_makes_it_large() {
    let credentials = "id".len() + "s3cret".len();
    for (set, other_bytes) in [
        (
            (|builder, value| builder.audience(value)) as fn(Builder, String) -> _,
            0,
        ),
        (|builder, value| builder.scope(&value), " ".len()),
        (|builder, value| builder.param("p", value), "&p=".len()),
        (
            |builder, value| builder.resource(format!("a:{}", &value[2..])),
            "&resource=".len(),
        ),
    ] {
        let largest = 64 * 1024 - credentials - other_bytes;
        assert!(set(builder(), "a".repeat(largest)).build().is_ok());
        assert!(set(builder(), "a".repeat(largest + 1)).build().is_err());
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
        error(builder().audience("")),
        ConfigError::Empty {
            parameter: "audience"
        }
    );
}

// fault: request-printed
#[test]
fn debug_names_everything_and_shows_no_value_that_may_be_secret() {
    let config = builder()
        .endpoint("https://login.example/token?key=in-the-query")
        .audience("https://api.example")
        .param("assertion", "of-a-param")
        .body_format(BodyFormat::Json);
    assert_eq!(format!("{config:?}"), "Builder { .. }");
    let config = config.build().unwrap();
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

// fault: malformed-scope, cache-keys
#[test]
fn the_cache_key_is_all_that_a_token_is_good_for() {
    let base = || builder().scope("a b");
    let key = |builder: Builder| builder.build().unwrap().cache_key().clone();
    let same = [
        builder().scope("b").scope("a").scope("b"),
        base().body_format(BodyFormat::Json),
        base().basic_auth(BasicEncoding::Percent),
        Config::builder(ENDPOINT, "id")
            .client_secret(Secret::new("rotated"))
            .scope("a b"),
        Config::builder(ENDPOINT, "id")
            .client_auth(ClientAuth::Assertion)
            .scope("a b"),
    ];
    for other in same {
        assert_eq!(key(base()), key(other));
    }
    let different = [
        base(),
        base().scope("c"),
        base().audience("a"),
        base().audience("b"),
        base().resource("urn:a"),
        base().resource("urn:b"),
        base().param("p", "1"),
        base().param("p", "2"),
        base().param("q", "1"),
        base().endpoint("https://login.example/token?p=1"),
        base().endpoint("https://login.example/other"),
        Config::builder(ENDPOINT, "id2").client_secret(Secret::new("s3cret")),
        builder(),
        builder().scope("ab"),
        base().grant(Grant::Extension {
            grant_type: "urn:x".into(),
            params: Vec::new(),
        }),
    ];
    let keys: std::collections::HashSet<_> = different.into_iter().map(key).collect();
    assert_eq!(keys.len(), 15);
    let bytes: std::collections::HashSet<_> = keys.iter().map(|key| key.as_ref()).collect();
    assert_eq!(bytes.len(), 15);
    for key in keys {
        assert!(!key.as_ref().windows(6).any(|window| window == b"s3cret"));
        assert_eq!(format!("{key:?}"), "CacheKey([redacted])");
    }
}

fn by_jwt_grant(jwt: JwtAssertion) -> Builder {
    builder().grant(Grant::JwtBearer(GrantAssertion::Jwt(jwt)))
}

fn jwt() -> JwtAssertion {
    JwtAssertion::new(Algorithm::Es256)
}

// fault: token-of-another-subject
#[test]
fn cache_key_tells_the_subjects_of_a_jwt_grant_apart() {
    let key = |jwt| by_jwt_grant(jwt).build().unwrap().cache_key().clone();
    let different = [
        jwt(),
        jwt().subject("alice"),
        jwt().subject("bob"),
        jwt().issuer("alice"),
        jwt().audience("alice"),
        jwt().claim("scope", "read"),
        jwt().claim("scope", "write"),
        jwt().claim("sub_account", "write"),
    ];
    let keys: std::collections::HashSet<_> = different.map(key).into();
    assert_eq!(keys.len(), 8);
    // The same account by another key.
    assert_eq!(key(jwt()), key(jwt().key_id("2026-11")));
}

// fault: shared-error-of-another-client-authentication
#[test]
fn store_id_tells_each_way_to_make_the_request_apart() {
    let id = |builder: Builder| builder.build().unwrap().store_id();
    let client = |auth| Config::builder(ENDPOINT, "id").client_auth(auth);
    let basic = |encoding| ClientAuth::ClientSecretBasic(Secret::new("s3cret"), encoding);
    let signed = |jwt| client(ClientAuth::PrivateKeyJwt(jwt));
    let different = [
        builder(),
        builder().body_format(BodyFormat::Json),
        builder().scope("a"),
        client(basic(BasicEncoding::Percent)),
        client(basic(BasicEncoding::Plus)),
        client(basic(BasicEncoding::Raw)),
        client(ClientAuth::Assertion),
        client(ClientAuth::TlsClientAuth),
        client(ClientAuth::ClientSecretJwt(jwt())),
        signed(jwt()),
        signed(jwt().key_id("a")),
        signed(jwt().key_id("b")),
        signed(jwt().audience("a")),
        signed(jwt().issuer("a")),
        signed(jwt().subject("a")),
        signed(jwt().claim("a", "b")),
        signed(JwtAssertion::new(Algorithm::Rs256)),
        by_jwt_grant(jwt().key_id("a")),
        by_jwt_grant(jwt().key_id("b")),
    ];
    let ids: std::collections::HashSet<_> = different.map(id).into();
    assert_eq!(ids.len(), 19);
    // A rotation of the secret changes the seal, and not the id.
    let rotated = Config::builder(ENDPOINT, "id").client_secret(Secret::new("rotated"));
    assert_eq!(id(builder()), id(rotated));
    let lived_longer = jwt().lifetime(std::time::Duration::from_secs(120));
    assert_eq!(id(signed(jwt())), id(signed(lived_longer)));
    for id in ids {
        assert!(!id.as_ref().windows(6).any(|window| window == b"s3cret"));
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
