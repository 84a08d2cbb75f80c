//! The parts of a token.

pub mod key_set;
pub(crate) mod key_source;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::printable;
use serde_json::{Map, Value};

use crate::output::text::Lines;
use crate::output::timestamp;

/// A token, by its form.
pub enum Token {
    /// Header, claims and signature (RFC 7515 §3.1).
    Jwt {
        /// The header's members.
        header: Map<String, Value>,
        /// The claims.
        claims: Map<String, Value>,
    },
    /// Encrypted (RFC 7516 §3.1): only the header is readable.
    Jwe {
        /// The header's members.
        header: Map<String, Value>,
    },
    /// Opaque text.
    Opaque,
}

impl Token {
    /// Reads a token. A text that is neither a JWT nor encrypted is opaque.
    pub fn read(token: &str) -> Self {
        let parts: Vec<_> = token.split('.').collect();
        let header = object(parts[0]);
        match (header, parts.as_slice()) {
            (Some(header), [_, claims, _]) => match object(claims) {
                Some(claims) => Self::Jwt { header, claims },
                None => Self::Opaque,
            },
            (Some(header), [_, _, _, _, _]) if header.contains_key("enc") => Self::Jwe { header },
            _ => Self::Opaque,
        }
    }
}

/// Adds a line for each member, with readable times.
pub(crate) fn show(members: &Map<String, Value>, now: std::time::Duration, lines: &mut Lines) {
    for (name, value) in members {
        let says = match value {
            Value::String(text) => printable(text, SHOWN),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
                printable(&items.join(" "), SHOWN)
            }
            other => printable(&other.to_string(), SHOWN),
        };
        let time = TIMES
            .contains(&name.as_str())
            .then(|| date(value))
            .flatten();
        let says = match time {
            Some(at) => format!("{says}  ({})", timestamp::readable(at, now)),
            None => says,
        };
        lines.line(printable(name, SHOWN), says);
    }
}

/// Reads a NumericDate: a number of seconds, which may have a fraction (RFC 7519 §2).
pub(crate) fn date(value: &Value) -> Option<std::time::Duration> {
    let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0)?;
    // The cast saturates.
    let whole = value.as_u64().unwrap_or(seconds as u64);
    Some(std::time::Duration::from_secs(whole))
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

const TIMES: [&str; 5] = ["auth_time", "exp", "iat", "nbf", "updated_at"];

/// Longer than any claim seen so far.
const SHOWN: usize = 1024;
