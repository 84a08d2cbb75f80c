//! The formats of a token.

use serde_json::{Value, json};

use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::output::text::json_line;
use crate::output::timestamp;
use crate::session::SessionToken;

pub(super) fn token(ready: &SessionToken) -> String {
    format!("{}\n", ready.token.expose())
}

pub(super) fn header(ready: &SessionToken) -> String {
    format!("Authorization: Bearer {}\n", ready.token.expose())
}

/// Returns the members of RFC 6749 §5.1. `expires_in` counts from now, and unknown members are omitted.
pub(super) fn json(ready: &SessionToken) -> String {
    let mut object = json!({
        "access_token": ready.token.expose(),
        "token_type": ready.token.token_type(),
    });
    if let (Some(left), Some(end)) = (ready.left(), ready.expires_at) {
        object["expires_in"] = left.as_secs().into();
        object["expires_at"] = timestamp::utc(end).into();
    }
    if let Some(scope) = ready.token.scope() {
        object["scope"] = scope.into();
    }
    json_line(&object)
}

/// Returns a curl configuration. Between double quotes curl reads `\` and `"` as escaped.
pub(super) fn curl(ready: &SessionToken) -> String {
    let token = ready
        .token
        .expose()
        .replace('\\', r"\\")
        .replace('"', "\\\"");
    format!("header = \"Authorization: Bearer {token}\"\n")
}

pub(super) fn exec_credential(ready: &SessionToken, api_version: &str) -> String {
    let mut status = json!({ "token": ready.token.expose() });
    if let Some(end) = ready.expires_at {
        status["expirationTimestamp"] = timestamp::utc(end).into();
    }
    let object = json!({
        "apiVersion": api_version,
        "kind": "ExecCredential",
        "status": status,
    });
    format!("{object}\n")
}

/// Returns the version that kubectl names in `KUBERNETES_EXEC_INFO`, or the current one without it.
pub(super) fn api_version() -> Result<String, CliError> {
    let Some(info) = variable("KUBERNETES_EXEC_INFO")? else {
        return Ok(API_VERSIONS[0].to_owned());
    };
    let info: Option<Value> = serde_json::from_str(&info).ok();
    let asked = info.as_ref().and_then(|info| info["apiVersion"].as_str());
    let known = API_VERSIONS.iter().find(|version| Some(**version) == asked);
    known.map(|version| (*version).to_owned()).ok_or_else(|| {
        let message = "KUBERNETES_EXEC_INFO asks for an unknown version of ExecCredential";
        let next = format!(
            "set an apiVersion in the kubeconfig that is one of {}",
            API_VERSIONS.join(", ")
        );
        CliError::new(Exit::Usage, message).next(next)
    })
}

const API_VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];
