//! Credentials of a run that only looks: one text in place of all of them.

use edge_oauth_driver::AssertionSource;
use edge_oauth_keys::AssertionCallback;
use edge_oauth_no_io::{ClientAuth, Grant, GrantAssertion, Secret};

use crate::client_auth::credentials::{Credentials, Parts};
use crate::client_auth::load::Loaded;
use crate::client_auth::plan::{Client, GrantPlan, Plan, SecretUse};
use crate::origin::Origin;

impl Plan {
    /// Returns credentials with one text in place of every secret, key, assertion and parameter: nothing is read.
    pub(crate) fn placeholder(&self, secret: &Secret) -> Loaded {
        let params = self.params.iter();
        let params = params.map(|(name, _)| (name.clone(), secret.clone()));
        self.placeholder_with(secret, params.collect())
    }

    /// Returns the same with these parameters.
    pub(crate) fn placeholder_with(
        &self,
        secret: &Secret,
        mut params: Vec<(String, Secret)>,
    ) -> Loaded {
        let assertion = || -> Option<Box<dyn AssertionSource>> {
            let text = secret.clone();
            Some(Box::new(AssertionCallback::new(move |_| Ok(text.clone()))))
        };
        let client_auth = match &self.client {
            Client::None => ClientAuth::None,
            Client::Secret(SecretUse::Post, _) => ClientAuth::ClientSecretPost(secret.clone()),
            Client::Secret(SecretUse::Basic(encoding), _) => {
                ClientAuth::ClientSecretBasic(secret.clone(), *encoding)
            }
            Client::Secret(SecretUse::Jwt { .. }, _) | Client::Key | Client::Assertion(_) => {
                ClientAuth::Assertion
            }
            Client::Certificate { .. } => ClientAuth::TlsClientAuth,
        };
        let grant = match &self.grant {
            GrantPlan::ClientCredentials => Grant::ClientCredentials,
            GrantPlan::SignedJwtBearer | GrantPlan::JwtBearer(_) => {
                Grant::JwtBearer(GrantAssertion::External)
            }
            GrantPlan::TokenExchange { subject_type, .. } => Grant::TokenExchange {
                subject_token_type: subject_type.clone(),
            },
            GrantPlan::Extension(grant_type) => Grant::Extension {
                grant_type: grant_type.clone(),
                params: std::mem::take(&mut params),
            },
        };
        Loaded {
            client_auth,
            grant,
            params,
            credentials: Credentials::new(Parts {
                client_assertion: assertion(),
                grant_assertion: assertion(),
                secrets: vec![secret.clone()],
                has_client_secret: true,
                ..Parts::default()
            }),
            secret_origin: matches!(self.client, Client::Secret(..)).then_some(Origin::Placeholder),
        }
    }
}
