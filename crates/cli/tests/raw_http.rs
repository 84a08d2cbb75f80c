//! Responses as `curl -i` prints them, changed by terminals and proxies.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_cli::raw_http::{RawResponse, Unreadable, read};
use http::{StatusCode, Version};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

fn answer(text: &str) -> RawResponse {
    read(text.as_bytes(), None).unwrap()
}

fn refused(text: &str) -> Unreadable {
    read(text.as_bytes(), None).err().unwrap()
}

fn body(answer: &RawResponse) -> &str {
    std::str::from_utf8(answer.response.body().as_ref()).unwrap()
}

#[test]
fn each_version_and_line_end_is_read() {
    for (version, expected) in [
        ("HTTP/1.0", Version::HTTP_10),
        ("HTTP/1.1", Version::HTTP_11),
        ("HTTP/2", Version::HTTP_2),
        ("HTTP/3", Version::HTTP_3),
    ] {
        for end in ["\r\n", "\n"] {
            for reason in ["", " ", " Too Many Requests"] {
                let lines = [
                    &format!("{version} 429{reason}"),
                    "Retry-After:  7 ",
                    "x:",
                    "",
                    "{}\r\n",
                ];
                let answer = answer(&lines.join(end));
                assert_eq!(answer.response.version(), expected);
                assert_eq!(answer.response.status(), 429);
                assert_eq!(answer.response.headers()["retry-after"], "7");
                assert_eq!(answer.response.headers()["x"], "");
                assert_eq!(body(&answer), "{}\r\n");
                assert!(answer.before.is_empty() && answer.skipped.is_empty());
            }
        }
    }
}

#[test]
fn the_last_head_counts_and_the_others_are_named() {
    let answer = answer(
        "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\nx-old: 1\r\n\r\n\
         HTTP/2 103 \r\nlink: a\r\n\r\nHTTP/2 307 \r\nlocation: /\r\n\r\nHTTP/2 401 \r\nx-new: 1\r\n\r\nHTTP/2 is a body",
    );
    assert_eq!(
        answer.before,
        [
            "HTTP/1.1 200 Connection established",
            "HTTP/1.1 100 Continue",
            "HTTP/2 103 ",
            "HTTP/2 307 "
        ]
    );
    assert_eq!(answer.response.status(), 401);
    assert_eq!(answer.response.headers().len(), 1);
}

#[test]
fn a_head_may_be_all_there_is() {
    for text in ["HTTP/1.1 401", "HTTP/1.1 401\r\n", "HTTP/1.1 401\n\n"] {
        let answer = answer(text);
        assert_eq!(
            (answer.response.status().as_u16(), body(&answer)),
            (401, "")
        );
    }
}

#[test]
fn byte_order_mark_and_empty_lines_before_the_head_are_ignored() {
    assert_eq!(answer("\u{feff}HTTP/1.1 200\n\n").response.status(), 200);
    assert_eq!(answer("\r\n\n\nHTTP/1.1 200\n\n").response.status(), 200);
}

#[test]
fn a_body_alone_needs_its_status() {
    assert_eq!(refused("{}"), Unreadable::NoStatusLine);
    let answer = read(b"\n{}", Some(StatusCode::UNAUTHORIZED)).unwrap();
    assert_eq!(
        (answer.response.status().as_u16(), body(&answer)),
        (401, "{}")
    );
    let both = read(b"HTTP/1.1 200\n\n", Some(StatusCode::OK));
    assert_eq!(both.err(), Some(Unreadable::SecondStatus));
}

#[test]
fn skipped_lines_are_named_without_their_values() {
    let answer = answer(
        "HTTP/1.1 200\na: 1\nno colon s3cret\nb@d: s3cret\n folded: s3cret\nc: s3\u{0}cret\n: s3cret\nd: 2\n\n",
    );
    let skipped: Vec<_> = answer
        .skipped
        .iter()
        .map(|skipped| (skipped.line, skipped.wrong.as_str()))
        .collect();
    assert_eq!(
        skipped,
        [
            (3, "has no colon"),
            (4, "`b@d` is not a header's name"),
            (5, "begins with a space"),
            (6, "the value of `c` has a control character"),
            (7, "`` is not a header's name"),
        ]
    );
    assert_eq!(answer.response.headers().len(), 2);
}

#[test]
fn any_number_of_skipped_lines_is_counted() {
    let lines: String = (0..100_000).map(|n| format!("a{n}:\n")).collect();
    let answer = answer(&format!("HTTP/1.1 200\n{lines}"));
    assert_eq!(answer.skipped.len(), 8);
    assert!(answer.more_skipped > 50_000);
}

#[test]
fn text_that_is_not_a_response_has_its_reason() {
    assert_eq!(refused(""), Unreadable::Empty);
    assert_eq!(refused("\r\n\n"), Unreadable::Empty);
    assert_eq!(refused("* Trying 127.0.0.1"), Unreadable::Verbose);
    assert_eq!(refused("HTTP/1.1 42 x\n\n"), Unreadable::Status);
    assert_eq!(refused("HTTP/2 \n"), Unreadable::Status);
    for text in ["HTTP/9 200\n", "HTTP/1.1\n", "http/1.1 200\n", "HTTP 200"] {
        assert_eq!(refused(text), Unreadable::NoStatusLine, "{text}");
    }
}

proptest! {
    #![proptest_config(Config {
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn nothing_panics(parts in proptest::collection::vec(part(), 0..12), status in any::<Option<u16>>()) {
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let _ = read(&parts.concat(), status);
    }
}

fn part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Just(b"HTTP/2 1".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"a: b\n".to_vec()),
        Just(b":".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ]
}
