//! The names of configurations in a store.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "each test program uses a part")]
mod common;

use std::collections::HashSet;

use edge_oauth_driver::Store;
use edge_oauth_driver::testing::MemoryStore;
use edge_oauth_no_io::{
    Algorithm, BasicEncoding, ClientAuth, Config, Found, Grant, GrantAssertion, JwtAssertion,
    Secret, SecretBytes,
};
use edge_oauth_store::{FileStore, StoreKeys, config_id};

use common::{Temporary, claim};

fn config(client_id: &str, secret: &str) -> Config {
    Config::builder("https://login.example/token", client_id)
        .client_secret(Secret::new(secret))
        .build()
        .unwrap()
}

#[test]
fn rotated_secret_gets_another_name_and_the_same_file() {
    let keys = StoreKeys::from_client_secret();
    let old = keys.key(&config("a", "old")).unwrap();
    let new = keys.key(&config("a", "new")).unwrap();
    assert_ne!(old.name(), new.name());
    assert_eq!(old.config_id(), new.config_id());
    assert_eq!(old.config_id(), config_id(&config("a", "any")));
    assert_eq!(old.name(), keys.key(&config("a", "old")).unwrap().name());
}

#[test]
fn name_is_a_hash_that_differs_by_configuration() {
    let keys = StoreKeys::from_client_secret();
    let one = keys.key(&config("a", "s3cret")).unwrap();
    let other = keys.key(&config("b", "s3cret")).unwrap();
    assert_ne!(one.name(), other.name());
    assert_ne!(one.config_id(), other.config_id());
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(hex(one.name()) && one.name().len() == 32);
    assert!(hex(one.config_id()) && one.config_id().len() == 64);
}

#[test]
fn configuration_without_a_secret_needs_a_key() {
    let config = Config::builder("https://login.example/token", "a")
        .client_auth(ClientAuth::TlsClientAuth)
        .build()
        .unwrap();
    let error = StoreKeys::from_client_secret().key(&config).unwrap_err();
    assert!(error.is_missing_key());
    assert!(error.to_string().contains("StoreKeys::from_key"), "{error}");
    let keys = StoreKeys::from_key(SecretBytes::new(vec![7; 32])).unwrap();
    assert!(keys.key(&config).is_ok());
    assert!(StoreKeys::from_key(SecretBytes::new(vec![7; 15])).is_err());
}

/// Configurations of one client that ask for one token in different ways.
fn ways_to_ask() -> Vec<Config> {
    let secret = || Secret::new("s3cret");
    let basic = |encoding| ClientAuth::ClientSecretBasic(secret(), encoding);
    let jwt = || JwtAssertion::new(Algorithm::Es256);
    let auths = [
        ClientAuth::ClientSecretPost(secret()),
        ClientAuth::ClientSecretPost(Secret::new("another")),
        basic(BasicEncoding::Percent),
        basic(BasicEncoding::Raw),
        ClientAuth::PrivateKeyJwt(jwt()),
        ClientAuth::PrivateKeyJwt(jwt().key_id("a")),
        ClientAuth::PrivateKeyJwt(jwt().key_id("b")),
        ClientAuth::ClientSecretJwt(JwtAssertion::new(Algorithm::Hs256)),
        ClientAuth::Assertion,
        ClientAuth::TlsClientAuth,
    ];
    let config = |auth| {
        let builder = Config::builder("https://login.example/token", "a").client_auth(auth);
        builder.build().unwrap()
    };
    auths.into_iter().map(config).collect()
}

// fault: places-of-two-credentials, shared-error-of-another-client-authentication
#[test]
fn each_credential_and_method_has_a_place_of_its_own() {
    let temporary = Temporary::new();
    let keys = StoreKeys::from_key(SecretBytes::new(vec![7; 32])).unwrap();
    let files = FileStore::open(temporary.path())
        .unwrap()
        .with_keys(keys.clone());
    let memory = MemoryStore::new();
    let mut names = HashSet::new();
    for config in ways_to_ask() {
        names.insert(keys.key(&config).unwrap().name().to_owned());
        if config.client_secret().is_some() {
            let key = StoreKeys::from_client_secret().key(&config).unwrap();
            names.insert(key.name().to_owned());
        }
        for store in [&files as &dyn Store, &memory] {
            let found = store
                .claim(&store.key(&config).unwrap(), &claim())
                .unwrap()
                .found;
            assert!(
                matches!(found, Found::Lease { .. }),
                "{config:?}: {found:?}"
            );
        }
    }
    assert_eq!(names.len(), 10 + 4);
}

#[test]
fn configuration_is_listed_under_one_id_however_the_client_authenticates() {
    let ids: HashSet<_> = ways_to_ask().iter().map(config_id).collect();
    assert_eq!(ids.len(), 1);
}

// fault: token-of-another-subject
#[test]
fn configuration_with_an_unknown_subject_needs_a_key_of_its_own() {
    let exchange = Grant::TokenExchange {
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt".into(),
    };
    for grant in [exchange, Grant::JwtBearer(GrantAssertion::External)] {
        let config = config("a", "s3cret")
            .to_builder()
            .grant(grant)
            .build()
            .unwrap();
        let error = StoreKeys::from_client_secret().key(&config).unwrap_err();
        assert!(error.is_missing_key());
        assert!(error.to_string().contains("key of this subject"), "{error}");
        let key = |subject| {
            let keys = StoreKeys::from_key(SecretBytes::new(vec![subject; 32])).unwrap();
            keys.key(&config).unwrap().name().to_owned()
        };
        assert_ne!(key(1), key(2));
    }
}

#[test]
fn debug_of_keys_contains_no_key() {
    let keys = StoreKeys::from_key(SecretBytes::new(
        b"a-key-of-32-bytes-a-key-of-32-by".to_vec(),
    ));
    let keys = keys.unwrap();
    let key = keys.key(&config("a", "s3cret")).unwrap();
    let printed = format!("{keys:?} {key:?} {key:#?}");
    assert!(printed.starts_with("StoreKeys(Some("), "{printed}");
    assert!(
        !printed.contains("a-key-of") && !printed.contains(key.name()),
        "{printed}"
    );
}
