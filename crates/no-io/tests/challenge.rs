//! What an API's response says about the token, and where a token may go.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{Challenge, Origin, Provider, challenge, challenge_needs_body};
use http::Response;

fn read(status: u16, headers: &[&str], body: &str, provider: &Provider) -> Challenge {
    let mut response = Response::builder().status(status);
    for header in headers {
        response = response.header("www-authenticate", *header);
    }
    let response = response.body(body).unwrap();
    let read = challenge(&response, provider);
    // Whoever does not read the body gets the same if the body is not needed.
    if !challenge_needs_body(response.status(), response.headers(), provider) {
        let head = response.map(|_| "");
        assert_eq!(
            challenge(&head, provider),
            read,
            "{status} {headers:?} {body}"
        );
    }
    read
}

// fault: a-401-that-is-not-about-the-token
#[test]
fn challenge_header_tells_what_the_response_is_about() {
    use Challenge::{InsufficientScope, InvalidToken, None, Other};
    for (status, headers, expected) in [
        (401, &[][..], InvalidToken),
        (401, &["Bearer"], InvalidToken),
        (401, &["bearer realm=\"api\""], InvalidToken),
        (
            401,
            &["Bearer realm=\"a, error=b\", error=\"invalid_token\""],
            InvalidToken,
        ),
        (
            401,
            &["Bearer realm=\"a\\\"b, Basic\", error = invalid_token"],
            InvalidToken,
        ),
        (
            401,
            &["Bearer error=\"INVALID_TOKEN\", error_description=\"expired, again\""],
            InvalidToken,
        ),
        (
            401,
            &["Bearer error=\"insufficient_scope\", scope=\"a b\""],
            InsufficientScope,
        ),
        (401, &["Bearer error=\"invalid_request\""], Other),
        (401, &["Basic realm=\"files\""], Other),
        (401, &["Basic realm=\"error=\\\"invalid_token\\\"\""], Other),
        (401, &["Negotiate", "Bearer"], InvalidToken),
        (
            401,
            &["Negotiate abc==, Basic realm=\"x\", Bearer realm=\"y\", error=\"invalid_token\""],
            InvalidToken,
        ),
        (
            401,
            &["Bearer realm=\"y\", Digest error=\"invalid_token\""],
            InvalidToken,
        ),
        (401, &["Digest error=\"invalid_token\""], Other),
        (401, &["DPoP error=\"invalid_token\""], InvalidToken),
        (401, &[""], Other),
        (403, &["Bearer error=\"invalid_token\""], InvalidToken),
        (
            403,
            &["Bearer error=\"insufficient_scope\""],
            InsufficientScope,
        ),
        (403, &["Bearer"], None),
        (400, &["Bearer error=\"invalid_token\""], InvalidToken),
        (400, &["Bearer error=\"invalid_request\""], None),
        (400, &[], None),
        (200, &["Bearer error=\"invalid_token\""], None),
        (404, &["Bearer error=\"invalid_token\""], None),
        (500, &["Bearer error=\"invalid_token\""], None),
    ] {
        let read = read(status, headers, "", &Provider::standard());
        assert_eq!(read, expected, "{status} {headers:?}");
    }
}

// fault: a-401-that-is-not-about-the-token
#[test]
fn body_of_a_401_counts_if_no_header_does() {
    for (body, expected) in [
        ("", Challenge::InvalidToken),
        ("<html>Log in</html>", Challenge::InvalidToken),
        ("Unauthorized", Challenge::InvalidToken),
        (r#"{"message":"Unauthorized"}"#, Challenge::InvalidToken),
        (r#"{"error":"invalid_token"}"#, Challenge::InvalidToken),
        (
            r#"{"message":"The access token expired"}"#,
            Challenge::InvalidToken,
        ),
        (r#"{"status":401}"#, Challenge::InvalidToken),
        (r#"{"message":"wrong PIN"}"#, Challenge::Other),
        (
            r#"{"message":"wrong PIN","path":"/api/token"}"#,
            Challenge::Other,
        ),
    ] {
        for provider in [Provider::standard(), Provider::experience_edge()] {
            assert_eq!(read(401, &[], body, &provider), expected, "{body}");
        }
    }
}

// fault: a-403-that-is-not-about-the-token
#[test]
fn a_403_is_a_rejected_token_in_the_words_of_the_provider_only() {
    let edge = Provider::experience_edge();
    for (body, expected) in [
        ("Token has expired", Challenge::InvalidToken),
        ("token has expired.\n", Challenge::InvalidToken),
        ("\"Token has expired\"", Challenge::InvalidToken),
        (
            r#"{"message":"Token has expired"}"#,
            Challenge::InvalidToken,
        ),
        (r#"{"error":"TOKEN HAS EXPIRED, sorry"}"#, Challenge::None),
        ("The password reset token has expired", Challenge::None),
        (
            r#"{"message":"The password reset token has expired"}"#,
            Challenge::None,
        ),
        ("Not your tenant", Challenge::None),
        ("", Challenge::None),
    ] {
        assert_eq!(read(403, &[], body, &edge), expected, "{body}");
        assert_eq!(
            read(403, &[], body, &Provider::standard()),
            Challenge::None,
            "{body}"
        );
    }
    for status in [200, 400, 404, 500] {
        assert_eq!(
            read(status, &[], "Token has expired", &edge),
            Challenge::None
        );
    }
}

// fault: a-token-for-another-host
#[test]
fn token_goes_to_https_or_the_loopback_and_to_allowed_origins() {
    let named = Provider::standard().origin(Origin::from_url("https://api.example").unwrap());
    let local =
        Provider::experience_edge().origin(Origin::from_url("https://proxy.example:8443").unwrap());
    for (url, standard, edge, api) in [
        ("https://edge.sitecorecloud.io/api", true, true, false),
        ("https://SITECORECLOUD.io/api", true, true, false),
        ("https://evilsitecorecloud.io/api", true, false, false),
        (
            "https://edge.sitecorecloud.io.evil.example/",
            true,
            false,
            false,
        ),
        ("https://proxy.example:8443/", true, true, false),
        ("https://proxy.example/", true, false, false),
        ("https://api.example/things", true, false, true),
        ("https://other.example/", true, false, false),
        ("http://127.0.0.1:8080/api", true, true, false),
        ("http://[::1]/api", true, true, false),
        ("http://LOCALHOST/", true, true, false),
        ("http://edge.sitecorecloud.io/api", false, false, false),
        ("http://127.0.0.1.evil.example/", false, false, false),
        ("ftp://127.0.0.1/", false, false, false),
        ("/api", false, false, false),
        ("edge.sitecorecloud.io:443", false, false, false),
    ] {
        let uri = url.parse().unwrap();
        assert_eq!(Provider::standard().allows(&uri), standard, "{url}");
        assert_eq!(local.allows(&uri), edge, "{url}");
        assert_eq!(named.allows(&uri), api, "{url}");
    }
}
