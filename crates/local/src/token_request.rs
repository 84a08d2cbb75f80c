//! Reading a token request: a form or JSON, with credentials in the body or in a header.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::basic;
use crate::body::media_type;
use crate::refusal::Refusal;

/// What a client asked for. Nothing in it has been checked against anything.
pub(crate) struct TokenRequest {
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<String>,
    /// The credentials came by HTTP Basic.
    pub(crate) basic: bool,
    pub(crate) grant_type: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
}

type Parameters = BTreeMap<String, String>;

impl TokenRequest {
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = match media_type(headers).as_deref() {
            Some("application/x-www-form-urlencoded") => form(body)?,
            Some("application/json") => json(body)?,
            _ => return Err(Refusal::Malformed("The body is neither a form nor JSON")),
        };
        // RFC 6749 §3.2: a parameter without a value counts as left out.
        parameters.retain(|_, value| !value.is_empty());
        let in_body = (
            parameters.remove("client_id"),
            parameters.remove("client_secret"),
        );
        let in_header = basic::credentials(headers)?;
        let basic = in_header.is_some();
        let (client_id, client_secret) = match in_header {
            Some((id, secret)) => {
                refuse_two_ways(&id, &in_body)?;
                (Some(id), Some(secret))
            }
            None => in_body,
        };
        Ok(Self {
            client_id,
            client_secret,
            basic,
            grant_type: parameters.remove("grant_type"),
            audience: parameters.remove("audience"),
            scope: parameters.remove("scope"),
        })
    }
}

/// RFC 6749 §2.3: a client authenticates in one way per request. The bare id of the same client
/// is no second way (RFC 6749 §3.2.1).
fn refuse_two_ways(id: &str, in_body: &(Option<String>, Option<String>)) -> Result<(), Refusal> {
    match in_body {
        (None, None) => Ok(()),
        (Some(other), None) if other == id => Ok(()),
        _ => Err(Refusal::Malformed("Credentials came in two ways at once")),
    }
}

fn form(body: &[u8]) -> Result<Parameters, Refusal> {
    if std::str::from_utf8(body).is_err() {
        return Err(Refusal::Malformed("The form is not UTF-8"));
    }
    let mut parameters = Parameters::new();
    for (name, value) in form_urlencoded::parse(body) {
        let again = parameters.insert(name.to_string(), value.into_owned());
        // RFC 6749 §3.2: no parameter comes twice, but for `resource` (RFC 8707 §2).
        if again.is_some() && name != "resource" {
            return Err(Refusal::Malformed("A parameter came more than once"));
        }
    }
    Ok(parameters)
}

fn json(body: &[u8]) -> Result<Parameters, Refusal> {
    let object: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| Refusal::Malformed("The body is not a JSON object"))?;
    let text = |(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        _ => Err(Refusal::Malformed(
            "A member of the JSON object is not text",
        )),
    };
    object.into_iter().map(text).collect()
}
