//! The response that processes share.

use std::time::Duration;

use edge_oauth_no_io::{
    BODY_LIMIT, Config, Culprit, Secret, SharedResponse, TokenError, TransportError,
    TransportErrorKind, token_response,
};
use http::Response;

use crate::setup::{SECOND, START};

fn config() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret-s3cret"))
        .build()
        .unwrap()
}

fn shared(response: &Response<&'static str>) -> (SharedResponse, Result<String, TokenError>) {
    let outcome = token_response(&config(), response);
    let shared = SharedResponse::new(&config(), START, &outcome).expect("it is shared");
    (shared, outcome.map(|token| token.expose().to_owned()))
}

#[test]
fn shared_token_is_read_as_the_server_sent_it() {
    let body = r#"{"access_token":"tok\u0022en","token_type":"bearer","expires_in":"900","scope":["a","b"],
        "refresh_token":"refresh-me","id_token":"who-am-i"}"#;
    let (shared, _) = shared(&Response::new(body));
    let bytes = shared.to_bytes();
    let text = String::from_utf8_lossy(bytes.as_ref());
    assert!(!text.contains("refresh-me") && !text.contains("who-am-i"));
    let read = SharedResponse::from_bytes(bytes.as_ref()).unwrap();
    let token = token_response(&config(), &read.response(START)).unwrap();
    assert_eq!(token.expose(), "tok\"en");
    assert_eq!(token.expires_in(), Some(Duration::from_secs(900)));
    assert_eq!(token.scope(), Some("a b"));
    assert!(read.names_lifetime());
    assert_eq!(read.born(), START);
}

