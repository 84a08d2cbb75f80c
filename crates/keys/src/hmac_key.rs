//! A shared secret that signs.

use edge_oauth_driver::Signer;
use edge_oauth_no_io::{Algorithm, CredentialError, JwtAssertion, Secret, ToSign};
use ring::hmac;

use crate::error::KeyError;
use crate::own::check;

/// A client secret that signs with HS256 for `client_secret_jwt`, so that it is not sent itself.
///
/// ```
/// use edge_oauth_keys::HmacKey;
/// use edge_oauth_no_io::{Algorithm, Secret};
///
/// let key = HmacKey::new(Secret::new("a client secret of 32 characters"))?;
/// assert_eq!(key.assertion().algorithm(), Algorithm::Hs256);
/// # Ok::<_, edge_oauth_keys::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HmacKey {
    secret: Secret,
    key_id: Option<String>,
}

impl HmacKey {
    /// Returns a signer for a secret of at least 32 bytes.
    ///
    /// # Errors
    ///
    /// Returns [`KeyError::TooShort`] for a shorter secret, which RFC 7518 §3.2 forbids.
    pub fn new(secret: Secret) -> Result<Self, KeyError> {
        let bits = secret.expose().len() * 8;
        if bits < HMAC_BITS {
            return Err(KeyError::TooShort {
                bits,
                needed: HMAC_BITS,
            });
        }
        Ok(Self {
            secret,
            key_id: None,
        })
    }

    /// Sets the key id, which few servers need for a client secret.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// Returns the form of an assertion that this key signs, with its algorithm and key id.
    pub fn assertion(&self) -> JwtAssertion {
        let assertion = JwtAssertion::new(Algorithm::Hs256);
        match &self.key_id {
            Some(key_id) => assertion.key_id(key_id),
            None => assertion,
        }
    }
}

impl Signer for HmacKey {
    fn sign(&self, to_sign: &ToSign) -> Result<Vec<u8>, CredentialError> {
        check(to_sign, Algorithm::Hs256, self.key_id.as_deref())?;
        // Made for each signature: ring does not wipe its own copy.
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.expose().as_bytes());
        let tag = hmac::sign(&key, to_sign.input.as_ref());
        Ok(tag.as_ref().to_vec())
    }
}

const HMAC_BITS: usize = 256;
