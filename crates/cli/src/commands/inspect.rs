//! `edge-oauth inspect`: what a JWT says of itself, and whether it is true.

use std::convert::Infallible;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use edge_oauth_no_io::Secret;
use serde_json::{Map, Value, json};

use crate::failure::{Exit, Failure};
use crate::jwks::KeySet;
use crate::jwt::{self, Token};
use crate::key_source;
use crate::text::{Lines, printable};
use crate::{input, terminal, times};

#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct InspectArgs {
    /// The token; `-`, the default, reads standard input, where other users do not see it
    #[arg(default_value = "-", hide_default_value = true, value_parser = secret)]
    token: Secret,

    /// Verify the signature with these keys: a file, an https URL, or `-` for standard input
    #[arg(long, value_name = "FILE|URL")]
    jwks: Option<String>,

    /// With --jwks: the token must be for this audience
    #[arg(long, requires = "jwks")]
    audience: Option<String>,

    /// With --jwks: the token must be of this issuer
    #[arg(long, requires = "jwks")]
    issuer: Option<String>,

    /// PEM file of the certificate authorities to trust for the URL, instead of the system's
    #[arg(long, value_name = "FILE", requires = "jwks")]
    cacert: Option<PathBuf>,

    /// Format of what is printed
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
}

pub(crate) fn run(args: InspectArgs) -> Result<(), Failure> {
    let from_stdin = args.token.expose() == "-";
    if from_stdin && args.jwks.as_deref() == Some("-") {
        let message = "the token and --jwks cannot both be read from standard input";
        return Err(Failure::new(Exit::Usage, message).next("--jwks with a file or an https URL"));
    }
    let given = match from_stdin {
        true => piped()?,
        false => {
            terminal::warning(
                "a token among the arguments is visible to everyone on this machine: pipe it in",
            );
            args.token
        }
    };
    let token = bare(given.expose())?;
    let read = Token::read(token);
    let mut checks = Vec::new();
    if let Token::Jwt { header, claims } = &read {
        let now = times::now();
        checks.push(match &args.jwks {
            Some(keys) => {
                let keys = KeySet::read(&key_source::read(keys, args.cacert.as_deref())?)
                    .map_err(|wrong| unreadable_keys(keys, wrong))?;
                signature(&keys, token, header)
            }
            None => Check::not_done("signature", "not verified; --jwks FILE|URL verifies it"),
        });
        checks.push(time(claims, now));
        checks.extend(
            args.audience
                .as_deref()
                .map(|audience| is_for(claims, audience)),
        );
        checks.extend(args.issuer.as_deref().map(|issuer| is_of(claims, issuer)));
    } else if args.jwks.is_some() {
        checks.push(Check::failed(
            "signature",
            "there is none: this is no JWT".to_owned(),
        ));
    }
    terminal::answer(match args.output {
        Format::Text => text(token, &read, &checks),
        Format::Json => format!("{:#}\n", json(token, &read, &checks)),
    })?;
    match checks.iter().find(|check| check.passed == Some(false)) {
        Some(check) if args.jwks.is_some() => {
            let message = format!(
                "this token is not to be trusted: {}: {}",
                check.name, check.says
            );
            Err(Failure::new(Exit::Refused, message))
        }
        _ => Ok(()),
    }
}

/// One thing that was looked at.
struct Check {
    name: &'static str,
    /// `None` where it was not looked at.
    passed: Option<bool>,
    says: String,
}

impl Check {
    fn passed(name: &'static str, says: String) -> Self {
        Self {
            name,
            passed: Some(true),
            says,
        }
    }

    fn failed(name: &'static str, says: String) -> Self {
        Self {
            name,
            passed: Some(false),
            says,
        }
    }

    fn not_done(name: &'static str, says: &str) -> Self {
        Self {
            name,
            passed: None,
            says: says.to_owned(),
        }
    }
}

