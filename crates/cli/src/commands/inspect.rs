//! `edge-oauth inspect`: the content of a JWT, and the check of its signature.

mod checks;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use edge_oauth_no_io::{Secret, printable};
use serde_json::{Map, Value, json};

use crate::commands::inspect::checks::{Check, is_for, is_of, signature, time};
use crate::error::{CliError, Exit};
use crate::input::stdin;
use crate::jwt::key_set::KeySet;
use crate::jwt::key_source;
use crate::jwt::{self, Token};
use crate::output::terminal;
use crate::output::text::{Lines, harmless};
use crate::output::timestamp;

#[derive(Args, Debug)]
#[command(after_help = STATUS)]
pub(crate) struct InspectArgs {
    /// The token; `-`, the default, reads standard input, which other users cannot see
    #[arg(default_value = "-", hide_default_value = true, value_parser = secret)]
    token: Secret,

    /// Verify the signature with these keys: a file, an https URL, or `-` for standard input
    #[arg(long, value_name = "FILE|URL")]
    jwks: Option<String>,

    /// With --jwks: the token must be for this audience
    #[arg(long, requires = "jwks")]
    audience: Option<String>,

    /// With --jwks: the token must be from this issuer
    #[arg(long, requires = "jwks")]
    issuer: Option<String>,

    /// PEM file of the certificate authorities to trust for the URL, instead of the system's
    #[arg(long, value_name = "FILE", requires = "jwks")]
    cacert: Option<PathBuf>,

    /// Output format
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

pub(crate) fn run(args: InspectArgs) -> Result<(), CliError> {
    let from_stdin = args.token.expose() == "-";
    if from_stdin && args.jwks.as_deref() == Some("-") {
        let message = "the token and --jwks cannot both be read from standard input";
        return Err(
            CliError::new(Exit::Usage, message).next("use --jwks with a file or an https URL")
        );
    }
    let given = match from_stdin {
        true => piped()?,
        false if Path::new(args.token.expose()).is_file() => {
            let message = "the argument names a file, and is not a token";
            return Err(CliError::new(Exit::Usage, message).next("use edge-oauth inspect < FILE"));
        }
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
        let now = timestamp::now();
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
    terminal::print(match args.output {
        Format::Text => text(token, &read, &checks),
        Format::Json => harmless(&format!("{:#}\n", json(token, &read, &checks))),
    })?;
    match checks.iter().find(|check| check.passed == Some(false)) {
        Some(check) if args.jwks.is_some() => {
            let message = format!(
                "this token must not be trusted: {}: {}",
                check.name, check.says
            );
            Err(CliError::new(Exit::Refused, message))
        }
        _ => Ok(()),
    }
}

fn text(token: &str, read: &Token, checks: &[Check]) -> String {
    let mut lines = Lines::default();
    let now = timestamp::now();
    match read {
        Token::Jwt { header, claims } => {
            lines.heading("A JWT. Its header:");
            jwt::show(header, now, &mut lines);
            lines.heading("Its claims:");
            jwt::show(claims, now, &mut lines);
        }
        Token::Jwe { header } => {
            lines
                .heading("An encrypted token (JWE): only its API can read its claims. Its header:");
            jwt::show(header, now, &mut lines);
        }
        Token::Opaque => {
            let length = token.len();
            lines.heading(&format!(
                "An opaque token of {length} characters: it is not a JWT, and only its server can read it."
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

fn piped() -> Result<Secret, CliError> {
    let mut input = stdin::read("a token", LIMIT)?;
    match String::from_utf8(std::mem::take(&mut *input)) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) => {
            drop(zeroize::Zeroizing::new(error.into_bytes()));
            Err(no_token("it is not text"))
        }
    }
}

/// Returns the token alone. The input may be a token, a header's value, or a header.
fn bare(given: &str) -> Result<&str, CliError> {
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

fn no_token(why: &str) -> CliError {
    let message = format!("the input is not a token: {why}");
    CliError::new(Exit::Usage, message).next("run edge-oauth token | edge-oauth inspect")
}

fn unreadable_keys(from: &str, wrong: &str) -> CliError {
    let message = format!("the keys from {}: {wrong}", printable(from, SHOWN));
    CliError::new(Exit::Usage, message)
        .next("use the issuer's key set, which its metadata names as jwks_uri")
}

fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

const STATUS: &str = "\
With --jwks, a token that fails a check (signature, time, audience, issuer) ends with status 4. Without,
nothing is verified, and the status says only that there was a token to look at.";

const LIMIT: usize = 128 * 1024;
const SHOWN: usize = 256;
