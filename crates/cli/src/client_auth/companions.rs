//! Options that belong to a credential, such as a key id.

use std::path::PathBuf;

use edge_oauth_no_io::BasicEncoding;

use crate::client_auth::args::AuthArgs;
use crate::client_auth::layers::{Given, Layers, conflict, is_credential};
use crate::client_auth::names::{self, Name};
use crate::client_auth::plan::{Client, KeyPlan, SecretUse};
use crate::client_auth::values::{AlgorithmArg, ClientAuthArg};
use crate::error::{CliError, Exit};
use crate::input::secret::SecretPlace;

/// Options that belong to a credential. An option of a lower layer than the credential belongs to another credential.
pub(super) struct Companions<'a> {
    pub(super) layers: &'a Layers<'a>,
    /// The layer of the choice. Options of lower layers may be left over.
    pub(super) least: u8,
}

impl Companions<'_> {
    pub(super) fn at_least<T>(&self, given: Option<Given<T>>, rank: u8) -> Option<T> {
        given
            .filter(|given| given.rank() >= rank)
            .map(|given| given.value)
    }

    pub(super) fn key(&self, given: Option<&Given<PathBuf>>) -> Result<KeyPlan, CliError> {
        let given = given.ok_or_else(|| {
            missing("--grant jwt-bearer needs an assertion")
                .next("use --grant-assertion-file FILE, or --key-file FILE to sign one")
        })?;
        if is_credential(&given.value) {
            let message = format!("{} has no usable value", given.named());
            return Err(CliError::new(Exit::Usage, message)
                .next("give the path of a file with the key; replace a key that was given here"));
        }
        let algorithm = self.layers.get(names::ALG, |args| &args.alg);
        if let Some(algorithm) = &algorithm
            && algorithm.value == AlgorithmArg::Hs256
            && algorithm.rank() >= given.rank()
        {
            let algorithm = format!("{} HS256", algorithm.named());
            return Err(conflict(&algorithm, &given.named())
                .next("HS256 is of --client-auth client-secret-jwt"));
        }
        Ok(KeyPlan {
            file: given.value.clone(),
            key_id: self.at_least(
                self.layers.get(names::KEY_ID, |args| &args.key_id),
                given.rank(),
            ),
            algorithm: self.at_least(algorithm, given.rank()).map(Into::into),
        })
    }

    pub(super) fn secret_use(
        &self,
        method: Option<ClientAuthArg>,
        secret: Option<&Given<SecretPlace>>,
    ) -> Result<SecretUse, CliError> {
        Ok(match method {
            Some(ClientAuthArg::ClientSecretBasic) => SecretUse::Basic(BasicEncoding::Percent),
            Some(ClientAuthArg::BasicPlus) => SecretUse::Basic(BasicEncoding::Plus),
            Some(ClientAuthArg::ClientSecretJwt) => {
                let rank = secret.map_or(0, Given::rank);
                let algorithm = self.layers.get(names::ALG, |args| &args.alg);
                if let Some(algorithm) = algorithm.filter(|given| given.rank() >= rank)
                    && algorithm.value != AlgorithmArg::Hs256
                {
                    return Err(conflict("client-secret-jwt", &algorithm.named())
                        .next("use --alg HS256, which a client secret signs with"));
                }
                SecretUse::Jwt {
                    key_id: self
                        .at_least(self.layers.get(names::KEY_ID, |args| &args.key_id), rank),
                }
            }
            _ => SecretUse::Post,
        })
    }

    /// Refuses an option without effect, which is a mistake.
    pub(super) fn refuse_unused(
        &self,
        client: &Client,
        has_key: bool,
        signs_grant: bool,
    ) -> Result<(), CliError> {
        let is_secret_jwt = matches!(client, Client::Secret(SecretUse::Jwt { .. }, _));
        let is_certificate = matches!(client, Client::Certificate { .. });
        let marks = [
            (
                has_key || is_secret_jwt,
                self.mark(names::KEY_ID, |args| &args.key_id),
                "--key-file",
            ),
            (
                has_key || is_secret_jwt,
                self.mark(names::ALG, |args| &args.alg),
                "--key-file",
            ),
            (
                has_key || is_secret_jwt,
                self.mark(names::ASSERTION_AUDIENCE, |args| &args.assertion_audience),
                "--key-file",
            ),
            (
                signs_grant,
                self.mark(names::ASSERTION_SUBJECT, |args| &args.assertion_subject),
                "--grant jwt-bearer and --key-file",
            ),
            (
                is_certificate,
                self.mark(names::CLIENT_KEY, |args| &args.client_key),
                "--client-cert",
            ),
        ];
        for (is_used, given, needed) in marks {
            if let Some(given) = given.filter(|given| !is_used && given.rank() >= self.least) {
                let message = format!("{} needs {needed}", given.named());
                return Err(CliError::new(Exit::Usage, message)
                    .next(format!("use {needed}, or omit {}", given.named())));
            }
        }
        Ok(())
    }

    fn mark<T: Clone>(&self, name: Name, of: fn(&AuthArgs) -> &Option<T>) -> Option<Given<()>> {
        self.layers.get(name, of).map(|given| given.map(|_| ()))
    }
}

/// Returns the error for a missing credential.
pub(super) fn missing(message: &str) -> CliError {
    CliError::new(Exit::Credentials, message)
}
