//! The assertions of one attempt.

use crate::client_auth::credential::Purpose;
use crate::client_auth::jwt::Jwt;
use crate::client_auth::method::ClientAuth;
use crate::config::config::Config;
use crate::secret::Secret;

/// The assertions that were supplied so far.
#[derive(Default)]
pub(super) struct Supplied {
    client: Option<Secret>,
    grant: Option<Secret>,
}

impl Supplied {
    /// Returns the first assertion that the request lacks, and the JWT to sign if a signer makes the assertion.
    pub(super) fn missing<'c>(&self, config: &'c Config) -> Option<(Purpose, Option<&'c Jwt>)> {
        let client_auth = config.client_auth();
        let by_assertion = matches!(client_auth, ClientAuth::Assertion);
        if self.client.is_none() && (client_auth.jwt().is_some() || by_assertion) {
            return Some((Purpose::ClientAuth, client_auth.jwt()));
        }
        let grant = config.grant();
        let needs = self.grant.is_none() && grant.assertion_param().is_some();
        needs.then(|| (Purpose::Grant, grant.jwt()))
    }

    pub(super) fn add(&mut self, purpose: Purpose, assertion: Secret) {
        match purpose {
            Purpose::ClientAuth => self.client = Some(assertion),
            Purpose::Grant => self.grant = Some(assertion),
        }
    }

    /// Returns the parameters that they add to the request.
    ///
    /// RFC 7521 §4.2 for the client's assertion; RFC 7523 §2.1 and RFC 8693 §2.1 for the grant's.
    pub(super) fn params(&self, config: &Config) -> Vec<(&'static str, &str)> {
        let mut params = Vec::new();
        if let Some(assertion) = &self.client {
            params.push(("client_assertion_type", CLIENT_ASSERTION_TYPE));
            params.push(("client_assertion", assertion.expose()));
        }
        if let (Some(name), Some(assertion)) = (config.grant().assertion_param(), &self.grant) {
            params.push((name, assertion.expose()));
        }
        params
    }

    /// Returns their texts, which a server may repeat.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let both = [&self.client, &self.grant];
        both.into_iter().flatten().map(Secret::expose).collect()
    }
}

const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
