//! Texts of the server that repeat a secret.

use edge_oauth_no_io::{Config, Culprit, Secret};

use crate::setup::{WITHHELD, status};

#[test]
fn secret_repeated_by_the_server_is_withheld() {
    let config = Config::builder("https://login.example/token", "my id")
        .client_secret(Secret::new("p@ss w+rd"))
        .build()
        .unwrap();
    for echo in [
        "p@ss w+rd",
        "p%40ss+w%2Brd",
        "p%40ss%20w%2Brd",
        "bXklMjBpZDpwJTQwc3MlMjB3JTJCcmQ=",
    ] {
        let padding = "x".repeat(508);
        for description in [format!("got {echo}!"), format!("{padding}{echo}")] {
            let body = format!(r#"{{"error":"{echo}","error_description":"{description}"}}"#);
            let error = status(400).body(body).read_by(&config).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains(echo) && !shown.contains(&echo[..4]),
                "{shown}"
            );
        }
        let error = status(200)
            .header("content-type", echo)
            .body("no")
            .read_by(&config)
            .unwrap_err();
        assert!(!format!("{error} {error:?}").contains(echo));
    }
}

#[test]
fn secret_repeated_as_json_is_withheld() {
    let secret = Secret::new("p\"w\\r/d\u{e9}");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .lenient()
        .build()
        .unwrap();
    for echo in [
        "p\"w\\r/d\u{e9}",
        "p\\\"w\\\\r/d\u{e9}",
        "p\\\"w\\\\r\\/d\u{e9}",
    ] {
        let description = serde_json::Value::from(format!("got {{\"client_secret\":\"{echo}\"}}"));
        let body = format!(r#"{{"error":"x","error_description":{description}}}"#);
        let error = status(400).body(body).read_by(&config).unwrap_err();
        assert_eq!(error.description(), Some(WITHHELD));
    }
}

#[test]
fn credentials_of_basic_are_withheld_even_without_their_padding() {
    let secret = Secret::new("s3cret-of-ours");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .build()
        .unwrap();
    for echo in ["aWQ6czNjcmV0LW9mLW91cnM", "aWQ6czNjcmV0LW9mLW91cnM="] {
        let body = format!(r#"{{"error":"x","error_description":"got {echo}!"}}"#);
        let error = status(400).body(body).read_by(&config).unwrap_err();
        assert_eq!(error.description(), Some(WITHHELD));
    }
}

#[test]
fn unusable_token_is_not_repeated_in_the_error() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    for body in [
        r#"{"access_token":"t0ken-of-ours","expires_in":"soon"}"#,
        r#"{"access_token":["t0ken-of-ours","and"]}"#,
        r#"{"access_token":["t0ken-of-ours"],"error":"t0ken-of-ours"}"#,
        r#"{"access_token":"t0ken-of-ours","error":"no","error_description":"t0ken-of-ours"}"#,
    ] {
        let answer = status(200).header("content-type", "text/plain; x=t0ken-of-ours");
        let error = answer.body(body).read_by(&config).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("t0ken"), "{shown}");
    }
}

// A server that spells the secret as a code of OAuth's is understood all the same.
#[test]
fn withheld_text_changes_no_classification() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("error"))
        .build()
        .unwrap();
    for (content_type, body) in [
        ("application/json", r#"{"error":"invalid_client"}"#),
        ("application/x-www-form-urlencoded", "error=invalid_client"),
    ] {
        let answer = status(400).header("content-type", content_type);
        let error = answer.body(body).read_by(&config).unwrap_err();
        assert_eq!(
            (error.culprit(), error.is_transient()),
            (Culprit::Config, false)
        );
    }
}

// fault: content-type-that-does-not-fit
#[test]
fn form_that_repeats_the_request_is_withheld() {
    let secret = Secret::new("pl4nted+in/the=s3cret&%41");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .build()
        .unwrap();
    let json = r#"{"client_secret":"pl4nted+in/the=s3cret&%41"}"#;
    for echo in [
        json,
        "client_secret=pl4nted%2Bin%2Fthe%3Ds3cret%26%2541",
        "pl4nted+in\\/the=s3cret&%41",
        "client_secret%3Dpl4nted%252Bin%252Fthe%253Ds3cret%2526%252541",
    ] {
        for status_code in [200, 400] {
            let body = format!("error=invalid_request&error_description=got {echo}");
            let form = status(status_code)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
            let error = form.read_by(&config).unwrap_err();
            assert_eq!(error.code(), Some("invalid_request"));
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("pl4nted") && !shown.contains("s3cret"),
                "{shown}"
            );
        }
    }
}

// fault: scope-that-was-not-requested
#[test]
fn scope_that_repeats_the_secret_or_the_token_is_withheld() {
    let secret = Secret::new("p@ss-w0rd");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .build()
        .unwrap();
    for (scope, read) in [
        (r#""read p@ss-w0rd""#, WITHHELD),
        (r#""read secret=p%40ss-w0rd""#, WITHHELD),
        (r#"["read","t0ken-of-ours"]"#, WITHHELD),
        (r#""read ken-of-ours""#, WITHHELD),
        (r#""write read""#, "write read"),
        (r#""""#, ""),
    ] {
        let body = format!(r#"{{"access_token":"t0ken-of-ours","scope":{scope}}}"#);
        let token = status(200).body(body).read_by(&config).unwrap();
        assert_eq!(token.scope(), Some(read));
        assert!(!format!("{token:?}").contains("ss-w0rd"));
    }
}
