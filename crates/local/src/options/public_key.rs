//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Map, Value};

use crate::options::algorithm::Algorithm;

/// A key that verifies assertions.
#[derive(Clone)]
pub(crate) struct PublicKey {
    kind: Kind,
    key_id: Option<String>,
    algorithms: Vec<Algorithm>,
}

#[derive(Clone)]
enum Kind {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point of the algorithm's curve, or an Ed25519 key.
    Point(Vec<u8>),
}

/// The text is no public JSON Web Key that can verify assertions.
///
/// ```
/// use edge_oauth_local::Client;
///
/// let private = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGx","x":"11qY"}"#;
/// let error = Client::without_secret("cart").public_key(private).unwrap_err();
/// assert_eq!(error.to_string(), "not a usable public JWK: it is a private key");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPublicKey {
    reason: &'static str,
}

impl PublicKey {
    pub(crate) fn from_jwk(text: &str) -> Result<Self, InvalidPublicKey> {
        let jwk: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| invalid("it is not a JSON object"))?;
        if jwk.contains_key("d") {
            return Err(invalid("it is a private key"));
        }
        if member(&jwk, "use").is_some_and(|purpose| purpose != "sig") {
            return Err(invalid("its use is not sig"));
        }
        let (kind, mut algorithms) = kind(&jwk)?;
        if let Some(name) = member(&jwk, "alg") {
            algorithms.retain(|known| Algorithm::from_name(name) == Some(*known));
        }
        if algorithms.is_empty() {
            return Err(invalid("its alg does not fit its type"));
        }
        Ok(Self {
            kind,
            key_id: member(&jwk, "kid").map(str::to_owned),
            algorithms,
        })
    }

    /// Returns whether this key may have signed an assertion with this `kid` or none.
    pub(crate) fn is_named(&self, key_id: Option<&str>) -> bool {
        match (&self.key_id, key_id) {
            (Some(own), Some(named)) => own == named,
            _ => true,
        }
    }

    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (&self.kind, algorithm) {
            (Kind::Rsa { n, e }, Algorithm::Rs256) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
            (Kind::Rsa { n, e }, Algorithm::Ps256) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PSS_2048_8192_SHA256,
                message,
                signature,
            ),
            (Kind::Point(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Kind::Point(point), Algorithm::Es384) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message, signature)
            }
            (Kind::Point(point), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

fn kind(jwk: &Map<String, Value>) -> Result<(Kind, Vec<Algorithm>), InvalidPublicKey> {
    match (member(jwk, "kty"), member(jwk, "crv")) {
        (Some("RSA"), _) => {
            let (n, e) = (bytes(jwk, "n")?, bytes(jwk, "e")?);
            // ring verifies signatures of 2048 to 8192 bits.
            if !(256..=1024).contains(&n.len()) {
                return Err(invalid("it has less than 2048 bits, or more than 8192"));
            }
            Ok((Kind::Rsa { n, e }, vec![Algorithm::Rs256, Algorithm::Ps256]))
        }
        (Some("EC"), Some("P-256")) => Ok((point(jwk, 32)?, vec![Algorithm::Es256])),
        (Some("EC"), Some("P-384")) => Ok((point(jwk, 48)?, vec![Algorithm::Es384])),
        (Some("OKP"), Some("Ed25519")) => {
            let x = coordinate(jwk, "x", 32)?;
            Ok((Kind::Point(x), vec![Algorithm::EdDsa]))
        }
        (Some("oct"), _) => Err(invalid(
            "it is a shared secret: give the client this secret instead",
        )),
        _ => Err(invalid(
            "its type is none of RSA, EC on P-256 or P-384, and Ed25519",
        )),
    }
}

fn point(jwk: &Map<String, Value>, length: usize) -> Result<Kind, InvalidPublicKey> {
    let (x, y) = (coordinate(jwk, "x", length)?, coordinate(jwk, "y", length)?);
    Ok(Kind::Point([vec![4], x, y].concat()))
}

fn coordinate(
    jwk: &Map<String, Value>,
    name: &str,
    length: usize,
) -> Result<Vec<u8>, InvalidPublicKey> {
    let bytes = bytes(jwk, name)?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(invalid("a coordinate has the wrong length"))
    }
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, InvalidPublicKey> {
    let text = member(jwk, name).ok_or(invalid("a member of its type is missing"))?;
    let decoded = URL_SAFE_NO_PAD.decode(text);
    decoded.map_err(|_| invalid("a member is not base64url without padding"))
}

fn member<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name).and_then(Value::as_str)
}

fn invalid(reason: &'static str) -> InvalidPublicKey {
    InvalidPublicKey { reason }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("key_id", &self.key_id)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for InvalidPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a usable public JWK: {}", self.reason)
    }
}

impl std::error::Error for InvalidPublicKey {}
