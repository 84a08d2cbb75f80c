//! The identity in a token: organization, tenant, client and scopes, as its claims tell, unverified.

use edge_oauth_no_io::{AccessToken, printable};

use crate::services::{ClientKind, SERVICES};

/// The identity of a client. Each text is safe to print.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) organization: Option<String>,
    pub(crate) tenant: Option<String>,
    /// The name of the client, which the service adds.
    pub(crate) client_name: Option<String>,
    pub(crate) scopes: Vec<String>,
}

impl Identity {
    pub(crate) fn read(token: &AccessToken) -> Self {
        let claims = token.claims();
        let claim = |name: &str| {
            let names = [format!("{CLAIMS}{name}"), name.to_owned()];
            let text = names.iter().find_map(|name| claims.as_ref()?.get(name))?;
            Some(printable(&text, SHOWN))
        };
        let named = |names: [&str; 2], id: &str| {
            let name = names.iter().find_map(|name| claim(name));
            match (name, claim(id)) {
                (Some(name), Some(id)) => Some(format!("{name} ({id})")),
                (one, other) => one.or(other),
            }
        };
        let scope = token.scope().map(str::to_owned);
        let scope = scope.or_else(|| claims.as_ref()?.get("scope"));
        let scopes = scope.unwrap_or_default();
        let scopes = scopes
            .split_whitespace()
            .map(|scope| printable(scope, SHOWN));
        Self {
            organization: named(["org_display_name", "org_name"], "org_id"),
            tenant: named(["tenant_name"; 2], "tenant_id"),
            client_name: claim("client_name"),
            scopes: scopes.collect(),
        }
    }

    /// Returns the kinds of client that the scopes tell.
    pub(crate) fn kinds(&self) -> Vec<ClientKind> {
        ClientKind::from_scope(&self.scopes.join(" "))
    }

    /// Returns the names of the services that such a client can call.
    pub(crate) fn services(&self) -> Vec<&'static str> {
        let kinds = self.kinds();
        let services = SERVICES.iter();
        let fits = services.filter(|service| service.accepts(&kinds));
        fits.map(|service| service.name).collect()
    }
}

/// The namespace of the service's own claims.
const CLAIMS: &str = "https://auth.sitecorecloud.io/claims/";
const SHOWN: usize = 128;
