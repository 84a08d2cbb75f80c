//! The parameters of a configuration, encoded as a body.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::client_auth::method::ClientAuth;
use crate::config::parameters::Parameters;

/// Returns the parameters in the order of Sitecore's documentation, without `scope` and `resource`.
fn params(parameters: &Parameters) -> impl Iterator<Item = (&str, &str)> {
    let audience = parameters
        .audience
        .iter()
        .map(|audience| ("audience", audience.as_str()));
    let client_auth = &parameters.client_auth;
    let client_id = match client_auth {
        ClientAuth::ClientSecretBasic(..) => None,
        // RFC 7521 §4.2 makes it optional beside an assertion, and servers look for it.
        _ => Some(("client_id", parameters.client_id.as_str())),
    };
    let secret = match client_auth {
        ClientAuth::ClientSecretPost(secret) => Some(("client_secret", secret.expose())),
        _ => None,
    };
    let own = parameters
        .params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    audience
        .chain([("grant_type", parameters.grant.grant_type())])
        .chain(client_id)
        .chain(secret)
        .chain(parameters.grant.params())
        .chain(own)
}

/// RFC 6749 §3.3: scope tokens are joined by spaces.
fn scope(parameters: &Parameters) -> Option<String> {
    (!parameters.scope.is_empty()).then(|| parameters.scope.join(" "))
}

/// RFC 6749 Appendix B. The buffer is large enough from the start: growing would leave a copy of the secret behind.
pub(super) fn form(parameters: &Parameters) -> Vec<u8> {
    let bound = bound(parameters, 3);
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(bound));
    form.extend_pairs(params(parameters));
    if let Some(scope) = scope(parameters) {
        form.append_pair("scope", &scope);
    }
    // RFC 8707 §2: several resources are the parameter several times.
    form.extend_pairs(
        parameters
            .resources
            .iter()
            .map(|resource| ("resource", resource)),
    );
    form.finish().into_bytes()
}

/// The same as a JSON object, in a buffer that is large enough too.
pub(super) fn json(parameters: &Parameters) -> Vec<u8> {
    let mut out = Vec::with_capacity(bound(parameters, EXPANSION));
    serde_json::to_writer(&mut out, &JsonBody(parameters)).expect("texts are written to memory");
    out
}

struct JsonBody<'a>(&'a Parameters);

impl Serialize for JsonBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in params(self.0) {
            map.serialize_entry(name, value)?;
        }
        if let Some(scope) = scope(self.0) {
            map.serialize_entry("scope", &scope)?;
        }
        match self.0.resources.as_slice() {
            [] => {}
            [one] => map.serialize_entry("resource", one)?,
            several => map.serialize_entry("resource", several)?,
        }
        map.end()
    }
}

fn bound(parameters: &Parameters, expansion: usize) -> usize {
    let sizes = parameters.sizes().map(|(_, size)| size);
    expansion * sizes.into_iter().sum::<usize>() + FRAME
}

/// Room for the names and the punctuation that the library adds.
pub(super) const FRAME: usize = 512;

/// JSON's escapes make six bytes of one, the most of both formats.
pub(super) const EXPANSION: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parameters::BodyFormat;
    use crate::grant::Grant;
    use crate::provider::provider::Provider;
    use crate::secret::Secret;

    fn parameters(text: &str) -> Parameters {
        Parameters {
            endpoint: "https://login.example/token".parse().unwrap(),
            client_id: text.to_owned(),
            client_auth: ClientAuth::ClientSecretPost(Secret::new(text)),
            grant: Grant::ClientCredentials,
            body_format: BodyFormat::Form,
            audience: None,
            scope: Vec::new(),
            resources: Vec::new(),
            params: Vec::new(),
            provider: Provider::standard(),
            lenient: true,
        }
    }

    #[test]
    fn buffers_neither_grow_nor_are_far_too_large() {
        let many = |value: &str| {
            let params = (0..2000).map(|i| (format!("{i:x}"), value.to_owned()));
            Parameters {
                params: params.collect(),
                ..parameters("a")
            }
        };
        let lists = Parameters {
            scope: (0..2000).map(|i| format!("{i:x}")).collect(),
            resources: vec!["a:b".to_owned(); 2000],
            ..parameters("a")
        };
        let wide = Parameters {
            audience: Some("\u{1}".to_owned()),
            ..parameters(&"€\"".repeat(8_000))
        };
        for parameters in [
            parameters("a"),
            parameters(&"\u{1}".repeat(30_000)),
            wide,
            many(""),
            many("\u{1f}"),
            lists,
        ] {
            assert!(form(&parameters).len() <= bound(&parameters, 3));
            assert!(json(&parameters).len() <= bound(&parameters, EXPANSION));
            assert!(bound(&parameters, EXPANSION) < 512 * 1024);
        }
    }
}