#[test]
fn shared_token_without_a_lifetime_has_none() {
    let (shared, _) = shared(&Response::new(r#"{"access_token":"abc"}"#));
    let token = token_response(&config(), &shared.response(START)).unwrap();
    assert_eq!((token.expires_in(), token.scope()), (None, None));
    assert!(!shared.names_lifetime());
}

#[test]
fn text_of_a_server_is_not_taken_for_a_lifetime() {
    let body = r#"{"access_token":"abc\u0022expires_in\u0022:9","scope":"x\"expires_in\":9"}"#;
    assert!(!shared(&Response::new(body)).0.names_lifetime());
}

#[test]
fn shared_error_response_is_read_as_the_server_sent_it() {
    let rows = [
        (
            401,
            r#"{"error":"invalid_client","error_description":"no \"such\" client"}"#,
        ),
        (
            400,
            r#"{"error":"invalid_scope","error_description":"\u001b[31m"}"#,
        ),
        (
            400,
            r#"{"error":"invalid_scope","error_description":"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""}"#,
        ),
        (503, "<html>"),
        (
            429,
            r#"{"error":"access_denied","error_description":"too many"}"#,
        ),
        (404, "gone"),
    ];
    for (status, body) in rows {
        let response = Response::builder().status(status).body(body).unwrap();
        let (shared, outcome) = shared(&response);
        let read = SharedResponse::from_bytes(shared.to_bytes().as_ref()).unwrap();
        assert_eq!(read.status().as_u16(), status);
        let again = token_response(&config(), &read.response(START));
        assert_eq!(again.unwrap_err(), outcome.unwrap_err(), "{status} {body}");
    }
}

#[test]
fn faults_of_one_host_are_not_shared() {
    let transport = TransportError::new(TransportErrorKind::Connect, "");
    assert!(SharedResponse::new(&config(), START, &Err(transport.into())).is_none());
    let proxy = Response::builder().status(403).body("blocked").unwrap();
    let page = Response::new("<html>");
    for response in [proxy, page] {
        let outcome = token_response(&config(), &response);
        assert_ne!(outcome.as_ref().unwrap_err().culprit(), Culprit::Config);
        assert!(SharedResponse::new(&config(), START, &outcome).is_none());
    }
}

#[test]
fn retry_at_becomes_what_is_left_of_the_wait() {
    let response = Response::builder().status(429).body("{}").unwrap();
    let (shared, _) = shared(&response);
    assert_eq!(shared.retry_at(), None);
    assert!(shared.response(START).headers().is_empty());
    let shared = shared.with_retry_at(START + Duration::from_millis(9_500));
    let read = SharedResponse::from_bytes(shared.to_bytes().as_ref()).unwrap();
    let left = |now| read.response(now).headers().get("retry-after").cloned();
    assert_eq!(left(START).unwrap(), "10");
    assert_eq!(left(START + 9 * SECOND).unwrap(), "1");
    assert_eq!(left(START + 10 * SECOND).unwrap(), "0");
    let error = token_response(&config(), &read.response(START)).unwrap_err();
    assert_eq!(
        error.retry_after().unwrap().wait(START),
        Duration::from_secs(10)
    );
}

#[test]
fn note_of_a_fault_names_no_time_for_the_next_attempt() {
    let fault = SharedResponse::fault(START);
    let read = SharedResponse::from_bytes(fault.to_bytes().as_ref()).unwrap();
    assert!(read.is_fault());
    assert_eq!(read.retry_at(), None);
}

#[test]
fn shared_response_has_the_size_of_a_token_response_at_most() {
    let (shared, _) = shared(&Response::new(r#"{"access_token":"abc"}"#));
    let bytes = shared.to_bytes();
    let is_read = |size| {
        let bytes = [&bytes.as_ref()[..18], "a".repeat(size).as_bytes()].concat();
        SharedResponse::from_bytes(&bytes).is_some()
    };
    assert!(is_read(BODY_LIMIT));
    assert!(!is_read(BODY_LIMIT + 1));
    assert!(!is_read(BODY_LIMIT + 2));
}

#[test]
fn response_from_the_future_has_no_age() {
    let (shared, _) = shared(&Response::new(r#"{"access_token":"abc"}"#));
    assert_eq!(shared.age(START + SECOND), Some(SECOND));
    assert_eq!(shared.age(START - SECOND), None);
}

#[test]
fn shared_response_prints_no_token() {
    let (shared, _) = shared(&Response::new(
        r#"{"access_token":"abcdef","scope":"tell"}"#,
    ));
    let printed = format!("{shared:?} {shared:#?} {:?}", shared.to_bytes());
    assert!(!printed.contains("abcdef") && !printed.contains("tell"));
    assert!(printed.contains("[redacted]") && printed.contains("status: 200"));
}

// fault: shared-error-response-is-classified-anew
#[test]
fn each_shared_error_response_is_classified_as_the_original() {
    let bodies = [
        "",
        "gone",
        "<html><title>no</title></html>",
        "{}",
        "[]",
        r#"{"message":"no"}"#,
        r#"{"errorCode":"E1","errorSummary":"no"}"#,
        r#"{"error":{"code":7,"message":"no"}}"#,
        r#"{"type":"about:blank","title":"no","detail":"not now","status":400}"#,
        r#"{"error":"invalid_client"}"#,
        r#"{"error":"invalid_grant","error_description":"no"}"#,
        r#"{"error":"temporarily_unavailable"}"#,
        r#"{"error":"a code of its own","error_description":"s3cret-s3cret"}"#,
    ];
    let requests = bodies
        .into_iter()
        .flat_map(|body| [(body, None), (body, Some("60"))]);
    let requests: Vec<_> = requests.collect();
    let mut count = 0;
    for (status, (body, wait)) in
        (400..=605).flat_map(|status| requests.iter().map(move |row| (status, row)))
    {
        let mut response = Response::builder().status(status).body(*body).unwrap();
        if let Some(wait) = wait {
            response
                .headers_mut()
                .insert("retry-after", wait.parse().unwrap());
        }
        let outcome = token_response(&config(), &response);
        let Some(shared) = SharedResponse::new(&config(), START, &outcome) else {
            assert_eq!(
                outcome.unwrap_err().culprit(),
                Culprit::Network,
                "{status} {body}"
            );
            continue;
        };
        count += 1;
        let shared = SharedResponse::from_bytes(shared.to_bytes().as_ref()).unwrap();
        let again = token_response(&config(), &shared.response(START)).unwrap_err();
        let words = |error: &TokenError| {
            (
                error.to_string(),
                error.hint(),
                error.is_transient(),
                error.culprit(),
            )
        };
        assert_eq!(
            words(&again),
            words(outcome.as_ref().unwrap_err()),
            "{status} {body} {wait:?}"
        );
        let wait = again.retry_after().map(|wait| wait.wait(START));
        assert!(
            wait.is_none_or(|wait| wait.is_zero()),
            "the wait of one address is not shared"
        );
    }
    assert!(count > 4_000, "{count}");
}
