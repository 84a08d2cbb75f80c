//! Placeholder credentials, for runs that send no credential.

use std::time::Duration;

use edge_oauth_driver::AssertionSource;
use edge_oauth_keys::AssertionCallback;
use edge_oauth_no_io::Secret;

use crate::client_auth::credentials::{Credentials, Parts};
use crate::client_auth::form::Signing;
use crate::client_auth::load::{Loaded, read_key};
use crate::client_auth::plan::{Client, Plan};
use crate::error::CliError;
use crate::origin::Origin;

impl Plan {
    /// Returns credentials with one text in place of every secret, key, assertion and parameter. Reads no file.
    pub(crate) fn placeholder(&self, secret: &Secret) -> Loaded {
        let params = self.params.iter();
        let params = params.map(|(name, _)| (name.clone(), secret.clone()));
        self.stand_in(secret, params.collect(), Signing::Placeholder)
    }

    /// Returns placeholder credentials for the cache. Reads the key's id and the parameters, since the names of cache
    /// entries depend on them.
    pub(crate) fn outline(&self, secret: &Secret, time: Duration) -> Result<Loaded, CliError> {
        let key = self.key.as_ref().map(|plan| read_key(plan, time));
        let key = key.transpose()?.map(|(key, _)| key);
        let params = self.read_params(time)?;
        Ok(self.stand_in(secret, params, Signing::By(key.as_ref())))
    }

    fn stand_in(
        &self,
        secret: &Secret,
        mut params: Vec<(String, Secret)>,
        signing: Signing<'_>,
    ) -> Loaded {
        let assertion = || -> Option<Box<dyn AssertionSource>> {
            let text = secret.clone();
            Some(Box::new(AssertionCallback::new(move |_| Ok(text.clone()))))
        };
        Loaded {
            client_auth: self.client_auth(secret, signing),
            grant: self.grant(&mut params, signing),
            params,
            credentials: Credentials::new(Parts {
                client_assertion: assertion(),
                grant_assertion: assertion(),
                secrets: vec![secret.clone()],
                has_client_secret: true,
                ..Parts::default()
            }),
            secret: matches!(self.client, Client::Secret(..))
                .then(|| (secret.clone(), Origin::Placeholder)),
        }
    }
}
