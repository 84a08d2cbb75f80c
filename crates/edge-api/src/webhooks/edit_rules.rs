//! The rules that a webhook has to meet before it is sent.

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Uri};

use crate::http::json_object::JsonObject;
use crate::input_error::{InputError, require_text};
use crate::webhooks::body_include::body_include;
use crate::webhooks::execution_mode::ExecutionMode;
use crate::webhooks::members::{
    BODY, BODY_INCLUDE, EXECUTION_MODE, HEADERS, LABEL, METHOD, URI, execution_mode, headers,
};
use crate::webhooks::webhook_edit::WebhookEdit;

/// Returns the webhook in the form that the service accepts, or the rule that it breaks.
///
/// Members that the service already has are not checked again, so an edit never fails because of a member that it
/// leaves alone. `is_local` is true if the API itself is on the loopback.
pub(crate) fn checked(edit: &WebhookEdit, is_local: bool) -> Result<JsonObject, InputError> {
    let mut webhook = edit.webhook.clone();
    let is_changed = |name| edit.webhook.get(name) != edit.original.get(name);
    if is_changed(LABEL) {
        require_text(LABEL, webhook.text(LABEL).unwrap_or_default())?;
    }
    if is_changed(URI) {
        check_uri(webhook.text(URI).unwrap_or_default(), is_local)?;
    }
    if let Some(method) = webhook.text(METHOD).map(str::to_ascii_uppercase) {
        if !["GET", "POST"].contains(&method.as_str()) {
            return Err(InputError::invalid(METHOD, "is not GET or POST"));
        }
        webhook.set(METHOD, method);
    }
    if is_changed(HEADERS) {
        headers(&webhook).try_for_each(|(name, value)| check_header(name, value))?;
    }
    let mode = execution_mode(&webhook);
    if webhook.text(EXECUTION_MODE).is_some() {
        webhook.set(EXECUTION_MODE, mode.as_str());
    }
    let changes_method = is_changed(METHOD) || is_changed(EXECUTION_MODE);
    if changes_method && mode == ExecutionMode::OnUpdate && webhook.text(METHOD) == Some("GET") {
        let reason = "GET is for the execution mode OnEnd only";
        return Err(InputError::invalid(METHOD, reason));
    }
    let sends_another_body = [EXECUTION_MODE, BODY, BODY_INCLUDE]
        .into_iter()
        .any(is_changed);
    match with_body_of_mode(webhook.clone()) {
        Err(_) if !sends_another_body => Ok(webhook),
        result => result,
    }
}

fn check_uri(uri: &str, is_local: bool) -> Result<(), InputError> {
    require_text(URI, uri)?;
    let relative = InputError::invalid(URI, "is not an absolute URL");
    let parsed: Uri = uri.parse().map_err(|_| relative)?;
    let (authority, host) = (parsed.authority().ok_or(relative)?, parsed.host());
    // RFC 9110 §4.2.4: no user and password in a URL that others read.
    if authority.as_str().contains('@') {
        return Err(InputError::invalid(URI, "has a user: remove it"));
    }
    if parsed.port_u16().is_none() && authority.as_str() != authority.host() {
        return Err(InputError::invalid(URI, "has an invalid port"));
    }
    match (parsed.scheme_str(), host) {
        (_, None | Some("")) | (None, _) => Err(relative),
        (Some("https"), _) => Ok(()),
        (Some("http"), _) if is_local && edge_oauth_no_io::Origin::is_secure(&parsed) => Ok(()),
        _ => Err(InputError::Insecure { field: URI }),
    }
}

/// Checks that HTTP can carry the header, and that the URL and the body do not already determine its value.
fn check_header(name: &str, value: &str) -> Result<(), InputError> {
    match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        (Ok(CONTENT_LENGTH | HOST | TRANSFER_ENCODING), _) => Err(InputError::invalid(
            HEADERS,
            "has a header that follows from the URL or the body",
        )),
        (Ok(_), Ok(_)) => Ok(()),
        _ => Err(InputError::invalid(
            HEADERS,
            "has a header that HTTP cannot carry",
        )),
    }
}

/// Checks that the body belongs to the execution mode: `body` to `OnEnd`, `bodyInclude` to `OnUpdate`. Removes empty
/// ones, as the service does.
fn with_body_of_mode(mut webhook: JsonObject) -> Result<JsonObject, InputError> {
    let include = body_include(&webhook)?;
    let has_body = webhook.text(BODY).is_some_and(|body| !body.is_empty());
    match execution_mode(&webhook) {
        ExecutionMode::OnEnd if include.is_some() => Err(misplaced(BODY_INCLUDE, "OnUpdate")),
        ExecutionMode::OnUpdate if has_body => Err(misplaced(BODY, "OnEnd")),
        _ => {
            if !has_body {
                webhook.remove(BODY);
            }
            match include {
                Some(include) => webhook.set(BODY_INCLUDE, include),
                None => webhook.remove(BODY_INCLUDE),
            }
            Ok(webhook)
        }
    }
}

fn misplaced(field: &'static str, belongs_to: &'static str) -> InputError {
    InputError::Misplaced { field, belongs_to }
}
