//! The credentials of a token request: they sign, return assertions, and encrypt the cache.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_driver::blocking::{Builder, TokenSource, Transport};
use edge_oauth_driver::{AssertionSource, Signer, system_time};
use edge_oauth_keys::PrivateKey;
use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, AssertionRequest, Completion, Config, CredentialError,
    Purpose, Secret, SecretBytes, ToSign, TokenError,
};
use http::Request;
use ring::rand::{SecureRandom, SystemRandom};
use ureq::tls::ClientCert;

use crate::client_auth::certificate::Pair;

/// Credentials that sign and authenticate a token request. Clones share them.
#[derive(Clone)]
pub(crate) struct Credentials(Arc<Parts>);

/// The parts, each for one purpose.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) client_signer: Option<Box<dyn Signer>>,
    pub(super) grant_signer: Option<Box<dyn Signer>>,
    pub(super) client_assertion: Option<Box<dyn AssertionSource>>,
    pub(super) grant_assertion: Option<Box<dyn AssertionSource>>,
    pub(super) certificate: Option<ClientCert>,
    /// The credentials as read, for `doctor`. A pipe can be read only once.
    pub(super) read: Read,
    /// Secrets, keys and assertions, as read. They must not be printed or passed on.
    pub(super) secrets: Vec<Secret>,
    pub(super) has_client_secret: bool,
    /// The cache's encryption key, derived from all secrets: only their owner can open the cache.
    pub(super) seal: Option<Secret>,
}

/// The credentials as they were read.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) key: Option<PrivateKey>,
    pub(crate) pair: Option<Pair>,
    pub(crate) client_assertion: Option<Secret>,
    pub(crate) grant_assertion: Option<Secret>,
}

impl Credentials {
    pub(super) fn new(mut parts: Parts) -> Self {
        parts.seal = seal(&parts.secrets, parts.has_client_secret);
        Self(Arc::new(parts))
    }

    /// Starts a token source with these credentials.
    pub(crate) fn source(&self, config: Config) -> Builder {
        TokenSource::builder(config)
            .signer(self.clone())
            .assertion_source(self.clone())
    }

    /// Returns the secret that encrypts the cache. Returns `None`, and there is no cache, if all credentials could be
    /// guessed.
    pub(crate) fn seal(&self) -> Option<&Secret> {
        self.0.seal.as_ref()
    }

    /// Returns the secrets, keys and assertions, to keep them out of a child's environment and of output.
    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.0.secrets
    }

    /// Returns the certificate of TLS connections.
    pub(crate) fn certificate(&self) -> Option<&ClientCert> {
        self.0.certificate.as_ref()
    }

    /// Returns the credentials as read, for `doctor`.
    pub(crate) fn read(&self) -> &Read {
        &self.0.read
    }

    /// Signs or returns an assertion. Returns `None` for every other action.
    pub(crate) fn complete(&self, action: &Action) -> Option<Completion> {
        match action {
            Action::Sign(to_sign) => Some(Completion::Signature(self.sign(to_sign))),
            Action::Assertion(request) => Some(Completion::Assertion(self.assertion(request))),
            _ => None,
        }
    }

    /// Requests one token, once, without the cache.
    pub(crate) fn fetch(
        &self,
        transport: &impl Transport,
        config: &Config,
        timeout: Duration,
    ) -> Result<AccessToken, TokenError> {
        let mut acquisition = Acquisition::new(config, timeout, system_time());
        loop {
            let completion = match acquisition.poll(system_time(), unique()) {
                Action::Send(request, limits) => match transport.send(request, limits) {
                    Ok(response) => Completion::Response(response),
                    Err(error) => Completion::Failed(error),
                },
                action => match self.complete(&action) {
                    Some(completion) => completion,
                    None => return acquisition.finish(),
                },
            };
            acquisition.handle(completion, system_time());
        }
    }

    /// Returns the request that would be sent now, its assertions included.
    pub(crate) fn request(
        &self,
        config: &Config,
        timeout: Duration,
    ) -> Result<Request<SecretBytes>, TokenError> {
        let mut acquisition = Acquisition::new(config, timeout, system_time());
        loop {
            let completion = match acquisition.poll(system_time(), unique()) {
                Action::Send(request, _) => return Ok(request),
                action => self.complete(&action),
            };
            match completion {
                Some(completion) => acquisition.handle(completion, system_time()),
                None => {
                    let missing = || CredentialError::permanent("the request is not complete");
                    return Err(acquisition
                        .finish()
                        .err()
                        .unwrap_or_else(|| missing().into()));
                }
            }
        }
    }
}

