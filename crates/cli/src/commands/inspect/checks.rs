//! The checks of a token and their results.

use std::time::Duration;

use edge_oauth_no_io::printable;
use serde_json::{Map, Value};

use crate::jwt;
use crate::jwt::key_set::KeySet;
use crate::output::timestamp;

/// A check and its result.
pub(super) struct Check {
    pub(super) name: &'static str,
    /// `None` if the check was not made.
    pub(super) passed: Option<bool>,
    pub(super) says: String,
}

impl Check {
    pub(super) fn passed(name: &'static str, says: String) -> Self {
        Self {
            name,
            passed: Some(true),
            says,
        }
    }

    pub(super) fn failed(name: &'static str, says: String) -> Self {
        Self {
            name,
            passed: Some(false),
            says,
        }
    }

    pub(super) fn not_done(name: &'static str, says: &str) -> Self {
        Self {
            name,
            passed: None,
            says: says.to_owned(),
        }
    }
}

pub(super) fn signature(keys: &KeySet, token: &str, header: &Map<String, Value>) -> Check {
    match keys.verify(token, header) {
        Ok(valid) => {
            let kid = valid
                .kid
                .map_or("no kid".to_owned(), |kid| format!("kid {kid}"));
            Check::passed("signature", format!("valid ({}, {kid})", valid.algorithm))
        }
        Err(why) => Check::failed("signature", format!("not valid: {why}")),
    }
}

/// Checks `exp` and `nbf` (RFC 7519 §4.1.4 and §4.1.5) by this machine's clock, without leeway.
pub(super) fn time(claims: &Map<String, Value>, now: Duration) -> Check {
    let date = |name| claims.get(name).map(jwt::date);
    let relative = |at| timestamp::relative(at, now);
    match (date("exp"), date("nbf")) {
        (Some(None), _) => Check::failed("time", "`exp` is not a time".to_owned()),
        (_, Some(None)) => Check::failed("time", "`nbf` is not a time".to_owned()),
        (Some(Some(exp)), _) if exp <= now => {
            Check::failed("time", format!("expired {}", relative(exp)))
        }
        (_, Some(Some(nbf))) if nbf > now => {
            Check::failed("time", format!("valid only {}", relative(nbf)))
        }
        (Some(Some(exp)), _) => Check::passed("time", format!("expires {}", relative(exp))),
        (None, _) => Check::passed("time", "never expires: it has no `exp`".to_owned()),
    }
}

pub(super) fn is_for(claims: &Map<String, Value>, audience: &str) -> Check {
    let named = match claims.get("aud") {
        Some(Value::String(only)) => vec![only.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match named.contains(&audience) {
        true => Check::passed("audience", "the one wanted".to_owned()),
        false => Check::failed("audience", format!("not {}", printable(audience, SHOWN))),
    }
}

pub(super) fn is_of(claims: &Map<String, Value>, issuer: &str) -> Check {
    match claims.get("iss").and_then(Value::as_str) == Some(issuer) {
        true => Check::passed("issuer", "the one wanted".to_owned()),
        false => Check::failed("issuer", format!("not {}", printable(issuer, SHOWN))),
    }
}

const SHOWN: usize = 256;
