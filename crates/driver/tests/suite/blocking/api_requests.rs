//! Requests of an API, and the header that they carry.

use std::time::Duration;

use edge_oauth_driver::{CallError, Options};
use http::Request;

use crate::stage::{Answer, Stage, threads};

#[test]
fn where_no_other_token_is_to_be_had_the_apis_answer_is_final() {
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
fn a_refused_token_is_replaced_once_and_the_request_sent_again() {
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
fn a_second_refusal_is_final_and_other_answers_are_not_touched() {
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
fn a_token_is_not_sent_in_clear() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    for url in ["http://api.example/", "/relative", "ftp://api.example/"] {
        let request = Request::get(url).body(Vec::new()).unwrap();
        assert_eq!(source.send(&request).unwrap_err(), CallError::UrlNotAllowed);
    }
    assert_eq!(stage.requests(), 0);
}

#[test]
fn nothing_printed_holds_a_secret() {
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
fn a_header_value_is_that_of_the_token_in_use() {
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
