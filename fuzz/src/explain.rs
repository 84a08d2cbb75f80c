//! A pasted response is read, or an error names the wrong line without its content.

use std::fmt::Write;

use edge_oauth_cli::raw_http::{RawResponse, read};
use edge_oauth_no_io::{Config, Secret, token_response};
use http::{StatusCode, Version};

/// Reads the bytes as a response that `curl -i` printed, and as a body alone.
pub fn explain(bytes: &[u8]) {
    match read(bytes, None) {
        Ok(raw) => check(bytes, &raw),
        Err(unreadable) => assert!(unreadable.to_string().len() < 128),
    }
    if let Ok(raw) = read(bytes, Some(StatusCode::UNAUTHORIZED)) {
        assert_eq!(raw.response.status(), StatusCode::UNAUTHORIZED);
        assert!(raw.response.headers().is_empty() && raw.skipped.is_empty());
        assert!(bytes.ends_with(raw.response.body().as_ref()));
    }
}

fn check(bytes: &[u8], raw: &RawResponse) {
    let body = raw.response.body().as_ref();
    assert!(bytes.ends_with(body), "a body that was not pasted");
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    assert!(raw.skipped.len() <= 8);
    for skipped in &raw.skipped {
        assert!((1..=lines).contains(&skipped.line), "{skipped:?}");
        assert_printable(&skipped.wrong);
    }
    raw.before.iter().for_each(|line| assert_printable(line));

    let again = read(&write(raw), None).expect("a response");
    assert_eq!(again.response.status(), raw.response.status());
    assert_eq!(again.response.version(), raw.response.version());
    assert_eq!(again.response.headers(), raw.response.headers());
    assert_eq!(again.response.body().as_ref(), body);
    assert!(again.skipped.is_empty() && again.before.is_empty());

    let config = Config::builder("https://login.example/token", "client")
        .client_secret(Secret::new("s3cret"))
        .build();
    let _ = token_response(&config.unwrap(), &raw.response);
}

/// Writes the response as it should have been pasted.
fn write(raw: &RawResponse) -> Vec<u8> {
    let version = match raw.response.version() {
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        _ => "3",
    };
    let mut head = String::new();
    write!(
        head,
        "HTTP/{version} {}\r\n",
        raw.response.status().as_u16()
    )
    .unwrap();
    let mut text = head.into_bytes();
    for (name, value) in raw.response.headers() {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    text.extend(b"\r\n");
    text.extend(raw.response.body().as_ref());
    text
}

fn assert_printable(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 256, "{} bytes", text.len());
}
