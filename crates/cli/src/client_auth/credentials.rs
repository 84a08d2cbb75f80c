//! The credentials of a token request, read and ready: they sign, hand over assertions, and seal the cache.

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

/// What a token request is signed and authenticated with. Clones share it.
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
    /// What a look at the credentials shows; a pipe is read once.
    pub(super) read: Read,
    /// All that nobody else may see: secrets, keys and assertions, as they were read.
    pub(super) secrets: Vec<Secret>,
    pub(super) has_client_secret: bool,
    /// From all of them: only who has them opens the cache.
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

    /// Returns what seals the cache. Without a credential that cannot be guessed there is no cache.
    pub(crate) fn seal(&self) -> Option<&Secret> {
        self.0.seal.as_ref()
    }

    /// Returns the secrets, keys and assertions, to keep them from a child's environment and from what is printed.
    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.0.secrets
    }

    /// Returns the certificate of TLS connections.
    pub(crate) fn certificate(&self) -> Option<&ClientCert> {
        self.0.certificate.as_ref()
    }

    /// Returns the credentials as they were read, to be examined.
    pub(crate) fn read(&self) -> &Read {
        &self.0.read
    }

    /// Signs or hands over an assertion. Returns `None` for every other action.
    pub(crate) fn complete(&self, action: &Action) -> Option<Completion> {
        match action {
            Action::Sign(to_sign) => Some(Completion::Signature(self.sign(to_sign))),
            Action::Assertion(request) => Some(Completion::Assertion(self.assertion(request))),
            _ => None,
        }
    }

    /// Requests one token, once, and keeps nothing.
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
        // A run is short: a person hears of an expired assertion at once, and a job runs again.
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
    // Without randomness of the system there is no TLS either, so the request fails all the same.
    let _filled = SystemRandom::new().fill(&mut bytes);
    bytes
}

/// Returns what seals the cache. A client secret alone seals as it is, whatever its length. The length before each of
/// several secrets keeps any two lists apart. A few characters, such as a pin, could be guessed from a file.
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

/// In bytes; as much as a random key has to have.
const SHORTEST: usize = 16;
/// Of a length and a colon.
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
