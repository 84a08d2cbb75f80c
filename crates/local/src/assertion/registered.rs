//! The keys that a client is registered with, and whose assertions each of them verifies.

use ring::hmac;

use crate::assertion::algorithm::Algorithm;
use crate::assertion::compact::Assertion;
use crate::assertion::public_key::PublicKey;
use crate::assertion::rejection::Rejection;

/// The public keys of a client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registered(Vec<(PublicKey, Party)>);

/// Who makes an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// The client itself, one for each request: `iss` and `sub` are its id (RFC 7523 §3).
    Client,
    /// A platform that the client runs on, one for many requests.
    Platform { issuer: String, subject: String },
}

impl Registered {
    pub(crate) fn add(&mut self, key: PublicKey, party: Party) {
        self.0.push((key, party));
    }

    /// Returns the party whose key signed the assertion. Its claims are still to be checked.
    pub(crate) fn verify(
        &self,
        secret: Option<&str>,
        assertion: &Assertion<'_>,
    ) -> Result<&Party, Rejection> {
        let algorithm = assertion.algorithm;
        if algorithm == Algorithm::Hs256 {
            return verify_by_secret(secret, assertion);
        }
        if self.0.is_empty() {
            return Err(Rejection::NoPublicKey);
        }
        let key_id = assertion.key_id.as_deref();
        let named = self.0.iter().filter(|(key, _)| key.is_named(key_id));
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            return Err(Rejection::UnknownKeyId);
        }
        // RFC 8725 §3.1: the key, not the assertion, decides on the algorithm.
        if !named.iter().any(|(key, _)| key.fits(algorithm)) {
            return Err(Rejection::AlgorithmOfAnotherKey(algorithm));
        }
        let signed_by = |key: &PublicKey| {
            key.fits(algorithm) && key.verifies(algorithm, assertion.signed, &assertion.signature)
        };
        let mut keys = named.into_iter();
        keys.find(|(key, _)| signed_by(key))
            .map(|(_, party)| party)
            .ok_or(Rejection::WrongSignature)
    }
}

fn verify_by_secret<'a>(
    secret: Option<&str>,
    assertion: &Assertion<'_>,
) -> Result<&'a Party, Rejection> {
    let secret = secret.ok_or(Rejection::NoSecret)?;
    // RFC 7518 §3.2.
    if secret.len() < 32 {
        return Err(Rejection::ShortSecret);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, assertion.signed, &assertion.signature)
        .map(|()| &Party::Client)
        .map_err(|_| Rejection::WrongSignature)
}
