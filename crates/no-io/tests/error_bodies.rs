//! Error responses in the shapes that servers send: each is read, and classified.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{BodyFormat, Config, Culprit, Secret, TokenError, token_response};
use http::Response;

fn config() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret-of-ours"))
        .build()
        .unwrap()
}

fn read(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> TokenError {
    read_by(&config(), status, headers, body)
}

fn read_by(
    config: &Config,
    status: u16,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> TokenError {
    let response = headers.iter().fold(
        Response::builder().status(status),
        |response, (name, value)| response.header(*name, *value),
    );
    token_response(config, &response.body(body).unwrap()).unwrap_err()
}

// fault: error-in-another-shape
#[test]
fn json_object_with_a_4xx_is_the_servers_verdict() {
    for (status, body, code, words) in [
        (
            400,
            r#"{"errorCode":"invalid_client","errorSummary":"A client_id must be provided","errorLink":"x","errorCauses":[]}"#,
            Some("invalid_client"),
            "A client_id must be provided",
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}"#,
            None,
            "API key not valid",
        ),
        (
            400,
            r#"{"error":{"code":"invalid_client","message":"Unknown client"}}"#,
            Some("invalid_client"),
            "Unknown client",
        ),
        (
            400,
            r#"{"fault":{"faultstring":"Invalid client identifier {0}","detail":{"errorcode":"oauth.v2.InvalidClientIdentifier"}}}"#,
            Some("oauth.v2.InvalidClientIdentifier"),
            "Invalid client identifier {0}",
        ),
        (
            403,
            r#"{"message":"Missing Authentication Token"}"#,
            None,
            "Missing Authentication Token",
        ),
        (
            400,
            r#"{"type":"https://e.example/x","title":"Bad Request","status":400,"detail":"client_id is missing"}"#,
            None,
            "client_id is missing",
        ),
        (
            422,
            r#"{"detail":[{"loc":["body","client_id"],"msg":"field required"}]}"#,
            None,
            "field required",
        ),
        (
            403,
            r#"{"Message":"Forbidden by policy"}"#,
            None,
            "Forbidden by policy",
        ),
        (
            400,
            r#"{"errors":[{"code":"bad_client","message":"No such client"}]}"#,
            Some("bad_client"),
            "No such client",
        ),
        (
            400,
            r#"{"error_code":"E1","error_message":"No such client"}"#,
            Some("E1"),
            "No such client",
        ),
        (
            400,
            r#""{\"error\":\"invalid_client\",\"message\":\"twice\"}""#,
            Some("invalid_client"),
            "twice",
        ),
        (
            400,
            r#"{"description":"No such client","code":17}"#,
            None,
            "No such client",
        ),
    ] {
        for content_type in [
            "application/json",
            "application/problem+json",
            "text/html",
            "",
        ] {
            let error = read(status, &[("content-type", content_type)], body);
            assert_eq!(
                (error.code(), error.description()),
                (code, Some(words)),
                "{body}"
            );
            assert!(!error.is_transient(), "{body}");
            assert_eq!(error.culprit(), Culprit::Config, "{body}");
        }
    }
}

// fault: error-in-another-shape
#[test]
fn words_of_another_shape_are_withheld_printable_and_cut() {
    for member in [
        "detail",
        "errorSummary",
        "message",
        "description",
        "title",
        "msg",
    ] {
        let body = format!(r#"{{"{member}":"no s3cret-of-ours"}}"#);
        let error = read(400, &[], body);
        assert!(
            error.description().unwrap().starts_with("[withheld: "),
            "{member}"
        );
        let body = format!(r#"{{"{member}":"\u001b[2J{}"}}"#, "a".repeat(2000));
        let description = read(400, &[], body).description().unwrap().to_owned();
        assert!(
            description.starts_with("?[2Jaaa") && description.len() == 515,
            "{member}"
        );
    }
}

// fault: error-nearly-well-formed
#[test]
fn error_with_a_slip_is_read() {
    let plain = r#"{"error":"invalid_client","error_description":"in words"}"#;
    let utf_16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(plain.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (body, words) in [
        (b"{\"error\":\"invalid_client\",\"error_description\":\"falsch f\xfcr\"}".to_vec(), "falsch für"),
        (b"{\"error_description\":\"falsch f\xfcr\",\"error\":\"invalid_client\"}".to_vec(), "falsch für"),
        ("{\"error_description\":\"a\nb\tc\0\",\"error\":\"invalid_client\"}".into(), "a b c"),
        (r#"{"error":"invalid_client","error_description":"in words",}"#.into(), "in words"),
        (r#"{"x":[1,2,],"error":"invalid_client","error_description":"in words" , }"#.into(), "in words"),
        (format!("{plain}<br />\n<b>Warning</b>: x() in <b>/a.php</b> on line <b>3</b>").into(), "in words"),
        (format!("<br />\n<b>Notice</b>: {{closure}} in <b>/a.php</b>\n{plain}").into(), "in words"),
        (format!("Deprecated: x in /a.php\n{plain}\n\n").into(), "in words"),
        (format!("){{]}}',\n{plain}").into(), "in words"),
        (format!("while(1);{plain}").into(), "in words"),
        (format!("{plain}\n<html><body>{{x}}</body></html>").into(), "in words"),
        (format!("{plain}{plain}").into(), "in words"),
        (format!("{plain}\0").into(), "in words"),
        (r#"{"error":"invalid_client","error":"invalid_client","error_description":"in words"}"#.into(), "in words"),
        (r#"{"error":"invalid_client","error_description":"in words","error_description":"other"}"#.into(), "in words"),
        (r#"{'error':'invalid_client','error_description':'in words'}"#.into(), "in words"),
        (r#"{"error_description":"it\'s in words","error":"invalid_client"}"#.into(), "it's in words"),
        (r#"{"error":"invalid_client","error_description":"in words""#.into(), "in words"),
        (r#"{"error":"invalid_client","error_description":"in words","error_uri":"https://"#.into(), "in words"),
        (format!("\u{feff}{plain}").into(), "in words"),
        (format!(" \r\n{plain}\r\n").into(), "in words"),
        (utf_16, "in words"),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        for status in [400, 401, 200] {
            let error = read(status, &[("content-type", "application/json")], &body);
            assert_eq!(error.code(), Some("invalid_client"), "{status} {shown}");
            let description = error.description().unwrap().trim_end_matches(['?', ' ']);
            assert_eq!(description, words, "{shown}");
            assert!(!error.is_transient(), "{shown}");
            assert!(error.hint().unwrap().contains("client secret"), "{shown}");
        }
    }
}

// fault: error-nearly-well-formed
#[test]
fn token_is_read_as_strictly_as_before() {
    let token = r#"{"access_token":"t0ken-of-theirs""#;
    for body in [
        format!("{token},}}"),
        format!("{token}}}<br />Warning"),
        format!("Warning {token}}}"),
        format!(r#"{token},"error":"x","error":"x"}}"#),
        token.to_owned(),
        token.replace('"', "'") + "}",
    ] {
        let error = read(200, &[("content-type", "text/t0ken-of-theirs")], &body);
        assert!(matches!(error, TokenError::Malformed(_)), "{body}");
        assert!(!format!("{error} {error:?}").contains("t0ken"), "{body}");
    }
}

// fault: error-in-a-web-page
#[test]
fn web_page_or_text_is_something_in_between() {
    for body in [
        "<html><body>blocked</body></html>",
        "<!DOCTYPE html><script>var x = {\"error\":\"invalid_client\",\"message\":\"x\"}</script>",
        "<HTML><head><style>p{color:red}</style>",
        "Forbidden",
        "upstream connect error {x}",
        "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
        "[]",
        "\"Forbidden\"",
        "7",
    ] {
        for status in [400, 403, 419] {
            let error = read(status, &[], body);
            assert!(error.is_transient(), "{body}");
            assert_eq!(error.culprit(), Culprit::Network, "{body}");
            assert_eq!((error.code(), error.description()), (None, None), "{body}");
            assert!(error.hint().unwrap().contains("firewall"), "{body}");
        }
    }
}

// fault: error-in-a-web-page
#[test]
fn page_under_the_type_of_a_form_is_a_page() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    for body in ["<html>blocked</html>", "Forbidden"] {
        let error = read(403, &[form], body);
        assert!(
            error.is_transient() && error.culprit() == Culprit::Network,
            "{body}"
        );
    }
}

// fault: error-without-words
#[test]
fn error_without_words_names_the_credentials() {
    for (status, body, transient) in [
        (403, "", true),
        (400, " \r\n", true),
        (403, "{}", false),
        (422, "{}", false),
    ] {
        let error = read(status, &[], body);
        assert_eq!(error.is_transient(), transient, "{status} {body}");
        assert_eq!(error.culprit(), Culprit::Config);
        let hint = error.hint().unwrap();
        for named in ["client id", "client secret", "client authentication"] {
            assert!(hint.contains(named), "{hint}");
        }
    }
}

// fault: unregistered-status
#[test]
fn unregistered_status_counts_as_its_class() {
    let verdict = r#"{"error":"invalid_client"}"#;
    for (status, culprit) in [
        (600, Culprit::Server),
        (799, Culprit::Server),
        (999, Culprit::Server),
        (499, Culprit::Network),
        (460, Culprit::Network),
        (444, Culprit::Network),
        (421, Culprit::Network),
        (420, Culprit::Server),
    ] {
        for body in ["", "<html>", verdict] {
            let error = read(status, &[], body);
            assert!(error.is_transient(), "{status} {body}");
            assert_eq!(error.culprit(), culprit, "{status} {body}");
        }
    }
    let error = read(498, &[], verdict);
    assert!(!error.is_transient() && error.hint().unwrap().contains("client secret"));
}

// fault: retry-after-on-a-4xx
#[test]
fn any_4xx_with_a_retry_after_is_transient() {
    let wait = |status, value, body: &str| {
        let error = read(status, &[("retry-after", value)], body);
        let wait = error
            .retry_after()
            .map(|wait| wait.wait(std::time::Duration::ZERO).as_secs());
        (error.is_transient(), wait)
    };
    for status in [400, 401, 403, 404, 405, 409, 413, 423, 430, 451, 498] {
        for body in [
            "",
            "<html>",
            r#"{"message":"Slow down"}"#,
            r#"{"error":"too_many"}"#,
        ] {
            assert_eq!(wait(status, "7", body), (true, Some(7)), "{status} {body}");
        }
        for verdict in [
            "invalid_client",
            "access_denied",
            "unauthorized_client",
            "invalid_scope",
        ] {
            let body = format!(r#"{{"error":"{verdict}"}}"#);
            assert_eq!(
                wait(status, "7", &body),
                (false, Some(7)),
                "{status} {body}"
            );
        }
        assert!(!wait(status, "soon", r#"{"error":"x"}"#).0, "{status}");
    }
}

// fault: json-at-a-server-of-forms
#[test]
fn hint_names_the_body_format_if_it_is_json() {
    let json = config()
        .to_builder()
        .body_format(BodyFormat::Json)
        .build()
        .unwrap();
    for (status, body) in [
        (400, r#"{"error":"unsupported_grant_type"}"#),
        (
            400,
            r#"{"error":"invalid_request","error_description":"Missing form parameter: grant_type"}"#,
        ),
        (400, r#"{"message":"grant_type is missing"}"#),
        (400, r#"{"error":"invalid_client"}"#),
        (401, ""),
        (415, ""),
        (415, r#"{"error":"x"}"#),
    ] {
        let error = read_by(&json, status, &[], body);
        assert!(error.hint().unwrap().contains("form"), "{status} {body}");
        let hint = read(status, &[], body).hint().unwrap_or_default();
        assert!(!hint.contains("JSON") || status == 415, "{hint}");
    }
    let error = read_by(&json, 403, &[], r#"{"error":"access_denied"}"#);
    assert_eq!(error.hint(), None);
}
