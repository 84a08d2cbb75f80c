//! An `http::Response` to an [`AccessToken`] or a [`TokenError`].

use std::borrow::Cow;
use std::iter;
use std::time::Duration;

use http::{HeaderMap, Response, StatusCode, Uri, header};

use crate::config::config::Config;
use crate::keeper::policy::MAX_LIFETIME;
use crate::provider::experience_edge;
use crate::rate_limits::RateLimits;
use crate::redact::Redactor;
use crate::token::AccessToken;
use crate::token_response::classify::classify;
use crate::token_response::error::{
    ErrorResponse, Malformed, MalformedReason, Redirect, TokenError,
};
use crate::token_response::raw::{RawResponse, Value};
use crate::transport::error::{TransportError, TransportErrorKind};
use crate::transport::limited_body::BODY_LIMIT;

/// Reads the answer to a token request (RFC 6749 §5).
///
/// `config` is the one that the request was made from. It decides nothing about the answer: it is
/// there so that the secret can be taken out of the error texts of a server that echoes it, and
/// so that the hints fit the provider.
///
/// ```
/// use edge_oauth_no_io::{Config, Culprit, Secret, Tenant, token_response};
///
/// let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new("s3cret")).unwrap();
/// let answer = http::Response::builder()
///     .status(401)
///     .body(r#"{"error":"access_denied","error_description":"Unauthorized"}"#)
///     .unwrap();
/// let error = token_response(&config, &answer).unwrap_err();
/// assert_eq!(error.code(), Some("access_denied"));
/// assert_eq!(error.culprit(), Culprit::Config);
/// assert!(!error.is_transient());
/// assert!(error.hint().unwrap().contains("client secret is wrong"));
/// ```
pub fn token_response(
    config: &Config,
    response: &Response<impl AsRef<[u8]>>,
) -> Result<AccessToken, TokenError> {
    let reading = Reading {
        config,
        status: response.status(),
        headers: response.headers(),
        body: response.body().as_ref(),
    };
    match reading.status.as_u16() {
        // RFC 6749 §5.1 says 200; some servers say 201.
        200 | 201 => reading.success(),
        100..=199 => Err(TokenError::Transport(TransportError::new(
            TransportErrorKind::Protocol,
            format_args!("status {} is not a final answer", reading.status.as_u16()),
        ))),
        300..=399 => Err(reading.redirect()),
        _ => Err(reading.refusal()),
    }
}

