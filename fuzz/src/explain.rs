//! A pasted response is read, or an error names the wrong line without its content.

use std::fmt::Write;

use edge_oauth_cli::raw_http::{RawAnswer, read};
use edge_oauth_no_io::{Config, Secret, token_response};
use http::{StatusCode, Version};

/// Reads the bytes as a response that `curl -i` printed, and as a body alone.
pub fn explain(bytes: &[u8]) {
    match read(bytes, None) {
        Ok(answer) => check(bytes, &answer),
        Err(unreadable) => assert!(unreadable.to_string().len() < 128),
    }
    if let Ok(answer) = read(bytes, Some(StatusCode::UNAUTHORIZED)) {
        assert_eq!(answer.response.status(), StatusCode::UNAUTHORIZED);
        assert!(answer.response.headers().is_empty() && answer.skipped.is_empty());
        assert!(bytes.ends_with(answer.response.body().as_ref()));
    }
}

fn check(bytes: &[u8], answer: &RawAnswer) {
    let body = answer.response.body().as_ref();
    assert!(bytes.ends_with(body), "a body that was not pasted");
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    assert!(answer.skipped.len() <= 8);
    for skipped in &answer.skipped {
        assert!((1..=lines).contains(&skipped.line), "{skipped:?}");
        assert_printable(&skipped.wrong);
    }
    answer.before.iter().for_each(|line| assert_printable(line));

    let again = read(&write(answer), None).expect("an answer");
    assert_eq!(again.response.status(), answer.response.status());
    assert_eq!(again.response.version(), answer.response.version());
    assert_eq!(again.response.headers(), answer.response.headers());
    assert_eq!(again.response.body().as_ref(), body);
    assert!(again.skipped.is_empty() && again.before.is_empty());

    let config = Config::builder("https://login.example/token", "client")
        .client_secret(Secret::new("s3cret"))
        .build();
    let _ = token_response(&config.unwrap(), &answer.response);
}

/// Writes the response as it should have been pasted.
fn write(answer: &RawAnswer) -> Vec<u8> {
    let version = match answer.response.version() {
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        _ => "3",
    };
    let mut head = String::new();
    write!(
        head,
        "HTTP/{version} {}\r\n",
        answer.response.status().as_u16()
    )
    .unwrap();
    let mut text = head.into_bytes();
    for (name, value) in answer.response.headers() {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    text.extend(b"\r\n");
    text.extend(answer.response.body().as_ref());
    text
}

fn assert_printable(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 256, "{} bytes", text.len());
}