impl Signer for Credentials {
    fn sign(&self, to_sign: &ToSign) -> Result<Vec<u8>, CredentialError> {
        let signer = match to_sign.purpose {
            Purpose::Grant => &self.0.grant_signer,
            _ => &self.0.client_signer,
        };
        signer.as_ref().ok_or_else(missing)?.sign(to_sign)
    }
}

impl AssertionSource for Credentials {
    fn assertion(&self, request: &AssertionRequest) -> Result<Secret, CredentialError> {
        let source = match request.purpose {
            Purpose::Grant => &self.0.grant_assertion,
            _ => &self.0.client_assertion,
        };
        let assertion = source.as_ref().ok_or_else(missing)?.assertion(request);
        // A run is short: a person sees at once that an assertion has expired, and a job can run again.
        assertion.map_err(|error| match error.is_transient() {
            true => CredentialError::permanent(error),
            false => error,
        })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// Returns randomness for the `jti` of an assertion.
pub(crate) fn unique() -> [u8; 16] {
    let mut bytes = [0; 16];
    // Without system randomness TLS fails too, and so does the request.
    let _filled = SystemRandom::new().fill(&mut bytes);
    bytes
}

/// Returns the secret that encrypts the cache. A client secret alone is used unchanged, at any length. Several
/// secrets are joined, each after its length, so that two different lists differ. A few characters, such as a pin,
/// could be guessed from a file.
fn seal(secrets: &[Secret], has_client_secret: bool) -> Option<Secret> {
    if let ([one], true) = (secrets, has_client_secret) {
        return Some(one.clone());
    }
    let length = |secret: &Secret| secret.expose().len();
    if secrets.iter().map(length).sum::<usize>() < SHORTEST {
        return None;
    }
    let size = |secret| length(secret) + PREFIX;
    let mut text = String::with_capacity(secrets.iter().map(size).sum());
    for secret in secrets {
        text.push_str(&length(secret).to_string());
        text.push(':');
        text.push_str(secret.expose());
    }
    Some(Secret::new(text))
}

/// The minimum length in bytes, as for a random key.
const SHORTEST: usize = 16;
/// The maximum size of a length and a colon.
const PREFIX: usize = 24;

fn missing() -> CredentialError {
    CredentialError::permanent("the configuration needs a credential that was not read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seal_of_several_secrets_tells_their_borders() {
        let sealed = |texts: &[&str], has_client_secret| {
            let secrets: Vec<_> = texts.iter().map(|text| Secret::new(*text)).collect();
            seal(&secrets, has_client_secret).map(|secret| secret.expose().to_owned())
        };
        assert_eq!(sealed(&[], false), None);
        assert_eq!(sealed(&["one"], true).as_deref(), Some("one"));
        assert_eq!(sealed(&["1234"], false), None, "it could be guessed");
        assert_eq!(sealed(&["secret", "1234"], true), None);
        let (long, other) = ("0123456789abcdef", "0123456789abcde");
        assert_ne!(sealed(&[long, "gh"], false), sealed(&[other, "fgh"], false));
        assert_ne!(sealed(&[long, "a"], false), sealed(&["a", long], false));
        assert!(sealed(&[long], false).is_some());
    }
}
