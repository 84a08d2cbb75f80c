//! Every request gets a response.

use std::time::Duration;

use http::{HeaderValue, Request};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::peer::{NOW, edge, encode, good, token};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        Just(encode(&good()).into_bytes()),
        Just(br#"{"grant_type":"client_credentials","audience":"x"}"#.to_vec()),
        Just(br#"{"client_id":"#.to_vec()),
        "(eyJhbGciOiJIUzI1NiJ9|[a-zA-Z0-9_-]{0,9})[.](e30|[a-zA-Z0-9_-]{0,20})[.][a-zA-Z0-9_-]{0,9}".prop_map(assertion),
    ]
}

fn assertion(jwt: String) -> Vec<u8> {
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let form = "grant_type=client_credentials&client_id=local-client";
    format!("{form}&client_assertion_type={kind}&client_assertion={jwt}").into_bytes()
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just("/oauth/token".to_owned()),
        1 => Just("/api/admin/v1/settings".to_owned()),
        1 => Just("/.well-known/jwks.json".to_owned()),
        1 => Just("*".to_owned()),
        1 => "/api/admin/v1/(cache|content|webhooks)(/[!-~]{0,9})?",
        1 => "/api/apikey/v1(/token|/re(name|voke)by(hash|token))?[!-~]{0,9}",
        2 => "(/api/admin/v1)?/[!-~]{0,30}",
    ]
}

fn method() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("POST".to_owned()),
        2 => Just("GET".to_owned()),
        1 => Just("PUT".to_owned()),
        1 => "[A-Z]{1,9}",
    ]
}

fn header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let name = prop_oneof![
        Just("authorization"),
        Just("content-type"),
        Just("content-length"),
        Just("host"),
    ];
    let value = prop_oneof![
        2 => vec(any::<u8>(), 0..60),
        1 => "(Basic|Bearer) [A-Za-z0-9+/=._-]{0,60}".prop_map(String::into_bytes),
        1 => Just(b"application/x-www-form-urlencoded".to_vec()),
        1 => Just(b"application/json".to_vec()),
        1 => Just(format!("Bearer {}", token(&mut edge(), NOW)).into_bytes()),
    ];
    (name, value)
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_request_has_an_answer(
        method in method(),
        path in path(),
        headers in vec(header(), 0..4),
        body in bytes(),
        seconds in any::<u64>(),
        nanos in 0..1_000_000_000u32,
    ) {
        let mut request = Request::builder().method(&*method).uri(path);
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                request = request.header(name, value);
            }
        }
        let Ok(request) = request.body(body) else {
            return Ok(());
        };
        let mut edge = edge();
        for now in [Duration::new(seconds, nanos), NOW] {
            let simulated = edge.respond(&request, now);
            let status = simulated.response.status().as_u16();
            prop_assert!([200, 202, 400, 401, 403, 404, 405, 415].contains(&status));
            prop_assert!(simulated.response.headers().contains_key("date"));
        }
        let served = edge.served();
        let sum = served.token_requests + served.api_requests + served.other_requests;
        prop_assert_eq!(sum, 2);
    }
}
