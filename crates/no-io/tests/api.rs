//! The meaning of a protected API's response if it is not a success.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, ApiError, Challenge, Config, Culprit, Provider, Replay, Secret, TransportError,
    TransportErrorKind, challenge, challenge_by_head, challenge_needs_body, token_response,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

fn answer(status: u16, body: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn token(token: &str) -> AccessToken {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    let answer = answer(200, &format!(r#"{{"access_token":"{token}"}}"#));
    token_response(&config, &answer).unwrap()
}

// fault: 1xx-as-the-final-status, transient-status, 429-without-json
#[test]
fn status_decides_the_culprit_and_whether_to_retry() {
    for (status, culprit, transient, hint) in [
        (100, Culprit::Network, true, false),
        (103, Culprit::Network, true, false),
        (200, Culprit::Server, false, false),
        (302, Culprit::Config, false, true),
        (400, Culprit::Config, false, false),
        (401, Culprit::Config, false, true),
        (403, Culprit::Config, false, true),
        (404, Culprit::Config, false, false),
        (407, Culprit::Network, false, true),
        (408, Culprit::Server, true, false),
        (425, Culprit::Server, true, false),
        (429, Culprit::Server, true, false),
        (500, Culprit::Server, true, false),
        (503, Culprit::Server, true, false),
        (599, Culprit::Server, true, false),
        // fault: unregistered-status
        (600, Culprit::Server, true, false),
        (420, Culprit::Server, true, false),
        (421, Culprit::Network, true, false),
        (499, Culprit::Network, true, false),
        (498, Culprit::Config, false, false),
    ] {
        let error = ApiError::from_response(&answer(status, ""), &[]);
        assert_eq!(error.status().as_u16(), status);
        assert_eq!(error.culprit(), culprit, "{status}");
        assert_eq!(error.is_transient(), transient, "{status}");
        assert_eq!(error.hint().is_some(), hint, "{status}");
        assert_eq!(error.message(), None);
        let text = format!("the API responded with status {status}");
        assert_eq!(error.to_string(), text);
    }
}

// fault: retry-after-in-seconds, quota-headers
#[test]
fn wait_of_an_error_is_the_wait_of_its_headers() {
    for (name, value, seconds) in [
        ("retry-after", "7", 7),
        ("auth0-client-quota-limit", "b=per_hour;q=10;r=0;t=60", 60),
    ] {
        let mut response = answer(429, "");
        response.headers_mut().insert(name, value.parse().unwrap());
        let wait = ApiError::from_response(&response, &[])
            .retry_after()
            .unwrap();
        assert_eq!(wait.wait(Duration::ZERO), Duration::from_secs(seconds));
    }
}

#[test]
fn success_that_cannot_be_read_names_the_member() {
    let error = ApiError::malformed(StatusCode::OK, "hash", "is not text");
    assert_eq!(
        error.to_string(),
        "the API's response with status 200 cannot be read: hash is not text"
    );
    assert_eq!(error.culprit(), Culprit::Server);
    assert!(!error.is_transient());
    assert_eq!((error.message(), error.hint()), (None, None));
    assert_eq!(error.clone().with_hint("none"), error);
}

// fault: retry-after-on-a-4xx
#[test]
fn error_with_a_retry_after_is_transient() {
    for status in [400, 403, 404, 409, 423] {
        let mut response = answer(status, r#"{"message":"Busy"}"#);
        let headers = response.headers_mut();
        headers.insert("retry-after", "7".parse().unwrap());
        let error = ApiError::from_response(&response, &[]);
        assert!(error.is_transient(), "{status}");
        assert_eq!(error.culprit(), Culprit::Server);
    }
}

#[test]
fn hint_of_an_error_response_can_be_replaced() {
    let error = ApiError::from_response(&answer(403, ""), &[]).with_hint("another client");
    assert_eq!(error.hint(), Some("another client"));
}

// fault: 4xx-without-an-object
#[test]
fn web_page_is_not_an_error_of_the_service() {
    for (status, culprit, transient, hint) in [
        (400, Culprit::Network, true, false),
        (403, Culprit::Network, true, false),
        (401, Culprit::Config, false, true),
        (404, Culprit::Config, false, false),
        (503, Culprit::Server, true, false),
    ] {
        for (content_type, body) in [
            ("text/html", "Request blocked"),
            ("TEXT/HTML; charset=utf-8", "Request blocked"),
            ("text/plain", "\u{feff}<html>Request blocked</html>"),
        ] {
            let mut page = answer(status, body);
            let value = content_type.parse().unwrap();
            page.headers_mut().insert("content-type", value);
            let error = ApiError::from_response(&page, &[]);
            assert_eq!(error.culprit(), culprit, "{status}");
            assert_eq!(error.is_transient(), transient, "{status}");
            assert_eq!(error.hint().is_some(), hint, "{status}");
            assert_eq!(error.message(), None);
        }
    }
}

// fault: success-without-a-body, success-with-a-web-page
#[test]
fn success_without_a_readable_body_is_transient() {
    let error = ApiError::unreadable(StatusCode::OK, "is empty");
    assert_eq!(
        error.to_string(),
        "the API's response with status 200 cannot be read: the body is empty"
    );
    assert_eq!(error.culprit(), Culprit::Server);
    assert!(error.is_transient() && error.hint().is_some());
}

// fault: request-printed
#[test]
fn token_repeated_in_any_spelling_and_status_is_not_in_the_error() {
    let token_text = "pl4nted/tok+en=";
    for echo in [
        "not pl4nted/tok+en=!",
        "not pl4nted%2Ftok%2Ben%3D!",
        "not pl4nted%2ftok%2ben%3d!",
        r"not pl4nted\/tok\u002Ben=!",
        r#"{"message":"not pl4nted\/tok+en=!"}"#,
        r#"{"message":"not pl4nted/tok\u002ben\u003D!"}"#,
        r#"{"message":"not pl4nted%2Ftok%2Ben%3D!"}"#,
    ] {
        for status in [200, 400, 401, 500] {
            let mut answer = answer(status, echo);
            token(token_text).note_in(&mut answer);
            let error = ApiError::from_response(&answer, &["unsent"]);
            assert_eq!(error.message(), Some(WITHHELD), "{echo}");
            assert!(!format!("{answer:?} {error:?}").contains("pl4nted"));
        }
    }
}

#[test]
fn short_token_is_withheld_as_a_word_only() {
    for (words, expected) in [
        ("No such webhook", "No such webhook"),
        ("No such webhook: e", WITHHELD),
    ] {
        let mut answer = answer(400, words);
        token("e").note_in(&mut answer);
        let error = ApiError::from_response(&answer, &[]);
        assert_eq!(error.message(), Some(expected));
    }
}

const WITHHELD: &str = "[withheld: it repeats a credential]";

// fault: rejected-token
#[test]
fn request_is_sent_again_with_another_token_only() {
    let rejected = token("rejected");
    let mut replay = Replay::new(rejected.clone());
    assert!(!replay.is_rejected(Challenge::InsufficientScope));
    assert!(replay.is_rejected(Challenge::InvalidToken));
    assert!(!replay.again_with(Ok(rejected.clone())));
    assert!(!replay.is_rejected(Challenge::InvalidToken));
    assert_eq!(replay.into_error(), None);
    let mut replay = Replay::new(rejected.clone());
    assert!(replay.again_with(Ok(token("another"))));
    assert_eq!(replay.token().expose(), "another");
    assert!(!replay.is_rejected(Challenge::InvalidToken));
    let mut replay = Replay::new(rejected);
    let error = TransportError::new(TransportErrorKind::Connect, "refused");
    assert!(!replay.again_with(Err(error.clone().into())));
    assert_eq!(replay.token().expose(), "rejected");
    assert_eq!(replay.into_error(), Some(error.into()));
}

#[test]
fn token_replaces_the_authorization_of_a_request() {
    let mut request = http::Request::new(());
    for sent in ["first", "second"] {
        token(sent).authorize(&mut request);
        let values: Vec<_> = request
            .headers()
            .get_all(header::AUTHORIZATION)
            .iter()
            .collect();
        assert_eq!(values, [format!("Bearer {sent}").as_str()]);
    }
}

#[test]
fn body_is_needed_if_status_and_headers_do_not_decide() {
    let bearer = HeaderMap::from_iter([(header::WWW_AUTHENTICATE, "Bearer".parse().unwrap())]);
    let none = HeaderMap::new();
    for (status, headers, of_standard, of_experience_edge) in [
        (StatusCode::OK, &none, false, false),
        (StatusCode::UNAUTHORIZED, &none, true, true),
        (StatusCode::UNAUTHORIZED, &bearer, false, false),
        (StatusCode::FORBIDDEN, &none, false, true),
    ] {
        let needs_body = |provider| challenge_needs_body(status, headers, &provider);
        assert_eq!(needs_body(Provider::standard()), of_standard, "{status}");
        assert_eq!(
            needs_body(Provider::experience_edge()),
            of_experience_edge,
            "{status}"
        );
    }
}

// fault: a-401-that-is-not-about-the-token
#[test]
fn error_after_a_quoted_text_with_an_escaped_quote_is_found() {
    let rows = [
        (
            r#"Bearer realm="a\"b, Basic", error="insufficient_scope""#,
            Challenge::InsufficientScope,
        ),
        (
            r#"Bearer realm="a\\", error="insufficient_scope""#,
            Challenge::InsufficientScope,
        ),
        (
            r#"Bearer realm="a", ="b", error="invalid_request""#,
            Challenge::Other,
        ),
    ];
    for (value, challenge) in rows {
        let mut headers = HeaderMap::new();
        headers.insert(header::WWW_AUTHENTICATE, value.parse().unwrap());
        let found = challenge_by_head(StatusCode::UNAUTHORIZED, &headers);
        assert_eq!(found, Some(challenge), "{value}");
    }
}

// fault: challenge-with-other-letters
#[test]
fn challenge_with_letters_that_are_not_ascii_is_read() {
    for realm in ["Müller".as_bytes(), b"M\xfcller"] {
        let value = [b"Bearer realm=\"", realm, b"\", error=\"invalid_token\""].concat();
        let headers = HeaderMap::from_iter([(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_bytes(&value).unwrap(),
        )]);
        for status in [400, 401, 403] {
            let found = challenge_by_head(StatusCode::from_u16(status).unwrap(), &headers);
            assert_eq!(found, Some(Challenge::InvalidToken), "{status}");
        }
    }
}

#[test]
fn body_over_the_limit_is_not_about_something_else() {
    let body = |size: usize| {
        let start = r#"{"message":"wrong PIN","x":""#;
        format!(r#"{start}{}"}}"#, " ".repeat(size - start.len() - 2))
    };
    for (size, found) in [
        (64 * 1024, Challenge::Other),
        (64 * 1024 + 1, Challenge::InvalidToken),
    ] {
        let challenge = challenge(&answer(401, &body(size)), &Provider::standard());
        assert_eq!(challenge, found, "{size}");
    }
}
