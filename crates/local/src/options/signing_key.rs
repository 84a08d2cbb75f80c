//! The key that signs the access tokens.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::error::KeyRejected;
use ring::rand::SystemRandom;
use ring::rsa::{self, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use serde_json::{Value, json};

use crate::options::algorithm::Algorithm;

/// The algorithm of the signatures of access tokens.
///
/// A signature with RS256 takes about ten times as long as one with ES256: use ES256 for load tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenAlgorithm {
    /// RSA, the algorithm of the real service.
    #[default]
    Rs256,
    /// ECDSA on P-256.
    Es256,
}

/// A private key and its name in tokens.
///
/// The default is a development key, `src/development-key.p8` or `src/development-key-es256.p8` in the sources of this
/// crate. Both are published: everybody has them, so their signatures prove nothing on another server. Never let another
/// server trust them.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pair: Arc<Pair>,
    kid: String,
}

enum Pair {
    Rsa(rsa::KeyPair),
    P256(EcdsaKeyPair),
}

/// The bytes are no private key that can sign tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKey {
    reason: String,
}

impl SigningKey {
    pub(crate) fn from_pkcs8(der: &[u8], kid: String) -> Result<Self, InvalidKey> {
        let pair = Pair::from_pkcs8(der).map_err(|rejected| InvalidKey {
            reason: rejected.to_string(),
        })?;
        Ok(Self {
            pair: Arc::new(pair),
            kid,
        })
    }

    pub(crate) fn development(algorithm: TokenAlgorithm) -> Self {
        let (der, kid) = match algorithm {
            TokenAlgorithm::Rs256 => (DEVELOPMENT_KEY, DEVELOPMENT_KID),
            TokenAlgorithm::Es256 => (DEVELOPMENT_KEY_ES256, DEVELOPMENT_KID_ES256),
        };
        Self::from_pkcs8(der, kid.to_owned()).expect("the development keys are sound")
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match *self.pair {
            Pair::Rsa(_) => Algorithm::Rs256,
            Pair::P256(_) => Algorithm::Es256,
        }
    }

    /// RSASSA-PKCS1-v1_5 or ECDSA on P-256 with SHA-256 (RFC 7518 §3.3, §3.4).
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &*self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("the buffer is as long as the modulus, and the padding draws nothing random");
                signature
            }
            Pair::P256(pair) => {
                let signature = pair.sign(&random, message);
                let signature = signature.expect("the system gives random bytes");
                signature.as_ref().to_vec()
            }
        }
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match &*self.pair {
            Pair::Rsa(pair) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key())
                    .verify(message, signature)
            }
            Pair::P256(pair) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key())
                .verify(message, signature),
        };
        verified.is_ok()
    }

    /// Returns the public half as a JSON Web Key (RFC 7517 §4, RFC 7518 §6.2.1, §6.3.1).
    pub(crate) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &*self.pair {
            Pair::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "n": encode(&public.n), "e": encode(&public.e) })
            }
            Pair::P256(pair) => {
                // An uncompressed point: a byte for its form, and the two coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })
            }
        };
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm().name());
        jwk["kid"] = json!(self.kid);
        jwk
    }
}

impl Pair {
    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyRejected> {
        rsa::KeyPair::from_pkcs8(der)
            .map(Self::Rsa)
            .or_else(|rejected| {
                let random = SystemRandom::new();
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random)
                    .map(Self::P256)
                    .map_err(|_| rejected)
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
        write!(
            f,
            "not a usable PKCS#8 private key of RSA or P-256: {}",
            self.reason
        )
    }
}

impl std::error::Error for InvalidKey {}

/// The output of this command, which can replace it:
/// `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 | openssl pkcs8 -topk8 -nocrypt -outform DER`
const DEVELOPMENT_KEY: &[u8] = include_bytes!("../development-key.p8");

const DEVELOPMENT_KID: &str = "published-development-key";

/// The output of this command, which can replace it:
/// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkcs8 -topk8 -nocrypt -outform DER`
const DEVELOPMENT_KEY_ES256: &[u8] = include_bytes!("../development-key-es256.p8");

const DEVELOPMENT_KID_ES256: &str = "published-development-key-es256";
