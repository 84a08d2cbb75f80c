//! The ways in which processes prove who they are, and signers and sources of assertions that fail.

use std::time::Duration;

use edge_oauth_no_io::{
    Algorithm, ClientAuth, Completion, Config, CredentialError, JwtAssertion, Secret,
};

use crate::random::Random;

/// The client authentication of a fleet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Auth {
    Secret,
    /// A JWT that a signer signs.
    Signed,
    /// A JWT that something else makes.
    Assertion,
}

/// The behaviour of a signer or of a source of assertions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Supply {
    Works,
    /// Fails with an error that may go away.
    Busy,
    /// Fails permanently.
    Gone,
    /// Never returns.
    Hangs,
    /// Does any of these.
    Any,
}

pub(crate) fn config(auth: Auth, secret: &str) -> Config {
    let builder = Config::builder("https://login.example/token", "id");
    let builder = match auth {
        Auth::Secret => builder.client_secret(Secret::new(secret)),
        Auth::Signed => {
            let jwt = JwtAssertion::new(Algorithm::Es256);
            builder.client_auth(ClientAuth::PrivateKeyJwt(jwt))
        }
        Auth::Assertion => builder.client_auth(ClientAuth::Assertion),
    };
    builder.build().unwrap()
}

impl Supply {
    /// Returns the result and how long it takes. `None`: it never comes.
    pub(crate) fn result<T>(
        self,
        random: &mut Random,
        works: T,
    ) -> Option<(Result<T, CredentialError>, Duration)> {
        let supply = match self {
            Self::Any => [
                Self::Works,
                Self::Works,
                Self::Busy,
                Self::Gone,
                Self::Hangs,
            ][random.below(5)],
            supply => supply,
        };
        let takes = Duration::from_micros(random.between(100, 50_000));
        let result = match supply {
            Self::Busy => Err(CredentialError::transient("busy")),
            Self::Gone => Err(CredentialError::permanent("gone")),
            Self::Hangs => return None,
            _ => Ok(works),
        };
        Some((result, takes))
    }
}

pub(crate) fn signature(result: Result<(), CredentialError>) -> Completion {
    Completion::Signature(result.map(|()| b"signature".to_vec()))
}

pub(crate) fn assertion(result: Result<(), CredentialError>) -> Completion {
    Completion::Assertion(result.map(|()| Secret::new("a.b.c")))
}

/// The place in the store, and the credential of a request, if there is no secret.
pub(crate) const KEY: &str = "key";
