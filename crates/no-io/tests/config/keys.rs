//! The cache key and the id in a store.

use edge_oauth_no_io::{
    Algorithm, BasicEncoding, BodyFormat, ClientAuth, Config, ConfigBuilder, Grant, GrantAssertion,
    JwtAssertion, Secret,
};

use crate::setup::{ENDPOINT, builder};

// fault: malformed-scope, cache-keys
#[test]
fn cache_key_contains_all_that_a_token_depends_on() {
    let base = || builder().scope("a b");
    let key = |builder: ConfigBuilder| builder.build().unwrap().cache_key().clone();
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

fn by_jwt_grant(jwt: JwtAssertion) -> ConfigBuilder {
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
    let id = |builder: ConfigBuilder| builder.build().unwrap().store_id();
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
fn fingerprint_tells_cache_keys_apart() {
    let fingerprint = |builder: ConfigBuilder| builder.build().unwrap().cache_key().fingerprint();
    let different = [builder(), builder().scope("a"), builder().audience("a")];
    let fingerprints: std::collections::HashSet<_> = different.map(fingerprint).into();
    assert_eq!(fingerprints.len(), 3);
    assert_eq!(fingerprint(builder()), fingerprint(builder()));
}

#[test]
fn configuration_with_another_secret_makes_other_requests() {
    for [one, other] in [
        [
            builder(),
            Config::builder(ENDPOINT, "id").client_secret(Secret::new("rotated")),
        ],
        [builder(), builder().scope("a")],
        [builder(), builder().body_format(BodyFormat::Json)],
        [builder(), builder().basic_auth(BasicEncoding::Percent)],
    ] {
        let (one, other) = (one.build().unwrap(), other.build().unwrap());
        assert!(!one.makes_same_requests(&other));
        assert!(one.makes_same_requests(&one.to_builder().build().unwrap()));
    }
}

#[test]
fn configuration_returns_its_audience_scope_and_resources() {
    let config = builder().audience("https://api.example").scope("b a");
    let config = config.resource("urn:a").resource("urn:b").build().unwrap();
    assert_eq!(config.audience(), Some("https://api.example"));
    assert_eq!(config.scope().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(config.resources().collect::<Vec<_>>(), ["urn:a", "urn:b"]);
}