struct Reading<'a> {
    config: &'a Config,
    status: StatusCode,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl<'a> Reading<'a> {
    fn success(&self) -> Result<AccessToken, TokenError> {
        let answer = self.answer();
        let answer = answer.map_err(|reason| self.malformed(reason, None))?;
        if is_error(&answer) {
            return Err(self.refused(Some(&answer)));
        }
        self.token(&answer)
            .map_err(|reason| self.malformed(reason, token(&answer)))
    }

    fn token(&self, answer: &RawResponse<'_>) -> Result<AccessToken, MalformedReason> {
        let member = |name, wrong| MalformedReason::Member { name, wrong };
        let token = match &answer.access_token {
            Some(Value::Text(token)) => token,
            None => return Err(member("access_token", "is missing")),
            Some(_) => return Err(member("access_token", "is not text")),
        };
        // RFC 6749 §5.1: the type is compared without case. Absent is read as Bearer, which is all that
        // was asked for.
        match &answer.token_type {
            None | Some(Value::Null) => {}
            Some(Value::Text(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
            Some(_) => return Err(member("token_type", "is not Bearer")),
        }
        let expires_in = match &answer.expires_in {
            None | Some(Value::Null) => None,
            Some(value) => {
                Some(lifetime(value).ok_or(member("expires_in", "is not a number of seconds"))?)
            }
        };
        let scope = match &answer.scope {
            None | Some(Value::Null) => None,
            Some(Value::Text(scope)) => Some(scope.as_ref()),
            Some(Value::Texts(scope)) => Some(scope.as_str()),
            Some(_) => return Err(member("scope", "is neither text nor an array of texts")),
        };
        // A response that repeats the secret where people look. A repeated token is found by `scope`.
        let scope = scope.map(|scope| redactor(self.config).whole(scope));
        AccessToken::new(token, expires_in, scope).ok_or(member(
            "access_token",
            "is empty, or has a character that a header cannot carry",
        ))
    }

    fn refusal(&self) -> TokenError {
        self.refused(self.answer().ok().as_ref())
    }

    fn answer(&self) -> Result<RawResponse<'a>, MalformedReason> {
        if self.body.is_empty() {
            return Err(MalformedReason::Empty);
        }
        if self.body.len() > BODY_LIMIT {
            return Err(MalformedReason::TooLarge);
        }
        let content_type = self
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media_type = content_type
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        if media_type
            .trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        {
            RawResponse::from_form(self.body)
        } else {
            RawResponse::from_json(self.body)
        }
    }

    fn malformed(&self, reason: MalformedReason, token: Option<&str>) -> TokenError {
        let content_type = self.headers.get(header::CONTENT_TYPE);
        let redactor = redactor(self.config);
        let redactor = redactor.with(token.unwrap_or_default());
        TokenError::Malformed(Malformed {
            status: self.status,
            content_type: content_type.map(|value| {
                redactor.printable(&String::from_utf8_lossy(value.as_bytes()), SHORT_TEXT)
            }),
            reason,
        })
    }

    fn redirect(&self) -> TokenError {
        let location = self
            .headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        let uri = location.and_then(|location| location.parse::<Uri>().ok());
        TokenError::Redirect(Redirect {
            status: self.status,
            host: uri
                .as_ref()
                .and_then(Uri::host)
                .map(|host| redactor(self.config).printable(host, SHORT_TEXT)),
        })
    }

    fn refused(&self, answer: Option<&RawResponse<'_>>) -> TokenError {
        let code = answer.and_then(|answer| text(&answer.error));
        let description = answer.and_then(|answer| {
            let error = match &answer.error {
                Some(Value::Object(message)) => message.as_deref(),
                _ => None,
            };
            text(&answer.error_description)
                .or(text(&answer.message))
                .or(error)
                .or(text(&answer.title))
        });
        let classify = classify(self.status, code);
        let hint = match experience_edge::is_asked(self.config) {
            true => experience_edge::hint(self.status, code, description),
            false => None,
        };
        let redactor = redactor(self.config);
        let redactor = redactor.with(answer.and_then(token).unwrap_or_default());
        TokenError::ErrorResponse(ErrorResponse {
            status: self.status,
            transient: classify.transient,
            culprit: classify.culprit,
            hint: hint.or(classify.hint),
            retry_after: RateLimits::read(self.headers).earliest(),
            code: code.map(|text| self::code(text, &redactor)),
            description: description.map(|text| redactor.printable(text, LONG_TEXT)),
        })
    }
}

/// Returns a redactor for the credentials of the configuration, its extra parameters and its endpoint's query.
///
/// Two kinds of extra values are no secrets, or they would withhold nearly every text: values of less than four
/// characters, and values that the public part of the configuration contains.
fn redactor(config: &Config) -> Redactor<'static> {
    let query = config.endpoint.query().unwrap_or_default().split('&');
    let query = query.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
    let params = config.params.iter().map(|(_, value)| value.as_str());
    let is_public = |value: &str| {
        let lists = [&config.scope, &config.resources].into_iter().flatten();
        let named = lists.chain(&config.audience).chain([&config.client_id]);
        let host = config.endpoint.host().unwrap_or_default();
        let public = named
            .map(String::as_str)
            .chain([host, config.endpoint.path()]);
        public.into_iter().any(|text| text.contains(value))
    };
    // Most texts that name a URL have its scheme.
    let without_scheme = |value| str::strip_prefix(value, "https://").unwrap_or(value);
    let hidden = params
        .chain(query)
        .map(without_scheme)
        .filter(|value| value.len() >= LEAST_HIDDEN && !is_public(value));
    Redactor::new(iter::once(config.client_secret.expose()).chain(hidden))
}

/// Returns the code as it is if a standard defines it, so that no secret that looks like one hides it.
fn code(code: &str, redactor: &Redactor<'_>) -> String {
    match CODES.contains(&code) {
        true => code.to_owned(),
        false => redactor.printable(code, SHORT_TEXT),
    }
}

/// Returns what the response has for a token, valid or not.
fn token<'a>(answer: &'a RawResponse<'_>) -> Option<&'a str> {
    match &answer.access_token {
        Some(Value::Text(token)) => Some(token),
        Some(Value::Texts(tokens)) => Some(tokens),
        _ => None,
    }
}

/// An `error` that says something. Empty and null ones are what some servers send with a token.
fn is_error(answer: &RawResponse<'_>) -> bool {
    match &answer.error {
        None | Some(Value::Null) => false,
        Some(Value::Text(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

/// Seconds, as a number or as text in the form of a JSON number; the fraction is dropped.
fn lifetime(value: &Value<'_>) -> Option<Duration> {
    let seconds = match value {
        Value::Number(seconds) => *seconds,
        Value::Text(text) => number(text)?,
        _ => return None,
    };
    let whole = seconds.is_finite() && !seconds.is_sign_negative();
    // The cast saturates, and the longest life is far below where an `f64` loses a second.
    whole.then(|| Duration::from_secs(seconds as u64).min(MAX_LIFETIME))
}

/// Rust reads more as a number than JSON does, such as `inf` and `NaN`.
fn number(text: &str) -> Option<f64> {
    let digits = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let starts = text.starts_with(|c: char| c.is_ascii_digit());
    (starts && text.bytes().all(digits))
        .then(|| text.parse().ok())
        .flatten()
}

fn text<'a>(value: &'a Option<Value<'_>>) -> Option<&'a str> {
    match value {
        Some(Value::Text(text)) if !text.is_empty() => Some(Cow::as_ref(text)),
        _ => None,
    }
}

const SHORT_TEXT: usize = 128;
const LONG_TEXT: usize = 512;
const LEAST_HIDDEN: usize = 4;

/// RFC 6749 §5.2 and §4.1.2.1, RFC 8693 §2.2.2, RFC 9449 §5 and §8.
const CODES: [&str; 11] = [
    "access_denied",
    "invalid_client",
    "invalid_dpop_proof",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
];
