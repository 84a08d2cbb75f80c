//! Building the token request.

use std::hint::black_box;
use std::sync::Arc;

use edge_oauth_no_io::{BasicEncoding, Config, token_request};
use http::{HeaderValue, Method, Request, Uri, header};
use oauth2::basic::BasicClient;
use oauth2::{AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, TokenUrl};

use crate::case::{Case, Run};
use crate::report::Report;
use crate::sample;

pub(crate) const BODY: [Case; 4] = [
    Case::new("request-oauth2", "oauth2, client reused", || {
        oauth2(AuthType::RequestBody)
    }),
    Case::new("request-ours", "edge-oauth `token_request`", || {
        ours(|config| config)
    }),
    Case::new(
        "request-urlencoded",
        "serde_urlencoded + `Request::builder`",
        by_hand,
    ),
    Case::new("request-floor", "floor: copying an encoded body", copy),
];

pub(crate) const BASIC: [Case; 2] = [
    Case::new("request-basic-oauth2", "oauth2, Basic", || {
        oauth2(AuthType::BasicAuth)
    }),
    Case::new(
        "request-basic-ours",
        "edge-oauth `token_request`, Basic",
        || {
            ours(|config| {
                let builder = config.to_builder().basic_auth(BasicEncoding::Percent);
                builder.build().expect("the sample is valid")
            })
        },
    ),
];

pub(crate) fn section(report: &mut Report) {
    report.text("## 2. Building the token request");
    let rows = report.compare(&BODY.each_ref());
    let basic = report.compare(&BASIC.each_ref());
    let why = Some(&BODY[1]);
    let ratio = rows[1].instructions / rows[0].instructions;
    report.at_most("`token_request`: instructions to oauth2", 0.12, ratio, why);
    let ratio = rows[1].time.least / rows[0].time.least;
    report.at_most("`token_request`: time to oauth2", 0.15, ratio, why);
    report.at_most(
        "`token_request`: allocations",
        3.0,
        rows[1].allocations,
        why,
    );
    let ratio = basic[1].instructions / basic[0].instructions;
    report.at_most(
        "`token_request`, Basic: instructions to oauth2",
        0.12,
        ratio,
        Some(&BASIC[1]),
    );
    report.verdicts();
}

fn ours(change: fn(Config) -> Config) -> Run {
    let config = change(sample::config(sample::ENDPOINT));
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(token_request(black_box(&config)));
        }
    })
}

/// Passes the request to a client that returns an error: the least work that oauth2 can do.
fn oauth2(auth_type: AuthType) -> Run {
    let client = BasicClient::new(ClientId::new(sample::ID.to_owned()))
        .set_client_secret(ClientSecret::new(sample::SECRET.to_owned()))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::new(sample::ENDPOINT.to_owned()).expect("the sample is valid"));
    Arc::new(move |times| {
        let take = |request: HttpRequest| -> Result<HttpResponse, Taken> {
            black_box(request);
            Err(Taken)
        };
        for _ in 0..times {
            let request = client.exchange_client_credentials();
            let _ = black_box(
                request
                    .add_extra_param("audience", sample::AUDIENCE)
                    .request(&take),
            );
        }
    })
}

#[derive(Debug)]
struct Taken;

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("taken")
    }
}

impl std::error::Error for Taken {}

fn by_hand() -> Run {
    let params = [
        ("audience", sample::AUDIENCE),
        ("grant_type", "client_credentials"),
        ("client_id", sample::ID),
        ("client_secret", sample::SECRET),
    ];
    Arc::new(move |times| {
        for _ in 0..times {
            let body = serde_urlencoded::to_string(black_box(params)).expect("it is text");
            let request = Request::builder()
                .method(Method::POST)
                .uri(sample::ENDPOINT)
                .header(header::ACCEPT, "application/json")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::CONTENT_LENGTH, body.len())
                .body(body.into_bytes());
            black_box(request.expect("it is valid"));
        }
    })
}

fn copy() -> Run {
    let body = token_request(&sample::config(sample::ENDPOINT))
        .expect("a secret needs no assertion")
        .body()
        .as_ref()
        .to_vec();
    let uri = Uri::from_static(sample::ENDPOINT);
    Arc::new(move |times| {
        for _ in 0..times {
            black_box((
                black_box(&body).clone(),
                uri.clone(),
                HeaderValue::from_static("application/json"),
            ));
        }
    })
}
