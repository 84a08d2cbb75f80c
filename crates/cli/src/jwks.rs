//! A set of public keys (RFC 7517), and whether one of them signed a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use edge_oauth_no_io::printable;

/// The keys of a set that can be read.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Jwk>,
}

/// A signature that is right, and what it is.
#[derive(Debug)]
pub(crate) struct Valid {
    pub(crate) algorithm: String,
    pub(crate) kid: Option<String>,
}

impl KeySet {
    /// Reads a set. Keys of a kind that is not known are left out (RFC 7517 §5).
    pub(crate) fn read(json: &[u8]) -> Result<Self, &'static str> {
        let json: Value = serde_json::from_slice(json).map_err(|_| "it is not JSON")?;
        let keys = json.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or("it has no `keys`, as a JSON Web Key Set has")?;
        let known = keys
            .iter()
            .filter_map(|key| serde_json::from_value(key.clone()).ok());
        Ok(Self {
            keys: known.collect(),
        })
    }

    /// Whether one of the keys signed the token, whose header this is. The error says why not.
    pub(crate) fn verify(&self, token: &str, header: &Map<String, Value>) -> Result<Valid, String> {
        let algorithm = algorithm(header)?;
        // RFC 7515 §4.1.11: extensions that are not understood make the token invalid.
        if header.contains_key("crit") {
            return Err("the header has `crit`, and names what is not understood here".to_owned());
        }
        let kid = header.get("kid").and_then(Value::as_str);
        let key = self.key(kid, algorithm)?;
        let (message, signature) = token.rsplit_once('.').unwrap_or_default();
        let key = DecodingKey::from_jwk(key).map_err(|_| "the key cannot be read".to_owned())?;
        match crypto::verify(signature, message.as_bytes(), &key, algorithm) {
            Ok(true) => Ok(Valid {
                algorithm: format!("{algorithm:?}"),
                kid: kid.map(|kid| printable(kid, SHOWN)),
            }),
            Ok(false) => Err("the key did not sign this".to_owned()),
            Err(_) => Err("the signature or the key cannot be read".to_owned()),
        }
    }

    /// The key that the token names, or the only one that fits where it names none.
    fn key(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Jwk, String> {
        let named: Vec<_> = match kid {
            Some(_) => {
                let named = |key: &&Jwk| key.common.key_id.as_deref() == kid;
                self.keys.iter().filter(named).collect()
            }
            None => self.keys.iter().collect(),
        };
        let mut fitting = named.iter().filter(|key| fits(key, algorithm));
        match (fitting.next(), fitting.next(), kid) {
            (Some(key), None, _) => Ok(key),
            (Some(_), Some(_), Some(kid)) => {
                let kid = printable(kid, SHOWN);
                Err(format!("two keys are named {kid}"))
            }
            (Some(_), Some(_), None) => {
                Err("the token names no key (`kid`), and several fit".to_owned())
            }
            (None, _, Some(kid)) if named.is_empty() => {
                let kid = printable(kid, SHOWN);
                Err(format!("no key is named {kid}"))
            }
            (None, ..) => Err(format!("no key is one for {algorithm:?}")),
        }
    }
}

/// RFC 8725 §3.1 and §3.2: no `none`, and nothing that a public key could be the secret of.
fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, String> {
    let name = header
        .get("alg")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match name.parse() {
        Ok(Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512) | Err(_) => {
            let name = printable(name, SHOWN);
            Err(format!(
                "the algorithm `{name}` is not one of public keys that is known here"
            ))
        }
        Ok(algorithm) => Ok(algorithm),
    }
}

/// Whether a key is one for this algorithm, and for signatures.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    use Algorithm as A;
    let of_kind = match (&key.algorithm, algorithm) {
        (
            AlgorithmParameters::RSA(key),
            A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512,
        ) => is_long(&key.n),
        (AlgorithmParameters::EllipticCurve(key), A::ES256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::EllipticCurve(key), A::ES384) => key.curve == EllipticCurve::P384,
        (AlgorithmParameters::OctetKeyPair(key), A::EdDSA) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let common = &key.common;
    let of_algorithm = common
        .key_algorithm
        .is_none_or(|own| own == algorithm.into());
    let for_signatures = common
        .public_key_use
        .as_ref()
        .is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let for_verifying = common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    of_kind && of_algorithm && for_signatures && for_verifying
}

/// RFC 7518 §3.3: a modulus has 2048 bits or more.
fn is_long(modulus: &str) -> bool {
    let modulus = URL_SAFE_NO_PAD.decode(modulus).unwrap_or_default();
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    modulus.len() - zeros >= 2048 / 8
}

const SHOWN: usize = 128;
