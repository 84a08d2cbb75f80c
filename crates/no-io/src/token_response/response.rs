//! Turns an `http::Response` into an [`AccessToken`] or a [`TokenError`].

use http::{HeaderMap, Response, StatusCode, header};

use crate::config::config::Config;
use crate::redact::Redactor;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;
use crate::token_response::error_body::ErrorBody;
use crate::token_response::lifetime::{Lifetime, lifetime};
use crate::token_response::malformed::MalformedReason;
use crate::token_response::raw::{self, RawResponse};
use crate::token_response::value::Value;
use crate::transport::error::TransportError;
use crate::transport::error_kind::TransportErrorKind;
use crate::transport::request_limits::BODY_LIMIT;

/// Reads the response to a token request (RFC 6749 §5).
///
/// `config` is the configuration that the request was made from. Texts of the server that repeat its credentials are
/// withheld, and the hints fit its provider and its body format. It does not decide whether there is a token.
///
/// A token is read strictly: each member at most once, and nothing after the object. An error is read leniently, in any
/// shape of JSON and with small slips, since a wrong guess about it costs retries.
///
/// # Errors
///
/// Returns [`TokenError::ErrorResponse`] for a status that is no success and for a success with an `error`,
/// [`TokenError::Redirect`] for a 3xx, [`TokenError::Malformed`] for a success without a readable token, and
/// [`TokenError::Transport`] for a 1xx, which is no final response.
///
/// ```
/// use edge_oauth_no_io::{Config, Culprit, Secret, Tenant, token_response};
///
/// let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new("s3cret")).unwrap();
/// let response = http::Response::builder()
///     .status(401)
///     .body(r#"{"error":"access_denied","error_description":"Unauthorized"}"#)
///     .unwrap();
/// let error = token_response(&config, &response).unwrap_err();
/// assert_eq!(error.code(), Some("access_denied"));
/// assert_eq!(error.culprit(), Culprit::Config);
/// assert!(!error.is_transient());
/// assert!(error.hint().unwrap().contains("client secret is wrong"));
/// ```
pub fn token_response(
    config: &Config,
    response: &Response<impl AsRef<[u8]>>,
) -> Result<AccessToken, TokenError> {
    read(config, response, &[])
}

/// Reads the response to a request that sent these secrets besides those of the configuration.
pub(crate) fn read(
    config: &Config,
    response: &Response<impl AsRef<[u8]>>,
    sent: &[&str],
) -> Result<AccessToken, TokenError> {
    let (status, headers) = (response.status(), response.headers());
    let redactor = config.redactor();
    let reading = Reading::new(config, &redactor, status, headers, response.body().as_ref());
    reading.outcome(sent)
}

pub(super) struct Reading<'a> {
    pub(super) config: &'a Config,
    pub(super) redactor: &'a Redactor<'a>,
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    /// The body without white space and byte order mark around it.
    pub(super) body: &'a [u8],
    pub(super) is_too_large: bool,
    pub(super) is_form: bool,
}

impl<'a> Reading<'a> {
    fn new(
        config: &'a Config,
        redactor: &'a Redactor<'a>,
        status: StatusCode,
        headers: &'a HeaderMap,
        body: &'a [u8],
    ) -> Self {
        let is_too_large = body.len() > BODY_LIMIT;
        // RFC 8259 §8.1: a byte order mark may be ignored.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let body = body.trim_ascii();
        // The body decides: servers name the wrong type.
        let is_form = match body.first() {
            Some(b'{') | None => false,
            Some(_) => is_called_form(headers) || raw::is_form(body),
        };
        Self {
            config,
            redactor,
            status,
            headers,
            body,
            is_too_large,
            is_form,
        }
    }

    /// Returns the token, or the error, which repeats none of the secrets that were sent.
    fn outcome(&self, sent: &[&str]) -> Result<AccessToken, TokenError> {
        if let [secret, rest @ ..] = sent {
            let redactor = &self.redactor.with(secret);
            return Reading { redactor, ..*self }.outcome(rest);
        }
        match self.status.as_u16() {
            // RFC 6749 §5.1 says 200; some servers say 201. Others are read if they bring a token.
            200 | 201 => self.success(),
            202..=299 if self.has_token() => self.success(),
            100..=199 => {
                let error = TransportError::new(
                    TransportErrorKind::Protocol,
                    format_args!("status {} is not a final response", self.status.as_u16()),
                );
                Err(error.at(self.config.endpoint()).into())
            }
            300..=399 => Err(self.redirect()),
            _ => Err(self.error_response()),
        }
    }

