//! A private key that signs in this process.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_driver::Signer;
use edge_oauth_no_io::{Algorithm, CredentialError, JwtAssertion, ToSign};
use ring::digest::{SHA256, digest};

use crate::error::KeyError;
use crate::key_pair::KeyPair;
use crate::own::check;
use crate::{der, jwk, pem};

/// A private key for `private_key_jwt`: RSA of 2048 to 4096 bits, EC on P-256 or P-384, or Ed25519.
///
/// `Debug` shows the algorithm and the key id. Clones share the key.
///
/// ```
/// use edge_oauth_driver::Signer;
/// use edge_oauth_keys::PrivateKey;
/// use edge_oauth_no_io::{Algorithm, Purpose, SecretBytes, ToSign};
///
/// // The example key of RFC 8037 §A.1. Pass the text of your file here.
/// let jwk = r#"{"kty":"OKP","crv":"Ed25519",
///     "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let key = PrivateKey::from_jwk(jwk)?;
/// assert_eq!(key.algorithm(), Algorithm::EdDsa);
/// assert_eq!(key.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
///
/// let input = SecretBytes::new(b"header.claims".to_vec());
/// let to_sign = ToSign::new(Purpose::ClientAuth, Algorithm::EdDsa, Some(key.key_id().to_owned()), input);
/// assert_eq!(key.sign(&to_sign)?.len(), 64);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PrivateKey {
    pair: Arc<KeyPair>,
    algorithm: Algorithm,
    key_id: String,
}

impl PrivateKey {
    /// Reads a key from PEM text: `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` (PKCS#1) or `EC PRIVATE KEY` (SEC 1).
    /// Certificates beside the key are skipped.
    ///
    /// # Errors
    ///
    /// Returns an error that names what was found and what is needed.
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_der(&pem::private_key(pem.as_ref())?[..])
    }

    /// Reads a key from the DER of PKCS#8, PKCS#1 or SEC 1.
    ///
    /// # Errors
    ///
    /// Returns an error that names what was found and what is needed.
    pub fn from_der(der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Ok(Self::new(der::private_key(der.as_ref())?, None))
    }

    /// Reads a private JSON Web Key (RFC 7517). Its `alg` and `kid` are used if it has them. An RSA key needs its
    /// primes too.
    ///
    /// # Errors
    ///
    /// Returns an error that names what was found and what is needed.
    pub fn from_jwk(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let jwk = jwk::private_key(json.as_ref())?;
        let key = Self::new(jwk.pair, jwk.key_id);
        match jwk.algorithm {
            Some(algorithm) => key.with_algorithm(algorithm),
            None => Ok(key),
        }
    }

    /// Selects the algorithm, such as PS256 instead of RS256.
    ///
    /// # Errors
    ///
    /// Returns [`KeyError::Algorithm`] if the key's type does not fit.
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Result<Self, KeyError> {
        if !self.pair.algorithms().contains(&algorithm) {
            return Err(KeyError::Algorithm {
                algorithm,
                found: self.pair.name(),
            });
        }
        self.algorithm = algorithm;
        Ok(self)
    }

    /// Sets the key id under which the server knows the key.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = key_id.into();
        self
    }

    /// Returns the algorithm: RS256 for an RSA key, unless another was selected or is in the JWK.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the key id: the one that was set, or the JWK's `kid`, or the thumbprint of RFC 7638.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns the form of an assertion that this key signs, with its algorithm and key id.
    pub fn assertion(&self) -> JwtAssertion {
        JwtAssertion::new(self.algorithm).key_id(&self.key_id)
    }

    /// Returns the public key as a JSON Web Key, to register it with the authorization server.
    ///
    /// ```
    /// # let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    /// #     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let key = edge_oauth_keys::PrivateKey::from_jwk(jwk)?.with_key_id("2026-11");
    /// let public = r#"{"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    /// "kid":"2026-11","alg":"EdDSA","use":"sig"}"#;
    /// assert_eq!(key.public_jwk(), public.replace('\n', ""));
    /// # Ok::<_, edge_oauth_keys::KeyError>(())
    /// ```
    pub fn public_jwk(&self) -> String {
        let members = self.pair.public_members();
        let key_id = serde_json::Value::from(self.key_id.as_str());
        let algorithm = self.algorithm.as_str();
        format!(r#"{{{members},"kid":{key_id},"alg":"{algorithm}","use":"sig"}}"#)
    }

    fn new(pair: KeyPair, key_id: Option<String>) -> Self {
        Self {
            algorithm: pair.algorithms()[0],
            key_id: key_id.unwrap_or_else(|| thumbprint(&pair)),
            pair: Arc::new(pair),
        }
    }
}

impl Signer for PrivateKey {
    fn sign(&self, to_sign: &ToSign) -> Result<Vec<u8>, CredentialError> {
        check(to_sign, self.algorithm, Some(&self.key_id))?;
        self.pair
            .sign(self.algorithm, to_sign.input.as_ref())
            .map_err(|_| {
                CredentialError::permanent(format_args!(
                    "signing with {} failed: its parts do not belong together, so export it again",
                    self.pair.name()
                ))
            })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// RFC 7638 §3.
fn thumbprint(pair: &KeyPair) -> String {
    let members = format!("{{{}}}", pair.public_members());
    URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes()))
}
