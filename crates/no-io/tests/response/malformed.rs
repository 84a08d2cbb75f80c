//! Responses that are neither a token nor an error of the server.

use edge_oauth_no_io::{BODY_LIMIT, Culprit, MalformedReason, TokenError, token_response};

use crate::setup::{TOKEN, config, ok, status, with};

// fault: success-with-a-web-page
#[test]
fn page_of_a_captive_portal_is_malformed_and_transient() {
    let page = "<html>sign in, your code is 1234</html>";
    let error = status(200)
        .header("content-type", "text/html; charset=utf-8")
        .body(page)
        .error();
    assert!(error.is_transient());
    assert_eq!(
        error.to_string(),
        "the response with status 200 and content-type text/html; charset=utf-8 is neither a JSON object nor a form"
    );
    assert!(!format!("{error:?}").contains("1234"));
    assert!(error.hint().unwrap().contains("captive portal"));
}

// fault: redirect-on-the-same-host, redirect-to-another-host, 4xx-without-an-object
#[test]
fn redirect_is_an_error_and_names_its_host() {
    for redirect in [300, 301, 302, 303, 304, 305, 307, 308] {
        let location = "https://evil.example:444/token?client_secret=s3cret";
        let error = status(redirect)
            .header("location", location)
            .body(TOKEN)
            .error();
        assert!(!error.is_transient());
        assert_eq!(error.culprit(), Culprit::Config);
        assert!(error.hint().unwrap().contains("endpoint"));
        let TokenError::Redirect(to) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(to.host.as_deref(), Some("evil.example"));
        assert_eq!(
            error.to_string(),
            format!(
                "the token endpoint responded with a redirect, status {redirect}, to evil.example"
            )
        );
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("/token"),
            "{shown}"
        );
    }
    for location in ["/elsewhere", "", "http://[", "\u{1b}"] {
        let error = status(302)
            .0
            .header("location", location.replace('\u{1b}', "?"))
            .body("");
        let error = token_response(&config(), &error.unwrap()).unwrap_err();
        assert!(
            matches!(error, TokenError::Redirect(to) if to.host.is_none()),
            "{location}"
        );
    }
}

// fault: cut-body
#[test]
fn cut_response_is_transient() {
    for end in 1..TOKEN.len() {
        let error = ok(&TOKEN[..end]).error();
        assert!(error.is_transient(), "{error:?}");
    }
}

// fault: nesting-without-end
#[test]
fn depth_and_size_are_bounded() {
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(ok(deep).reason(), MalformedReason::TooLarge);
    let as_deep_as_fits = format!(r#"{{"x":{}"#, "[".repeat(BODY_LIMIT - 5));
    assert_eq!(ok(as_deep_as_fits).reason(), MalformedReason::Syntax);
    for member in ["access_token", "expires_in", "scope", "error"] {
        let deep = format!(
            r#"{{"{member}":{}{}}}"#,
            "[".repeat(60_000),
            "]".repeat(60_000)
        );
        assert!(ok(deep).read().is_err());
    }
    let many: String = (0..1_000_000).map(|i| format!(r#""{i}":0,"#)).collect();
    assert_eq!(
        ok(format!("{{{many}}}")).reason(),
        MalformedReason::TooLarge
    );
    assert_eq!(
        with("x", &format!("\"{}\"", "a".repeat(10 * 1024 * 1024))).reason(),
        MalformedReason::TooLarge
    );
    let exactly = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(BODY_LIMIT - 19));
    assert_eq!(exactly.len(), BODY_LIMIT);
    assert!(ok(exactly.clone()).read().is_ok());
    assert_eq!(ok(exactly + " ").reason(), MalformedReason::TooLarge);
}