    fn success(&self) -> Result<AccessToken, TokenError> {
        let response = match self.raw() {
            Ok(response) => response,
            Err(reason) => return Err(self.unreadable(reason)),
        };
        if is_error(&response) {
            return Err(self.error_response());
        }
        if response.access_token.is_none() && self.error_body().is_some_and(|body| body.has_text())
        {
            return Err(self.error_response());
        }
        self.token(&response)
            .map_err(|reason| self.malformed(reason, token(&response)))
    }

    fn token(&self, response: &RawResponse<'_>) -> Result<AccessToken, MalformedReason> {
        let member = |name, reason| MalformedReason::Member { name, reason };
        let token = match &response.access_token {
            Some(Value::Text(token)) => token,
            None => return Err(member("access_token", "is missing")),
            Some(_) => return Err(member("access_token", "is not text")),
        };
        // RFC 6749 §5.1: the type is compared without case. Absent is read as Bearer, the only type requested.
        match &response.token_type {
            None | Some(Value::Null) => {}
            Some(Value::Text(kind)) if is_bearer(kind) => {}
            Some(_) => return Err(member("token_type", "is not Bearer")),
        }
        let expires_in = match &response.expires_in {
            None | Some(Value::Null) => None,
            Some(value) => match lifetime(value) {
                Some(Lifetime::Left(lifetime)) => Some(lifetime),
                Some(Lifetime::Over) => return Err(MalformedReason::Expired),
                None => return Err(member("expires_in", "is not a number of seconds")),
            },
        };
        let scope = match &response.scope {
            None | Some(Value::Null) => None,
            Some(Value::Text(scope)) => Some(scope.as_ref()),
            Some(Value::Texts(scope)) => Some(scope.as_str()),
            Some(_) => return Err(member("scope", "is neither text nor an array of texts")),
        };
        // `AccessToken::scope` compares it with the token.
        let scope = scope.map(|scope| self.redactor.whole(scope));
        AccessToken::new(token, expires_in, scope).ok_or(member(
            "access_token",
            "is empty, or has a character that a header cannot carry",
        ))
    }

    fn has_token(&self) -> bool {
        self.raw()
            .is_ok_and(|response| response.access_token.is_some())
    }

    fn raw(&self) -> Result<RawResponse<'a>, MalformedReason> {
        match self.body {
            _ if self.is_too_large => Err(MalformedReason::TooLarge),
            [] => Err(MalformedReason::Empty),
            body if self.is_form => RawResponse::from_form(body),
            body => RawResponse::from_json(body),
        }
    }

    pub(super) fn error_body(&self) -> Option<ErrorBody<'a>> {
        let is_read = !self.is_too_large && !self.body.is_empty();
        is_read
            .then(|| ErrorBody::read(self.body, self.is_form))
            .flatten()
    }
}

/// Returns the text of `access_token`, valid or not.
fn token<'a>(response: &'a RawResponse<'_>) -> Option<&'a str> {
    match &response.access_token {
        Some(Value::Text(token)) => Some(token),
        Some(Value::Texts(tokens)) => Some(tokens),
        _ => None,
    }
}

/// Returns whether there is an `error`. Some servers send an empty one, null, `false` or 0 beside a token.
fn is_error(response: &RawResponse<'_>) -> bool {
    match &response.error {
        None | Some(Value::Null | Value::False) => false,
        Some(Value::Text(text)) => !text.is_empty(),
        Some(Value::Number(number)) => *number != 0.0,
        Some(_) => true,
    }
}

/// Apigee writes `BearerToken`.
fn is_bearer(token_type: &str) -> bool {
    let token_type = token_type.trim();
    ["bearer", "bearertoken", "bearer_token"]
        .iter()
        .any(|bearer| token_type.eq_ignore_ascii_case(bearer))
}

fn is_called_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(FORM))
}

const FORM: &str = "application/x-www-form-urlencoded";
