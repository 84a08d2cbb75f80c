//! A set of public keys (RFC 7517), and the check of a token's signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::printable;
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

/// A key set, with the members of each key.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Map<String, Value>>,
}

/// A valid signature: its algorithm and its key.
#[derive(Debug)]
pub struct Valid {
    /// The algorithm's name.
    pub algorithm: String,
    /// The key's id, if the token names one.
    pub kid: Option<String>,
}

/// A signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1) and the kind of its keys.
#[derive(Clone, Copy)]
struct Algorithm {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Rsa(&'static RsaParameters),
    /// The curve.
    Ec(&'static str, &'static signature::EcdsaVerificationAlgorithm),
    Ed25519,
}

impl KeySet {
    /// Reads a set. Keys of unknown kinds fit no algorithm (RFC 7517 §5).
    ///
    /// # Errors
    ///
    /// Returns the reason if the text is not a key set.
    pub fn read(json: &[u8]) -> Result<Self, &'static str> {
        let json: Value = serde_json::from_slice(json).map_err(|_| "it is not JSON")?;
        let keys = json.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or("it has no `keys`, as a JSON Web Key Set has")?;
        let keys = keys.iter().filter_map(Value::as_object).cloned();
        Ok(Self {
            keys: keys.collect(),
        })
    }

    /// Verifies that one of the keys signed the token with this header.
    ///
    /// # Errors
    ///
    /// Returns the reason if the token is not valid.
    pub fn verify(&self, token: &str, header: &Map<String, Value>) -> Result<Valid, String> {
        let algorithm = algorithm(header)?;
        // RFC 7515 §4.1.11: unknown critical extensions make the token invalid.
        if header.contains_key("crit") {
            return Err(
                "the header has `crit`, with an extension that is not supported".to_owned(),
            );
        }
        let kid = header.get("kid").and_then(Value::as_str);
        let key = self.key(kid, algorithm)?;
        let (message, signature) = token.rsplit_once('.').unwrap_or_default();
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let signature = signature.map_err(|_| "the signature cannot be read".to_owned())?;
        let verified = algorithm
            .kind
            .verify(key, message.as_bytes(), &signature)
            .ok_or("the key cannot be read")?;
        match verified {
            Ok(()) => Ok(Valid {
                algorithm: algorithm.name.to_owned(),
                kid: kid.map(|kid| printable(kid, SHOWN)),
            }),
            Err(ring::error::Unspecified) => Err("the key did not sign this".to_owned()),
        }
    }

    /// Returns the key that the token names. If it names none, returns the only key that fits.
    fn key(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Map<String, Value>, String> {
        let named: Vec<_> = match kid {
            Some(_) => {
                let named = |key: &&Map<String, Value>| text(key, "kid") == kid;
                self.keys.iter().filter(named).collect()
            }
            None => self.keys.iter().collect(),
        };
        let mut fitting = named.iter().filter(|key| algorithm.fits(key));
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
            (None, ..) => Err(format!("no key is one for {}", algorithm.name)),
        }
    }
}

impl Algorithm {
    /// Returns whether a key fits this algorithm and may verify signatures.
    fn fits(self, key: &Map<String, Value>) -> bool {
        // RFC 7517 §4.2 to §4.4: each of these may be missing.
        let is = |name: &str, value: &str| match key.get(name) {
            None | Some(Value::Null) => true,
            Some(found) => found.as_str() == Some(value),
        };
        let for_verifying = match key.get("key_ops") {
            None | Some(Value::Null) => true,
            Some(operations) => operations
                .as_array()
                .is_some_and(|operations| operations.iter().any(|one| one == "verify")),
        };
        let (kind, curve) = (text(key, "kty"), text(key, "crv"));
        let of_kind = match self.kind {
            Kind::Rsa(_) => kind == Some("RSA") && is_long(key),
            Kind::Ec(own, _) => kind == Some("EC") && curve == Some(own),
            Kind::Ed25519 => kind == Some("OKP") && curve == Some("Ed25519"),
        };
        of_kind && is("alg", self.name) && is("use", "sig") && for_verifying
    }
}

impl Kind {
    /// Returns whether the key signed the message; `None` if the key cannot be read.
    fn verify(
        self,
        key: &Map<String, Value>,
        message: &[u8],
        signature: &[u8],
    ) -> Option<Result<(), ring::error::Unspecified>> {
        Some(match self {
            Self::Rsa(parameters) => {
                let (n, e) = (number(key, "n")?, number(key, "e")?);
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            Self::Ec(_, algorithm) => {
                // SEC 1 §2.3.3: an uncompressed point.
                let point = [&[4], &*bytes(key, "x")?, &*bytes(key, "y")?].concat();
                UnparsedPublicKey::new(algorithm, point).verify(message, signature)
            }
            Self::Ed25519 => UnparsedPublicKey::new(&signature::ED25519, bytes(key, "x")?)
                .verify(message, signature),
        })
    }
}

/// Returns the header's algorithm. RFC 8725 §3.1 and §3.2: `none` is refused, and so is HMAC, whose secret could be a
/// public key.
fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, String> {
    let name = text(header, "alg").unwrap_or_default();
    let mut known = ALGORITHMS.iter();
    known
        .find(|algorithm| algorithm.name == name)
        .copied()
        .ok_or_else(|| {
            let name = printable(name, SHOWN);
            format!("the algorithm `{name}` is not a known one for public keys")
        })
}

/// Returns whether the modulus has 2048 bits or more (RFC 7518 §3.3).
fn is_long(key: &Map<String, Value>) -> bool {
    number(key, "n").is_some_and(|modulus| modulus.len() >= 2048 / 8)
}

/// Returns a number without leading zeros, which RFC 7518 §2 forbids and some servers write.
fn number(key: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    let mut bytes = bytes(key, name)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Some(bytes)
}

fn bytes(key: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(key, name)?).ok()
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

const ALGORITHMS: [Algorithm; 9] = {
    const fn rsa(name: &'static str, parameters: &'static RsaParameters) -> Algorithm {
        let kind = Kind::Rsa(parameters);
        Algorithm { name, kind }
    }
    use signature as s;
    [
        rsa("RS256", &s::RSA_PKCS1_2048_8192_SHA256),
        rsa("RS384", &s::RSA_PKCS1_2048_8192_SHA384),
        rsa("RS512", &s::RSA_PKCS1_2048_8192_SHA512),
        rsa("PS256", &s::RSA_PSS_2048_8192_SHA256),
        rsa("PS384", &s::RSA_PSS_2048_8192_SHA384),
        rsa("PS512", &s::RSA_PSS_2048_8192_SHA512),
        Algorithm {
            name: "ES256",
            kind: Kind::Ec("P-256", &s::ECDSA_P256_SHA256_FIXED),
        },
        Algorithm {
            name: "ES384",
            kind: Kind::Ec("P-384", &s::ECDSA_P384_SHA384_FIXED),
        },
        Algorithm {
            name: "EdDSA",
            kind: Kind::Ed25519,
        },
    ]
};

const SHOWN: usize = 128;
