//! Turns a response without a token into a [`TokenError`].

use std::borrow::Cow;

use http::{StatusCode, Uri, header};

use crate::rate_limits::RateLimits;
use crate::redact::Redactor;
use crate::token_response::assertion_hint;
use crate::token_response::classify::{Body, Said, classify};
use crate::token_response::error::{ErrorResponse, Redirect, TokenError};
use crate::token_response::error_body::ErrorBody;
use crate::token_response::malformed::{Malformed, MalformedReason};
use crate::token_response::response::Reading;

impl Reading<'_> {
    /// A success that is no token response may be an error that is nearly well formed.
    pub(super) fn unreadable(&self, reason: MalformedReason) -> TokenError {
        let body = self.error_body();
        match body {
            Some(body) if body.code().is_some() && body.token().is_none() => self.error_response(),
            body => self.malformed(reason, body.as_ref().and_then(ErrorBody::token)),
        }
    }

    pub(super) fn malformed(&self, reason: MalformedReason, token: Option<&str>) -> TokenError {
        let content_type = self.headers.get(header::CONTENT_TYPE);
        let redactor = self.redactor.with(token.unwrap_or_default());
        TokenError::Malformed(Malformed {
            status: self.status,
            content_type: content_type.map(|value| {
                redactor.printable(&String::from_utf8_lossy(value.as_bytes()), SHORT_TEXT)
            }),
            reason,
        })
    }

    pub(super) fn redirect(&self) -> TokenError {
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
                .map(|host| self.redactor.printable(host, SHORT_TEXT)),
        })
    }

    pub(super) fn error_response(&self) -> TokenError {
        let body = self.error_body();
        let code = body.as_ref().and_then(ErrorBody::code);
        let words = body.as_ref().and_then(ErrorBody::words);
        let limits = RateLimits::read(self.headers);
        let said = Said {
            body: match (code, &body) {
                (Some(code), _) => Body::Code(code),
                (None, Some(body)) if body.has_text() => Body::Words,
                (None, Some(_)) => Body::Empty { is_object: true },
                (None, None) if self.body.is_empty() => Body::Empty { is_object: false },
                (None, None) => Body::Foreign,
            },
            has_retry_after: limits.retry_after.is_some(),
            body_format: self.config.body_format(),
            client_auth: self.config.client_auth(),
        };
        let classification = classify(self.status, &said);
        // A provider's advice about a 401 is about the client secret.
        let is_misplaced =
            self.status == StatusCode::UNAUTHORIZED && self.config.client_auth().secret().is_none();
        let hint = assertion_hint::hint(self.config, self.status, code, words).or_else(|| {
            let provider = self.config.provider();
            provider
                .hint(self.status, code, words)
                .filter(|_| !is_misplaced)
        });
        let beside;
        let redactor = match body.as_ref().and_then(ErrorBody::token) {
            Some(token) => {
                beside = self.redactor.with(token);
                &beside
            }
            None => self.redactor,
        };
        TokenError::ErrorResponse(ErrorResponse {
            status: self.status,
            is_transient: classification.is_transient,
            culprit: classification.culprit,
            hint: hint.or(classification.hint),
            retry_after: limits.earliest(),
            code: code.map(|text| self::code(text, redactor)),
            description: words.map(|text| redactor.printable(text, LONG_TEXT)),
        })
    }
}

/// Returns the code as it is if a standard defines it, so that no secret that looks like one hides it.
fn code(code: &str, redactor: &Redactor<'_>) -> Cow<'static, str> {
    match CODES.into_iter().find(|standard| *standard == code) {
        Some(standard) => Cow::Borrowed(standard),
        None => Cow::Owned(redactor.printable(code, SHORT_TEXT)),
    }
}

pub(super) fn is_standard(code: &str) -> bool {
    CODES.contains(&code)
}

const SHORT_TEXT: usize = 128;
const LONG_TEXT: usize = 512;

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
