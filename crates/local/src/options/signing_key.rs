//! The RSA key that signs the access tokens.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// An RSA private key and its name in tokens.
///
/// The default is the development key, `src/development-key.p8` in the sources of this crate. It is published:
/// everybody has it, so its signature proves nothing on another server. Never let another server trust it.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pair: Arc<KeyPair>,
    kid: String,
}

/// The bytes are no RSA private key that can sign tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKey {
    reason: String,
}

impl SigningKey {
    pub(crate) fn from_pkcs8(der: &[u8], kid: String) -> Result<Self, InvalidKey> {
        let pair = KeyPair::from_pkcs8(der).map_err(|rejected| InvalidKey {
            reason: rejected.to_string(),
        })?;
        Ok(Self {
            pair: Arc::new(pair),
            kid,
        })
    }

    pub(crate) fn development() -> Self {
        Self::from_pkcs8(DEVELOPMENT_KEY, DEVELOPMENT_KID.to_owned())
            .expect("the development key is a sound RSA key")
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .expect("the buffer is as long as the modulus, and the padding draws nothing random");
        signature
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key())
            .verify(message, signature)
            .is_ok()
    }

    /// Returns the public half as a JSON Web Key (RFC 7517 §4, RFC 7518 §6.3.1).
    pub(crate) fn jwk(&self) -> Value {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.pair.public());
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(public.n),
            "e": URL_SAFE_NO_PAD.encode(public.e),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a usable PKCS#8 RSA private key: {}", self.reason)
    }
}

impl std::error::Error for InvalidKey {}

/// The output of this command, which can replace it:
/// `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 | openssl pkcs8 -topk8 -nocrypt -outform DER`
const DEVELOPMENT_KEY: &[u8] = include_bytes!("../development-key.p8");

const DEVELOPMENT_KID: &str = "published-development-key";
