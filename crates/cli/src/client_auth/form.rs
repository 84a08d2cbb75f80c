//! Client authentication and the grant as a configuration contains them.

use edge_oauth_keys::PrivateKey;
use edge_oauth_no_io::{Algorithm, ClientAuth, Grant, GrantAssertion, JwtAssertion, Secret};

use crate::client_auth::plan::{Client, GrantPlan, Plan, SecretUse};

/// The signer of assertions.
#[derive(Clone, Copy)]
pub(super) enum Signing<'a> {
    /// The plan's key, if it has one, or a client secret.
    By(Option<&'a PrivateKey>),
    /// A placeholder replaces each assertion.
    Placeholder,
}

impl Plan {
    /// Returns the method. `secret` is ignored if the method has none.
    pub(super) fn client_auth(&self, secret: &Secret, signing: Signing<'_>) -> ClientAuth {
        match (&self.client, signing) {
            (Client::None, _) => ClientAuth::None,
            (Client::Secret(SecretUse::Post, _), _) => ClientAuth::ClientSecretPost(secret.clone()),
            (Client::Secret(SecretUse::Basic(encoding), _), _) => {
                ClientAuth::ClientSecretBasic(secret.clone(), *encoding)
            }
            (Client::Secret(SecretUse::Jwt { key_id }, _), Signing::By(_)) => {
                let assertion = JwtAssertion::new(Algorithm::Hs256);
                let assertion = match key_id {
                    Some(key_id) => assertion.key_id(key_id),
                    None => assertion,
                };
                ClientAuth::ClientSecretJwt(self.for_audience(assertion))
            }
            (Client::Key, Signing::By(Some(key))) => {
                ClientAuth::PrivateKeyJwt(self.for_audience(key.assertion()))
            }
            (Client::Secret(..) | Client::Key | Client::Assertion(_), _) => ClientAuth::Assertion,
            (Client::Certificate { .. }, _) => ClientAuth::TlsClientAuth,
        }
    }

    /// Returns the grant. An extension grant takes all of `params`.
    pub(super) fn grant(&self, params: &mut Vec<(String, Secret)>, signing: Signing<'_>) -> Grant {
        match (&self.grant, signing) {
            (GrantPlan::ClientCredentials, _) => Grant::ClientCredentials,
            (GrantPlan::SignedJwtBearer, Signing::By(Some(key))) => {
                let assertion = self.for_audience(key.assertion());
                Grant::JwtBearer(GrantAssertion::Jwt(match &self.subject {
                    Some(subject) => assertion.subject(subject),
                    None => assertion,
                }))
            }
            (GrantPlan::SignedJwtBearer | GrantPlan::JwtBearer(_), _) => {
                Grant::JwtBearer(GrantAssertion::External)
            }
            (GrantPlan::TokenExchange { subject_type, .. }, _) => Grant::TokenExchange {
                subject_token_type: subject_type.clone(),
            },
            (GrantPlan::Extension(grant_type), _) => Grant::Extension {
                grant_type: grant_type.clone(),
                params: std::mem::take(params),
            },
        }
    }

    fn for_audience(&self, assertion: JwtAssertion) -> JwtAssertion {
        match &self.audience {
            Some(audience) => assertion.audience(audience),
            None => assertion,
        }
    }
}
