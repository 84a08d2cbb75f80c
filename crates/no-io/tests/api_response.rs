//! What a protected API's answer says of the token, and where a token may go.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{may_carry_token, token_rejected};
use http::Response;

#[test]
fn a_refused_token_is_told_from_other_refusals() {
    for (status, body, refused) in [
        (401, "", true),
        (403, "Token has expired", true),
        (403, r#"{"error":"TOKEN HAS EXPIRED, sorry"}"#, true),
        (403, "Not your tenant", false),
        (403, "", false),
        (200, "Token has expired", false),
        (404, "Token has expired", false),
        (500, "Token has expired", false),
    ] {
        let response = Response::builder().status(status).body(body).unwrap();
        assert_eq!(token_rejected(&response), refused, "{status} {body:?}");
    }
}

#[test]
fn a_token_goes_to_https_or_the_loopback() {
    for (url, may) in [
        ("https://edge.sitecorecloud.io/api", true),
        ("http://127.0.0.1:8080/api", true),
        ("http://[::1]/api", true),
        ("http://LOCALHOST/", true),
        ("http://edge.sitecorecloud.io/api", false),
        ("http://127.0.0.1.evil.example/", false),
        ("ftp://127.0.0.1/", false),
        ("/api", false),
        ("edge.sitecorecloud.io:443", false),
    ] {
        assert_eq!(may_carry_token(&url.parse().unwrap()), may, "{url}");
    }
}
