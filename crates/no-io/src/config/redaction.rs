//! The parts of a configuration that no printed text may repeat.

use std::borrow::Cow;

use crate::config::parameters::Parameters;
use crate::redact::prepared::{Prepared, Secrets};

/// The client secret, the grant's secret parameters, the extra parameters and the endpoint's query.
///
/// Two kinds of extra values are not secrets, or they would withhold nearly every text: values of less than four
/// characters, and values that the public part of the configuration contains.
impl Secrets for Parameters {
    fn prepare(&self) -> Prepared {
        let query = self.endpoint.query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes());
        // A part without `=` has its text for a name.
        let query = query.map(|(name, value)| if value.is_empty() { name } else { value });
        let params = self.params.iter().map(|(_, value)| Cow::from(value));
        let values: Vec<_> = params.chain(query).collect();
        let is_public = |value: &str| {
            let lists = [&self.scope, &self.resources].into_iter().flatten();
            let named = lists.chain(&self.audience).chain([&self.client_id]);
            let host = self.endpoint.host().unwrap_or_default();
            let public = named
                .map(String::as_str)
                .chain([host, self.endpoint.path()]);
            public.into_iter().any(|text| text.contains(value))
        };
        // Most texts that name a URL have its scheme.
        let without_scheme = |value| str::strip_prefix(value, "https://").unwrap_or(value);
        let hidden = values
            .iter()
            .map(|value| without_scheme(value))
            .filter(|value| value.len() >= LEAST_HIDDEN && !is_public(value));
        let secret = self.client_auth.secret();
        let granted = self.grant.secret_params().iter().map(|(_, value)| value);
        let secrets = secret
            .into_iter()
            .chain(granted)
            .map(|secret| secret.expose());
        Prepared::new(secrets.chain(hidden))
    }
}

const LEAST_HIDDEN: usize = 4;
