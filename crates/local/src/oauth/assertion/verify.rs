//! Finds the key of a client that signed an assertion.

use ring::hmac;

use crate::oauth::assertion::compact_jws::Assertion;
use crate::oauth::assertion::error::AssertionError;
use crate::options::algorithm::Algorithm;
use crate::options::public_key::PublicKey;
use crate::options::registered_keys::{AssertionSource, RegisteredKeys};

impl RegisteredKeys {
    /// Returns the source whose key signed the assertion. Its claims are not checked yet.
    pub(crate) fn verify(
        &self,
        secret: Option<&str>,
        assertion: &Assertion<'_>,
    ) -> Result<&AssertionSource, AssertionError> {
        let algorithm = assertion.algorithm;
        if algorithm == Algorithm::Hs256 {
            return verify_by_secret(secret, assertion);
        }
        if self.iter().next().is_none() {
            return Err(AssertionError::NoPublicKey);
        }
        let key_id = assertion.key_id.as_deref();
        let named = self.iter().filter(|(key, _)| key.is_named(key_id));
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            return Err(AssertionError::UnknownKeyId);
        }
        // The key, not the assertion, decides on the algorithm (RFC 8725 §3.1).
        if !named.iter().any(|(key, _)| key.fits(algorithm)) {
            return Err(AssertionError::AlgorithmMismatch(algorithm));
        }
        let signed_by = |key: &PublicKey| {
            key.fits(algorithm) && key.verifies(algorithm, assertion.signed, &assertion.signature)
        };
        let mut keys = named.into_iter();
        keys.find(|(key, _)| signed_by(key))
            .map(|(_, source)| source)
            .ok_or(AssertionError::WrongSignature)
    }
}

fn verify_by_secret<'a>(
    secret: Option<&str>,
    assertion: &Assertion<'_>,
) -> Result<&'a AssertionSource, AssertionError> {
    let secret = secret.ok_or(AssertionError::NoSecret)?;
    // A secret needs at least the length of the hash (RFC 7518 §3.2).
    if secret.len() < 32 {
        return Err(AssertionError::ShortSecret);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, assertion.signed, &assertion.signature)
        .map(|()| &AssertionSource::Client)
        .map_err(|_| AssertionError::WrongSignature)
}
