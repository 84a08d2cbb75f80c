//! Key pairs of ring, by type.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::Algorithm;
use ring::error::{KeyRejected, Unspecified};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};

use crate::error::KeyError;

/// A curve of ECDSA that JOSE names and ring has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
}

pub(crate) enum KeyPair {
    Rsa(Box<RsaKeyPair>),
    Ec(Curve, Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl KeyPair {
    /// Reads a PKCS#1 key, whose modulus the caller has found.
    pub(crate) fn rsa_der(modulus: &[u8], der: &[u8]) -> Result<Self, KeyError> {
        long_enough(modulus)?;
        let pair = RsaKeyPair::from_der(der).map_err(rejected)?;
        Ok(Self::Rsa(Box::new(pair)))
    }

    pub(crate) fn rsa(parts: &KeyPairComponents<&[u8]>) -> Result<Self, KeyError> {
        long_enough(parts.public_key.n)?;
        let pair = RsaKeyPair::from_components(parts).map_err(rejected)?;
        Ok(Self::Rsa(Box::new(pair)))
    }

    pub(crate) fn ec(curve: Curve, private: &[u8], public: &[u8]) -> Result<Self, KeyError> {
        let algorithm = match curve {
            Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        };
        let random = SystemRandom::new();
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(algorithm, private, public, &random)
                .map_err(rejected)?;
        Ok(Self::Ec(curve, Box::new(pair)))
    }

    pub(crate) fn ed25519(seed: &[u8], public: Option<&[u8]>) -> Result<Self, KeyError> {
        let pair = match public {
            Some(public) => Ed25519KeyPair::from_seed_and_public_key(seed, public),
            None => Ed25519KeyPair::from_seed_unchecked(seed),
        };
        Ok(Self::Ed25519(Box::new(pair.map_err(rejected)?)))
    }

    /// Returns the algorithms that the key fits, the default first.
    pub(crate) fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Rsa(_) => &[Algorithm::Rs256, Algorithm::Ps256],
            Self::Ec(Curve::P256, _) => &[Algorithm::Es256],
            Self::Ec(Curve::P384, _) => &[Algorithm::Es384],
            Self::Ed25519(_) => &[Algorithm::EdDsa],
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "an RSA key",
            Self::Ec(Curve::P256, _) => "a P-256 key",
            Self::Ec(Curve::P384, _) => "a P-384 key",
            Self::Ed25519(_) => "an Ed25519 key",
        }
    }

    /// Returns the signature in the encoding of RFC 7518 §3. The algorithm is one of the key's own.
    pub(crate) fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let padding = match algorithm {
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256 as &dyn ring::signature::RsaEncoding,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, input, &mut signature)?;
                Ok(signature)
            }
            Self::Ec(_, pair) => Ok(pair.sign(&random, input)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.sign(input).as_ref().to_vec()),
        }
    }

    /// Returns the public key as a certificate contains it (RFC 3279 §2.3.1, RFC 5480 §2.2, RFC 8410 §4).
    pub(crate) fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public().as_ref(),
            Self::Ec(_, pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    /// Returns the members that the thumbprint covers, as JSON in its order (RFC 7638 §3.2, RFC 8037 §2).
    pub(crate) fn public_members(&self) -> String {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let PublicKeyComponents { n, e } =
                    PublicKeyComponents::<Vec<u8>>::from(pair.public());
                format!(r#""e":"{}","kty":"RSA","n":"{}""#, text(&e), text(&n))
            }
            Self::Ec(curve, pair) => {
                let crv = match curve {
                    Curve::P256 => "P-256",
                    Curve::P384 => "P-384",
                };
                // SEC 1 §2.3.3: a 4, then X and Y.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                format!(
                    r#""crv":"{crv}","kty":"EC","x":"{}","y":"{}""#,
                    text(x),
                    text(y)
                )
            }
            Self::Ed25519(pair) => {
                let x = text(pair.public_key().as_ref());
                format!(r#""crv":"Ed25519","kty":"OKP","x":"{x}""#)
            }
        }
    }
}

/// RFC 7518 §3.3: 2048 bits or more.
fn long_enough(modulus: &[u8]) -> Result<(), KeyError> {
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let modulus = &modulus[zeros..];
    let bits = match modulus.first() {
        Some(first) => modulus.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    };
    if bits < RSA_BITS {
        return Err(KeyError::TooShort {
            bits,
            needed: RSA_BITS,
        });
    }
    Ok(())
}

/// ring's reasons are few and fixed, but it keeps their lifetime to itself.
fn rejected(error: KeyRejected) -> KeyError {
    let reason = match error.to_string().as_str() {
        "TooLarge" => "ring takes RSA keys of up to 4096 bits",
        "InconsistentComponents" => "its private and public parts do not belong together",
        "InvalidEncoding" => "its encoding is damaged",
        _ => "one of its numbers is out of range",
    };
    KeyError::Invalid { reason }
}

const RSA_BITS: usize = 2048;
