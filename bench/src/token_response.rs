//! Reading a token response: a token to a ready header value, or an error response to an error.

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
use crate::report::Report;
use crate::sample;

pub(crate) const TOKEN: [Case; 3] = [
    Case::new("token-response-oauth2", "oauth2 + header", oauth2),
    Case::new(
        "token-response-ours",
        "edge-oauth `token_response` + `authorization()`",
        ours,
    ),
    Case::new(
        "token-response-floor",
        "floor: serde_json with borrowed text + header, nothing checked",
        floor,
    ),
];

pub(crate) const ERROR_RESPONSE: [Case; 4] = [
    Case::new("error-oauth2", "oauth2, a wrong secret", || {
        oauth2_error(sample::WRONG_SECRET)
    }),
    Case::new("error-ours", "edge-oauth, a wrong secret", || {
        our_error(sample::WRONG_SECRET)
    }),
    Case::new(
        "error-oauth2-long",
        "oauth2, a client without a grant",
        || oauth2_error(sample::NO_GRANT),
    ),
    Case::new(
        "error-ours-long",
        "edge-oauth, a client without a grant",
        || our_error(sample::NO_GRANT),
    ),
];

/// Two errors of one size: words, and what takes longest to compare with the secrets. It reads as base64 in four ways, and
/// decodes to escapes.
pub(crate) const LONG_ERROR_RESPONSE: [Case; 2] = [
    Case::new(
        "error-long-words",
        "edge-oauth, an error of 450 letters",
        || {
            our_error(&described(
                "Client is not authorized to access resource server. ",
            ))
        },
    ),
    Case::new(
        "error-long-worst",
        "edge-oauth, the worst error of that size",
        || our_error(&described("+JS+U")),
    ),
];

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/token_response.md"));
    let rows = report.compare(&TOKEN.each_ref());
    let [short, long] = [&ERROR_RESPONSE[..2], &ERROR_RESPONSE[2..]]
        .map(|cases| report.compare(&cases.iter().collect::<Vec<_>>()));
    let ratio = rows[1].instructions / rows[0].instructions;
    report.at_most(
        "token response: instructions to oauth2",
        0.62,
        ratio,
        Some(&TOKEN[1]),
    );
    report.at_most(
        "token response: allocations",
        3.0,
        rows[1].allocations,
        Some(&TOKEN[1]),
    );
    for (rows, case) in [(short, &ERROR_RESPONSE[1]), (long, &ERROR_RESPONSE[3])] {
        let ratio = rows[1].instructions / rows[0].instructions;
        report.at_most(
            format!("{}: instructions to oauth2", case.name),
            0.9,
            ratio,
            Some(case),
        );
    }
    report.verdicts();
}

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
    let response = response(StatusCode::OK, sample::response());
    Arc::new(move |times| {
        for _ in 0..times {
            let token = token_response(&config, black_box(&response)).expect("it is a token");
            black_box(token.authorization());
        }
    })
}

fn our_error(body: &str) -> Run {
    let config = sample::config(sample::ENDPOINT);
    let response = response(StatusCode::FORBIDDEN, body);
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(
                token_response(&config, black_box(&response)).expect_err("it is an error response"),
            );
        }
    })
}

/// Does the work of oauth2's `endpoint_response`, which is private.
fn oauth2() -> Run {
    let response = response(StatusCode::OK, sample::response());
    Arc::new(move |times| {
        for _ in 0..times {
            let response = black_box(&response);
            assert!(is_json(response.headers()));
            let json = &mut Deserializer::from_slice(response.body());
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

fn oauth2_error(body: &str) -> Run {
    let response = response(StatusCode::FORBIDDEN, body);
    Arc::new(move |times| {
        for _ in 0..times {
            let json = &mut Deserializer::from_slice(black_box(&response).body());
            let error: BasicErrorResponse =
                serde_path_to_error::deserialize(json).expect("it is an error response");
            black_box(error);
        }
    })
}

fn floor() -> Run {
    let response = response(StatusCode::OK, sample::response());
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(by_hand(black_box(&response).body()));
        }
    })
}

/// Does the work of a user without a library: reads the token out of the response, without any check.
pub(crate) fn by_hand(body: &[u8]) -> HeaderValue {
    let response: TokenOnly<'_> = serde_json::from_slice(body).expect("it is a token");
    let value = ["Bearer ", &*response.access_token].concat();
    let mut value = HeaderValue::try_from(value).expect("it is printable");
    value.set_sensitive(true);
    value
}

#[derive(Deserialize)]
struct TokenOnly<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
}
