//! Checks of an assertion from another program: expiry, audience and issuer.

use std::time::Duration;

use edge_oauth_no_io::printable;
use http::Uri;
use serde_json::{Map, Value};

use crate::client_auth::plan::CLIENT_ASSERTION;
use crate::commands::doctor::finding::{Finding, Outcome};
use crate::error::Exit;
use crate::jwt::{Token, date};
use crate::output::timestamp;

/// The token request that the assertion authenticates.
pub(super) struct Expected<'a> {
    pub(super) endpoint: &'a Uri,
    pub(super) client_id: &'a str,
    pub(super) now: Duration,
}

/// Examines a client's assertion.
pub(super) fn examine(text: &str, expected: &Expected<'_>) -> Vec<Finding> {
    let Token::Jwt { claims, .. } = Token::read(text) else {
        return vec![Finding::new(CLIENT_ASSERTION, Outcome::Warn, NO_JWT).next(Some(NO_JWT_NEXT))];
    };
    vec![
        expiry("assertion exp", &claims, expected.now),
        audience(&claims, expected.endpoint),
        issuer(&claims, expected.client_id),
    ]
}

/// Examines the expiry of an assertion or a token; a token may be opaque.
pub(super) fn examine_expiry(check: &'static str, text: &str, now: Duration) -> Finding {
    match Token::read(text) {
        Token::Jwt { claims, .. } => expiry(check, &claims, now),
        _ => Finding::new(check, Outcome::Skip, "only the server can read it"),
    }
}

fn expiry(check: &'static str, claims: &Map<String, Value>, now: Duration) -> Finding {
    let fail = || Outcome::Fail(Exit::Credentials as u8);
    let time = |name| claims.get(name).and_then(date);
    if let Some(from) = time("nbf").filter(|from| *from > now + LEEWAY) {
        let says = format!("it is valid from {}", timestamp::readable(from, now));
        return Finding::new(check, fail(), says).next(Some(SET_CLOCK));
    }
    match time("exp") {
        None => Finding::new(check, Outcome::Warn, "it does not say when it expires")
            .next(Some("add exp to the assertion: servers require an expiry")),
        Some(at) if at <= now => {
            let says = format!("it expired {}", timestamp::readable(at, now));
            Finding::new(check, fail(), says).next(Some(RENEW))
        }
        Some(at) => {
            let says = format!("it expires {}", timestamp::readable(at, now));
            match at - now < LEEWAY {
                true => Finding::new(check, Outcome::Warn, says).next(Some(RENEW)),
                false => Finding::new(check, Outcome::Ok, says),
            }
        }
    }
}

/// Checks the audience. RFC 7523 §3 allows the token endpoint; some servers require their issuer, which is often the
/// beginning of the endpoint.
fn audience(claims: &Map<String, Value>, endpoint: &Uri) -> Finding {
    const CHECK: &str = "assertion aud";
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    // Without the query, which may be a secret.
    let (scheme, authority) = (endpoint.scheme_str(), endpoint.authority());
    let (scheme, authority) = (
        scheme.unwrap_or_default(),
        authority.map_or("", |it| it.as_str()),
    );
    let url = format!("{scheme}://{authority}{}", endpoint.path());
    let is_of_server = |audience: &&str| {
        let audience = audience.trim_end_matches('/');
        let rest = url.strip_prefix(audience);
        // At least the host.
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && audience.len() >= scheme.len() + "://".len() + authority.len()
    };
    let shown = printable(&audiences.join(" "), SHOWN);
    if audiences.iter().any(is_of_server) {
        return Finding::new(CHECK, Outcome::Ok, shown);
    }
    let says = match audiences.is_empty() {
        true => "it names no audience".to_owned(),
        false => format!(
            "it is for {shown}, and the token endpoint is {}",
            printable(&url, SHOWN)
        ),
    };
    Finding::new(CHECK, Outcome::Warn, says).next(Some(
        "set the audience in the platform's settings to the one that the server expects: its issuer or its token endpoint",
    ))
}

/// Checks the issuer. A client's own assertion contains its id, an assertion of a platform contains the platform's.
fn issuer(claims: &Map<String, Value>, client_id: &str) -> Finding {
    const CHECK: &str = "assertion iss";
    let claim = |name| claims.get(name).and_then(Value::as_str);
    match (claim("iss"), claim("sub")) {
        (Some(issuer), Some(subject)) if issuer == client_id && subject == client_id => {
            Finding::new(CHECK, Outcome::Ok, "the client id, and so is the subject")
        }
        (Some(issuer), Some(subject)) => {
            let (issuer, subject) = (printable(issuer, SHOWN), printable(subject, SHOWN));
            let says = format!(
                "{issuer}, with the subject {subject}: the server has to trust both for this client"
            );
            Finding::new(CHECK, Outcome::Ok, says)
        }
        _ => Finding::new(CHECK, Outcome::Warn, "it lacks the issuer or the subject").next(Some(
            "add iss and sub to the assertion: servers require both",
        )),
    }
}

const NO_JWT: &str = "it is no JWT";
const NO_JWT_NEXT: &str = "give a JWT in compact form, header.claims.signature, without other text";
const RENEW: &str = "check that the platform renews it, and this machine's clock";
const SET_CLOCK: &str = "check this machine's clock, or wait";
const LEEWAY: Duration = Duration::from_secs(30);
const SHOWN: usize = 256;
