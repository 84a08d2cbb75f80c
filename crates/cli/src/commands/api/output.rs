//! The output of a call.

use edge_oauth_no_io::SecretBytes;
use http::Response;
use serde_json::Value;

use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::output::text::harmless;

/// Returns the JSON of a response.
pub(super) fn parsed(response: &Response<SecretBytes>) -> Result<Value, CliError> {
    serde_json::from_slice(response.body().as_ref()).map_err(|_| {
        CliError::new(
            Exit::Refused,
            "the response is not JSON, and --pointer needs JSON",
        )
        .next("omit --pointer")
    })
}

/// Returns the value at the pointer as text: JSON, or a text without quotes. On a terminal the JSON is indented.
pub(super) fn json_text(json: &Value, pointer: Option<&str>) -> Result<String, CliError> {
    let value = json.pointer(pointer.unwrap_or_default()).ok_or_else(|| {
        CliError::new(
            Exit::Other,
            "the response has nothing at the place of --pointer",
        )
        .next("omit --pointer to see the whole response")
    })?;
    let shown = terminal::is_shown_to_person();
    Ok(match value {
        Value::String(text) if pointer.is_some() && !shown => format!("{text}\n"),
        value if shown => harmless(&format!("{value:#}\n")),
        value => format!("{value}\n"),
    })
}

/// Returns the body for output: unchanged, or on a terminal without what controls it.
pub(super) fn body_text(body: &[u8]) -> Vec<u8> {
    if !terminal::is_shown_to_person() {
        return body.to_vec();
    }
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => String::from_utf8_lossy(body)
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect(),
    };
    harmless(&text).into_bytes()
}
