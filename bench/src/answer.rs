//! Reading an answer: a token to a ready header value, and a refusal to an error.

use std::borrow::Cow;
use std::hint::black_box;
use std::sync::Arc;

use edge_oauth_no_io::{token_request, token_response};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use oauth2::TokenResponse;
use oauth2::basic::{BasicErrorResponse, BasicTokenResponse};
use serde::Deserialize;
use serde_json::Deserializer;

use crate::case::{Case, Run};
use crate::sample;

pub(crate) const TOKEN: [Case; 3] = [
    Case::new("answer-oauth2", "oauth2's way + header", oauth2),
    Case::new(
        "answer-ours",
        "edge-oauth `token_response` + `authorization()`",
        ours,
    ),
    Case::new(
        "answer-floor",
        "floor: serde_json with borrowed text + header, nothing checked",
        floor,
    ),
];

pub(crate) const REFUSAL: [Case; 4] = [
    Case::new("refusal-oauth2", "oauth2's way, a wrong secret", || {
        oauth2_refusal(sample::WRONG_SECRET)
    }),
    Case::new("refusal-ours", "edge-oauth, a wrong secret", || {
        our_refusal(sample::WRONG_SECRET)
    }),
    Case::new(
        "refusal-oauth2-long",
        "oauth2's way, a client without a grant",
        || oauth2_refusal(sample::NO_GRANT),
    ),
    Case::new(
        "refusal-ours-long",
        "edge-oauth, a client without a grant",
        || our_refusal(sample::NO_GRANT),
    ),
];

/// Two errors of one size: words, and what takes longest to compare with the secrets. It reads as base64 in four ways, and
/// decodes to escapes.
pub(crate) const LONG_REFUSAL: [Case; 2] = [
    Case::new(
        "refusal-long-words",
        "edge-oauth, an error of 450 letters",
        || {
            our_refusal(&described(
                "Client is not authorized to access resource server. ",
            ))
        },
    ),
    Case::new(
        "refusal-long-worst",
        "edge-oauth, the worst error of that size",
        || our_refusal(&described("+JS+U")),
    ),
];

fn described(words: &str) -> String {
    let description: String = words.chars().cycle().take(450).collect();
    format!(r#"{{"error":"invalid_client","error_description":"{description}"}}"#)
}

fn response(status: StatusCode, body: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn ours() -> Run {
    let config = sample::config(sample::ENDPOINT);
    black_box(token_request(&config));
    let answer = response(StatusCode::OK, sample::answer());
    Arc::new(move |times| {
        for _ in 0..times {
            let token = token_response(&config, black_box(&answer)).expect("it is a token");
            black_box(token.authorization());
        }
    })
}

fn our_refusal(body: &str) -> Run {
    let config = sample::config(sample::ENDPOINT);
    let answer = response(StatusCode::FORBIDDEN, body);
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(token_response(&config, black_box(&answer)).expect_err("it is a refusal"));
        }
    })
}

/// What its `endpoint_response` does, which is private.
fn oauth2() -> Run {
    let answer = response(StatusCode::OK, sample::answer());
    Arc::new(move |times| {
        for _ in 0..times {
            let answer = black_box(&answer);
            assert!(is_json(answer.headers()));
            let json = &mut Deserializer::from_slice(answer.body());
            let token: BasicTokenResponse =
                serde_path_to_error::deserialize(json).expect("it is a token");
            let value = format!("Bearer {}", token.access_token().secret());
            let mut value = HeaderValue::try_from(value).expect("it is printable");
            value.set_sensitive(true);
            black_box(value);
        }
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_none_or(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.to_lowercase().starts_with("application/json"))
    })
}

fn oauth2_refusal(body: &str) -> Run {
    let answer = response(StatusCode::FORBIDDEN, body);
    Arc::new(move |times| {
        for _ in 0..times {
            let json = &mut Deserializer::from_slice(black_box(&answer).body());
            let error: BasicErrorResponse =
                serde_path_to_error::deserialize(json).expect("it is a refusal");
            black_box(error);
        }
    })
}

fn floor() -> Run {
    let answer = response(StatusCode::OK, sample::answer());
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(by_hand(black_box(&answer).body()));
        }
    })
}

/// What a user without a library does: the token out of the answer, nothing checked.
pub(crate) fn by_hand(body: &[u8]) -> HeaderValue {
    let least: Least<'_> = serde_json::from_slice(body).expect("it is a token");
    let value = ["Bearer ", &*least.access_token].concat();
    let mut value = HeaderValue::try_from(value).expect("it is printable");
    value.set_sensitive(true);
    value
}

#[derive(Deserialize)]
struct Least<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
}
