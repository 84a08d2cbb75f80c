//! The names of configurations in a store.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{ClientAuth, Config, Secret, SecretBytes};
use edge_oauth_store::{StoreKeys, config_id};

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
fn names_are_hashes_and_tell_configurations_apart() {
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
    assert!(error.to_string().contains("StoreKeys::from_key"), "{error}");
    let keys = StoreKeys::from_key(SecretBytes::new(vec![7; 32])).unwrap();
    assert!(keys.key(&config).is_ok());
    assert!(StoreKeys::from_key(SecretBytes::new(vec![7; 15])).is_err());
}

#[test]
fn keys_print_no_key() {
    let keys = StoreKeys::from_key(SecretBytes::new(
        b"a-key-of-32-bytes-a-key-of-32-by".to_vec(),
    ));
    let keys = keys.unwrap();
    let key = keys.key(&config("a", "s3cret")).unwrap();
    let printed = format!("{keys:?} {key:?} {key:#?}");
    assert!(
        !printed.contains("a-key-of") && !printed.contains(key.name()),
        "{printed}"
    );
}
