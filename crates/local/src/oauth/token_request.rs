//! Reading a token request: a form or JSON, with credentials in the body or in a header.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::http::request::media_type;
use crate::oauth::assertion::error::{Rejection, TYPE};
use crate::oauth::basic;
use crate::oauth::error_response::Refusal;

/// What a client asked for. Nothing in it has been checked against anything.
pub(crate) struct TokenRequest {
    pub(crate) client_id: Option<String>,
    pub(crate) proof: Proof,
    pub(crate) grant_type: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
}

/// How the client means to prove its identity.
pub(crate) enum Proof {
    /// By its secret, which came by HTTP Basic or in the body.
    Secret { secret: Option<String>, basic: bool },
    /// By a `client_assertion` (RFC 7521 §4.2).
    Assertion(String),
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
        let (client_id, proof) = credentials(headers, &mut parameters)?;
        Ok(Self {
            client_id,
            proof,
            grant_type: parameters.remove("grant_type"),
            audience: parameters.remove("audience"),
            scope: parameters.remove("scope"),
        })
    }
}

/// The client's id and its proof.
fn credentials(
    headers: &HeaderMap,
    parameters: &mut Parameters,
) -> Result<(Option<String>, Proof), Refusal> {
    let in_body = (
        parameters.remove("client_id"),
        parameters.remove("client_secret"),
    );
    let in_header = basic::credentials(headers)?;
    let assertion = (
        parameters.remove("client_assertion_type"),
        parameters.remove("client_assertion"),
    );
    if assertion != (None, None) {
        if in_header.is_some() || in_body.1.is_some() {
            return Err(TWO_WAYS);
        }
        return Ok((in_body.0, Proof::Assertion(of_known_type(assertion)?)));
    }
    match in_header {
        Some((id, secret)) => {
            refuse_two_ways(&id, &in_body)?;
            let secret = Some(secret);
            Ok((
                Some(id),
                Proof::Secret {
                    secret,
                    basic: true,
                },
            ))
        }
        None => {
            let (id, secret) = in_body;
            Ok((
                id,
                Proof::Secret {
                    secret,
                    basic: false,
                },
            ))
        }
    }
}

fn of_known_type(
    (assertion_type, assertion): (Option<String>, Option<String>),
) -> Result<String, Refusal> {
    if assertion_type.as_deref() != Some(TYPE) {
        return Err(Refusal::WrongAssertion(Rejection::WrongType));
    }
    assertion.ok_or(Refusal::WrongAssertion(Rejection::NoAssertion))
}

/// RFC 6749 §2.3: a client authenticates in one way per request. The bare id of the same client
/// is no second way (RFC 6749 §3.2.1).
fn refuse_two_ways(id: &str, in_body: &(Option<String>, Option<String>)) -> Result<(), Refusal> {
    match in_body {
        (None, None) => Ok(()),
        (Some(other), None) if other == id => Ok(()),
        _ => Err(TWO_WAYS),
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

const TWO_WAYS: Refusal = Refusal::Malformed("Credentials came in two ways at once");
