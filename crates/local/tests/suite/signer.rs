//! Keys that sign assertions, one for each algorithm.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding,
};
use ring::{hmac, rand};
use serde_json::{Value, json};

/// A client secret that is long enough to sign with.
pub(crate) const SECRET: &str = "planted secret of more than 32 bytes";

pub(crate) struct Signer {
    pub(crate) algorithm: &'static str,
    /// The public key as a JWK without `alg` and `kid`; null for a secret.
    pub(crate) jwk: Value,
    sign: Sign,
}

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

impl Signer {
    pub(crate) fn hs256() -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        Self {
            algorithm: "HS256",
            jwk: Value::Null,
            sign: Box::new(move |input| hmac::sign(&key, input).as_ref().to_vec()),
        }
    }

    pub(crate) fn es256() -> Self {
        Self::ecdsa("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    pub(crate) fn es384() -> Self {
        Self::ecdsa("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    fn ecdsa(algorithm: &'static str, curve: &str, scheme: &'static EcdsaSigningAlgorithm) -> Self {
        let random = rand::SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(scheme, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(scheme, pkcs8.as_ref(), &random).unwrap();
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let jwk = json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) });
        let sign = move |input: &[u8]| {
            let signature = pair.sign(&SystemRandom::new(), input).unwrap();
            signature.as_ref().to_vec()
        };
        Self {
            algorithm,
            jwk,
            sign: Box::new(sign),
        }
    }

    pub(crate) fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let x = encode(pair.public_key().as_ref());
        Self {
            algorithm: "EdDSA",
            jwk: json!({ "kty": "OKP", "crv": "Ed25519", "x": x }),
            sign: Box::new(move |input| pair.sign(input).as_ref().to_vec()),
        }
    }

    pub(crate) fn rs256() -> Self {
        Self::rsa("RS256", &RSA_PKCS1_SHA256)
    }

    pub(crate) fn ps256() -> Self {
        Self::rsa("PS256", &RSA_PSS_SHA256)
    }

    fn rsa(algorithm: &'static str, padding: &'static dyn RsaEncoding) -> Self {
        let public = PublicKeyComponents::<Vec<u8>>::from(RSA.public());
        let jwk = json!({ "kty": "RSA", "n": encode(&public.n), "e": encode(&public.e) });
        let sign = move |input: &[u8]| {
            let mut signature = vec![0; RSA.public().modulus_len()];
            RSA.sign(padding, &SystemRandom::new(), input, &mut signature)
                .unwrap();
            signature
        };
        Self {
            algorithm,
            jwk,
            sign: Box::new(sign),
        }
    }

    /// Returns the public key with a name.
    pub(crate) fn jwk_of(&self, key_id: &str) -> String {
        let mut jwk = self.jwk.clone();
        jwk["kid"] = json!(key_id);
        jwk.to_string()
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({ "alg": self.algorithm, "typ": "JWT" }), claims)
    }

    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let input = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(claims.to_string())
        );
        let signature = (self.sign)(input.as_bytes());
        format!("{input}.{}", encode(signature))
    }
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Generating a key pair takes long, so this one is a file.
static RSA: LazyLock<RsaKeyPair> = LazyLock::new(|| {
    RsaKeyPair::from_pkcs8(include_bytes!("../../src/development-key.p8")).unwrap()
});
