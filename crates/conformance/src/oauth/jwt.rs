//! Keys, and JWTs with chosen claims.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_driver::Signer as _;
use edge_oauth_keys::PrivateKey;
use edge_oauth_no_io::{Purpose, SecretBytes, ToSign};
use serde_json::{Value, json};

use crate::secrecy::watch::watch;

/// The client of every assertion.
pub(crate) const ID: &str = "cart";

/// A private key that no server knows, made with `openssl genpkey`.
pub(crate) struct KeyFile {
    name: &'static str,
    text: &'static str,
}

macro_rules! key_file {
    ($name:literal) => {
        KeyFile {
            name: $name,
            text: include_str!(concat!("../keys/", $name)),
        }
    };
}

pub(crate) const RSA: KeyFile = key_file!("rsa.pkcs8.pem");
pub(crate) const P256: KeyFile = key_file!("p256.pkcs8.pem");
pub(crate) const P384: KeyFile = key_file!("p384.pkcs8.pem");
pub(crate) const ED25519: KeyFile = key_file!("ed25519.pem");

impl KeyFile {
    /// Reads the key, and plants it.
    pub(crate) fn key(&self) -> PrivateKey {
        let lines = self.text.lines().filter(|line| !line.starts_with('-'));
        let lines: Vec<_> = lines.filter(|line| line.len() == 64).collect();
        // The end of the first line and the last line belong to the private part.
        for line in [lines.first(), lines.last()].into_iter().flatten() {
            watch().plant(self.name, line);
        }
        PrivateKey::from_pem(self.text).unwrap()
    }
}

/// Returns a P-256 key that no server knows.
pub(crate) fn new_key() -> PrivateKey {
    let pair = rcgen::KeyPair::generate().unwrap();
    PrivateKey::from_pem(pair.serialize_pem()).unwrap()
}

/// Returns claims that expire after this number of seconds. A negative number makes them expired.
pub(crate) fn claims(audience: &str, now: Duration, seconds: i64) -> Value {
    let now = now.as_secs();
    let expires_at = now.saturating_add_signed(seconds);
    json!({
        "iss": ID,
        "sub": ID,
        "aud": audience,
        "jti": format!("{expires_at}"),
        "iat": now.min(expires_at - 60),
        "exp": expires_at,
    })
}

/// Returns a JWT with these claims, and plants it.
pub(crate) fn signed(key: &PrivateKey, claims: &Value) -> String {
    let header = json!({ "alg": key.algorithm().as_str(), "kid": key.key_id() });
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{claims}");
    let bytes = SecretBytes::new(input.clone().into_bytes());
    let to_sign = ToSign::new(Purpose::ClientAuth, key.algorithm(), None, bytes);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(&to_sign).unwrap());
    let jwt = format!("{input}.{signature}");
    watch().plant("an assertion", &jwt);
    jwt
}
