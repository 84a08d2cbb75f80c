//! The registered keys of a client, and the assertions that each of them verifies.

use crate::options::public_key::PublicKey;

/// The public keys of a client.
#[derive(Clone, Debug, Default)]
pub(crate) struct RegisteredKeys(Vec<(PublicKey, AssertionSource)>);

/// The maker of an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AssertionSource {
    /// The client itself, for each request: `iss` and `sub` are its id (RFC 7523 §3).
    Client,
    /// A platform on which the client runs, for many requests.
    Platform { issuer: String, subject: String },
}

impl RegisteredKeys {
    pub(crate) fn add(&mut self, key: PublicKey, source: AssertionSource) {
        self.0.push((key, source));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(PublicKey, AssertionSource)> {
        self.0.iter()
    }
}
