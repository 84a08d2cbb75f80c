//! Reads a token request: a form or JSON, with credentials in the body or in a header.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::http::request::media_type;
use crate::oauth::assertion::error::{AssertionError, TYPE};
use crate::oauth::basic;
use crate::oauth::error_response::ErrorResponse;

/// The parameters of a token request, read but not checked.
pub(crate) struct TokenRequest {
    pub(crate) client_id: Option<String>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) grant_type: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
}

/// The client's proof of its identity.
pub(crate) enum ClientAuth {
    /// The secret, from HTTP Basic or the body.
    Secret { secret: Option<String>, basic: bool },
    /// A `client_assertion` (RFC 7521 §4.2).
    Assertion(String),
}

type Parameters = BTreeMap<String, String>;

impl TokenRequest {
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, ErrorResponse> {
        let mut parameters = match media_type(headers).as_deref() {
            Some("application/x-www-form-urlencoded") => form(body)?,
            Some("application/json") => json(body)?,
            _ => {
                return Err(ErrorResponse::InvalidRequest(
                    "The Content-Type is neither application/x-www-form-urlencoded nor application/json".into(),
                ));
            }
        };
        // A parameter without a value counts as missing (RFC 6749 §3.2).
        parameters.retain(|_, value| !value.is_empty());
        let (client_id, client_auth) = credentials(headers, &mut parameters)?;
        Ok(Self {
            client_id,
            client_auth,
            grant_type: parameters.remove("grant_type"),
            audience: parameters.remove("audience"),
            scope: parameters.remove("scope"),
        })
    }
}

/// Returns the client's id and its proof.
fn credentials(
    headers: &HeaderMap,
    parameters: &mut Parameters,
) -> Result<(Option<String>, ClientAuth), ErrorResponse> {
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
            return Err(TWO_METHODS);
        }
        let assertion = assertion_of_known_type(assertion)?;
        return Ok((in_body.0, ClientAuth::Assertion(assertion)));
    }
    let basic = in_header.is_some();
    let (id, secret) = match in_header {
        Some((id, secret)) => {
            reject_two_methods(&id, &in_body)?;
            (Some(id), Some(secret))
        }
        None => in_body,
    };
    Ok((id, ClientAuth::Secret { secret, basic }))
}

fn assertion_of_known_type(
    (assertion_type, assertion): (Option<String>, Option<String>),
) -> Result<String, ErrorResponse> {
    if assertion_type.as_deref() != Some(TYPE) {
        return Err(ErrorResponse::InvalidAssertion(AssertionError::WrongType));
    }
    assertion.ok_or(ErrorResponse::InvalidAssertion(
        AssertionError::MissingAssertion,
    ))
}

/// A client uses one authentication method per request (RFC 6749 §2.3). The `client_id` of the same client in the
/// body is no second method (RFC 6749 §3.2.1).
fn reject_two_methods(
    id: &str,
    in_body: &(Option<String>, Option<String>),
) -> Result<(), ErrorResponse> {
    match in_body {
        (None, None) => Ok(()),
        (Some(other), None) if other == id => Ok(()),
        _ => Err(TWO_METHODS),
    }
}

fn form(body: &[u8]) -> Result<Parameters, ErrorResponse> {
    if std::str::from_utf8(body).is_err() {
        return Err(ErrorResponse::InvalidRequest(
            "The form is not UTF-8".into(),
        ));
    }
    let mut parameters = Parameters::new();
    for (name, value) in form_urlencoded::parse(body) {
        let again = parameters.insert(name.to_string(), value.into_owned());
        // No parameter is repeated (RFC 6749 §3.2), except for `resource` (RFC 8707 §2).
        if again.is_some() && name != "resource" {
            let name = known(&name);
            let message = format!("The parameter {name} came more than once");
            return Err(ErrorResponse::InvalidRequest(message.into()));
        }
    }
    Ok(parameters)
}

fn json(body: &[u8]) -> Result<Parameters, ErrorResponse> {
    let object: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| ErrorResponse::InvalidRequest("The body is not a JSON object".into()))?;
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        _ => {
            let message = format!("The parameter {} is not text", known(&name));
            Err(ErrorResponse::InvalidRequest(message.into()))
        }
    };
    object.into_iter().map(text).collect()
}

/// Returns the name of a parameter for an error. In a malformed body another name may be anything, such as a secret.
fn known(name: &str) -> &str {
    match KNOWN.contains(&name) {
        true => name,
        false => "(of an unknown name)",
    }
}

const TWO_METHODS: ErrorResponse =
    ErrorResponse::InvalidRequest(Cow::Borrowed("Credentials came in two ways at once"));

const KNOWN: [&str; 9] = [
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "grant_type",
    "organization_id",
    "scope",
    "tenant_id",
];
