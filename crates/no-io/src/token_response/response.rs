//! An `http::Response` to an [`AccessToken`] or a [`TokenError`].

use std::borrow::Cow;
use std::time::Duration;

use http::{HeaderMap, Response, StatusCode, Uri, header};

use crate::client_auth::basic;
use crate::config::config::Config;
use crate::printable;
use crate::rate_limits::RateLimits;
use crate::redact;
use crate::token::{AccessToken, MAX_LIFETIME};
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
        let answer = answer.map_err(|reason| self.malformed(reason, &[]))?;
        if is_error(&answer) {
            return Err(self.refused(Some(&answer)));
        }
        self.token(&answer)
            .map_err(|reason| self.malformed(reason, &tokens(&answer)))
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
        // An answer that repeats the secret, or the token, where people look.
        let scope = scope.map(|scope| self.scrubbed(scope, &[token], WHOLE));
        AccessToken::new(token, expires_in, scope.as_deref()).ok_or(member(
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

    fn malformed(&self, reason: MalformedReason, tokens: &[&str]) -> TokenError {
        let content_type = self.headers.get(header::CONTENT_TYPE);
        TokenError::Malformed(Malformed {
            status: self.status,
            content_type: content_type.map(|value| {
                self.printable(
                    &String::from_utf8_lossy(value.as_bytes()),
                    SHORT_TEXT,
                    tokens,
                )
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
                .map(|host| self.printable(host, SHORT_TEXT, &[])),
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
        let hint = self.config.provider().hint(self.status, code, description);
        let tokens = answer.map(tokens).unwrap_or_default();
        let code = code.map(|code| self.printable(code, SHORT_TEXT, &tokens));
        let description = description.map(|text| self.printable(text, LONG_TEXT, &tokens));
        TokenError::ErrorResponse(ErrorResponse {
            status: self.status,
            transient: classify.transient,
            culprit: classify.culprit,
            hint: hint.or(classify.hint),
            retry_after: RateLimits::read(self.headers).earliest(),
            code,
            description,
        })
    }

    fn printable(&self, text: &str, limit: usize, tokens: &[&str]) -> String {
        printable::printable(&self.scrubbed(text, tokens, limit), limit)
    }

    /// Without the secret, and without the tokens of the same answer; as much of it as `limit` needs.
    fn scrubbed<'t>(&self, text: &'t str, tokens: &[&str], limit: usize) -> Cow<'t, str> {
        let of_config = match basic::may_show_secret(self.config, text) {
            true => Some(basic::secret_texts(self.config)),
            false => None,
        };
        // However one is spelt, it is not shorter.
        let tokens = tokens
            .iter()
            .copied()
            .filter(|token| token.len() <= text.len());
        let secrets = of_config.iter().flatten().map(|secret| secret.as_str());
        let secrets: Vec<_> = secrets.chain(tokens).collect();
        match secrets.is_empty() {
            true => Cow::Borrowed(text),
            false => Cow::Owned(redact::without(text, &secrets, limit)),
        }
    }
}

/// What the answer has for a token, if only a bad one.
fn tokens<'a>(answer: &'a RawResponse<'_>) -> Vec<&'a str> {
    match &answer.access_token {
        Some(Value::Text(token)) => vec![token],
        Some(Value::Texts(tokens)) => tokens.split(' ').collect(),
        _ => Vec::new(),
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
const WHOLE: usize = usize::MAX;
