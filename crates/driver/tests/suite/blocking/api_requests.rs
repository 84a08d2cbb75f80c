//! Requests of an API, and the header that they carry.

use std::time::Duration;

use edge_oauth_driver::{CallError, Options};
use http::Request;

use crate::stage::{Answer, Stage, threads};

#[test]
fn api_response_is_final_without_another_token() {
    let refused = Answer::Status(401, "x-of: api", "");
    let stage = Stage::new([
        Answer::Token(900),
        refused,
        Answer::Status(400, "", r#"{"error":"invalid_client"}"#),
    ]);
    let source = threads(&stage);
    source.token().unwrap();
    stage.clock().advance(Duration::from_secs(2));
    let request = Request::get("https://api.example/")
        .body(Vec::new())
        .unwrap();
    assert_eq!(source.send(&request).unwrap().headers()["x-of"], "api");
}

#[test]
fn rejected_token_is_replaced_and_the_request_is_repeated_once() {
    for refusal in [
        Answer::Status(401, "www-authenticate: Bearer", ""),
        Answer::Status(403, "", "{\"message\":\"Token has expired\"}"),
    ] {
        let ok = Answer::Status(200, "x-of: api", "done");
        let stage = Stage::new([Answer::Token(900), refusal, Answer::Token(900), ok]);
        let source = threads(&stage);
        source.token().unwrap();
        stage.clock().advance(Duration::from_secs(2));
        let request = Request::put("https://api.example/things?a=b")
            .body(b"thing".to_vec())
            .unwrap();
        let response = source.send(&request).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().as_ref()),
            (200, b"done".as_slice())
        );
        assert_eq!(response.headers()["x-of"], "api");
        let seen = stage.seen();
        assert_eq!(
            [&seen[1], &seen[3]],
            ["PUT /things Bearer t1 thing", "PUT /things Bearer t3 thing"]
        );
        assert_eq!(seen.len(), 4);
    }
}

#[test]
fn second_rejection_and_other_responses_are_returned_unchanged() {
    let refused = || Answer::Status(401, "", "");
    let stage = Stage::new([Answer::Token(900), refused(), Answer::Token(900), refused()]);
    let source = threads(&stage);
    source.token().unwrap();
    stage.clock().advance(Duration::from_secs(2));
    let request = Request::get("https://api.example/")
        .body(Vec::new())
        .unwrap();
    assert_eq!(source.send(&request).unwrap().status(), 401);
    assert_eq!(stage.requests(), 4);

    let stage = Stage::new([
        Answer::Token(900),
        Answer::Status(403, "", "not yours"),
        Answer::Status(500, "", ""),
    ]);
    let source = threads(&stage);
    assert_eq!(source.send(&request).unwrap().status(), 403);
    assert_eq!(source.send(&request).unwrap().status(), 500);
    assert_eq!(stage.requests(), 3);
}

#[test]
fn token_is_not_sent_without_tls() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    for url in ["http://api.example/", "/relative", "ftp://api.example/"] {
        let request = Request::get(url).body(Vec::new()).unwrap();
        assert_eq!(source.send(&request).unwrap_err(), CallError::UrlNotAllowed);
    }
    assert_eq!(stage.requests(), 0);
}

#[test]
fn printed_source_contains_no_secret() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    let token = source.token().unwrap();
    let shown = format!(
        "{source:?} {token:?} {:?} {:?}",
        source.export(),
        Options::default()
    );
    assert!(
        !shown.contains("s3cret") && !shown.contains("t1"),
        "{shown}"
    );
}

#[test]
fn header_value_is_of_the_token_in_use() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    for _ in 0..4 {
        let value = source.authorization().unwrap();
        assert!(value == "Bearer t1" && value.is_sensitive());
    }
    source.invalidate(&source.token().unwrap());
    stage.clock().advance(Duration::from_secs(1));
    assert_eq!(source.authorization().unwrap(), "Bearer t2");
}
