//! Keys, JWTs and certificates of a test.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::KeyPair;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};

use super::Home;

/// A P-256 key.
pub(crate) struct Key(pub(crate) KeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        Self(KeyPair::generate().unwrap())
    }

    /// Writes the key as PEM, readable only by its owner.
    pub(crate) fn write(&self, home: &Home, name: &str) -> PathBuf {
        private(home, name, self.0.serialize_pem())
    }

    /// Returns the header and the claims of a JWT that this key signed.
    #[track_caller]
    pub(crate) fn verify(&self, jwt: &str) -> (Value, Value) {
        let (input, signature) = jwt.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.0.public_key_raw());
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        key.verify(input.as_bytes(), &signature)
            .expect("the key signed it");
        read(jwt)
    }

    /// Returns every text that must not be printed: the lines of the PEM.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let pem = self.0.serialize_pem();
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        lines.map(str::to_owned).collect()
    }
}

/// Writes a file that only its owner can read.
pub(crate) fn private(home: &Home, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = home.write(name, text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    path
}

/// Returns the header and the claims of a JWT, unverified.
pub(crate) fn read(jwt: &str) -> (Value, Value) {
    let parts: Vec<_> = jwt.split('.').collect();
    let part = |index: usize| {
        let bytes = URL_SAFE_NO_PAD.decode(parts[index]).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    (part(0), part(1))
}

/// Returns an unsigned JWT with these claims, such as of a platform.
pub(crate) fn jwt(claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode("pl4nted signature");
    format!(
        "{}.{}.{signature}",
        encode(&json!({ "alg": "RS256" })),
        encode(claims)
    )
}