fn signature(keys: &KeySet, token: &str, header: &Map<String, Value>) -> Check {
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

/// RFC 7519 §4.1.4 and §4.1.5, by this machine's clock and without leeway.
fn time(claims: &Map<String, Value>, now: std::time::Duration) -> Check {
    let date = |name| claims.get(name).map(jwt::date);
    let relative = |at| times::relative(at, now);
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

fn is_for(claims: &Map<String, Value>, audience: &str) -> Check {
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

fn is_of(claims: &Map<String, Value>, issuer: &str) -> Check {
    match claims.get("iss").and_then(Value::as_str) == Some(issuer) {
        true => Check::passed("issuer", "the one wanted".to_owned()),
        false => Check::failed("issuer", format!("not {}", printable(issuer, SHOWN))),
    }
}

fn text(token: &str, read: &Token, checks: &[Check]) -> String {
    let mut lines = Lines::default();
    let now = times::now();
    match read {
        Token::Jwt { header, claims } => {
            lines.heading("A JWT. Its header:");
            jwt::show(header, now, &mut lines);
            lines.heading("Its claims:");
            jwt::show(claims, now, &mut lines);
        }
        Token::Jwe { header } => {
            lines.heading(
                "An encrypted token (JWE): its claims are for the API that it is for. Its header:",
            );
            jwt::show(header, now, &mut lines);
        }
        Token::Opaque => {
            let length = token.len();
            lines.heading(&format!(
                "An opaque token of {length} characters: not a JWT, and readable for its server only."
            ));
        }
    }
    let mut text = lines.finish();
    for check in checks {
        text += &format!("{}: {}\n", check.name, check.says);
    }
    text
}

fn json(token: &str, read: &Token, checks: &[Check]) -> Value {
    let checks = checks.iter().map(|check| {
        let value = json!({ "passed": check.passed, "says": check.says });
        (check.name.to_owned(), value)
    });
    let checks: Map<String, Value> = checks.collect();
    let (kind, header, claims) = match read {
        Token::Jwt { header, claims } => ("jwt", Some(header), Some(claims)),
        Token::Jwe { header } => ("jwe", Some(header), None),
        Token::Opaque => ("opaque", None, None),
    };
    json!({
        "kind": kind,
        "length": token.len(),
        "header": header,
        "claims": claims,
        "checks": checks,
    })
}

fn piped() -> Result<Secret, Failure> {
    let mut input = input::read("a token", LIMIT)?;
    match String::from_utf8(std::mem::take(&mut *input)) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) => {
            drop(zeroize::Zeroizing::new(error.into_bytes()));
            Err(no_token("it is not text"))
        }
    }
}

/// The token alone, whether it came as one, as a header's value or as a header.
fn bare(given: &str) -> Result<&str, Failure> {
    let mut token = given.trim();
    for prefix in ["authorization:", "bearer"] {
        let (start, rest) = token.split_at_checked(prefix.len()).unwrap_or_default();
        let ends =
            prefix.ends_with(':') || rest.is_empty() || rest.starts_with(char::is_whitespace);
        if ends && start.eq_ignore_ascii_case(prefix) {
            token = rest.trim_start();
        }
    }
    match token {
        "" => Err(no_token("it is empty")),
        _ if token.contains(char::is_whitespace) => Err(no_token("there is white space in it")),
        _ => Ok(token),
    }
}

fn no_token(why: &str) -> Failure {
    let message = format!("what was given is no token: {why}");
    Failure::new(Exit::Usage, message).next("edge-oauth token | edge-oauth inspect")
}

fn unreadable_keys(from: &str, wrong: &str) -> Failure {
    let message = format!("the keys from {}: {wrong}", printable(from, SHOWN));
    Failure::new(Exit::Usage, message)
        .next("the issuer's key set, which its metadata names as jwks_uri")
}

fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

const STATUS: &str = "\
With --jwks, a token that fails a check (signature, time, audience, issuer) ends with status 4. Without,
nothing is verified, and the status says only that there was a token to look at.";

const LIMIT: usize = 128 * 1024;
const SHOWN: usize = 256;
