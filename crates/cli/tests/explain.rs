//! `edge-oauth explain`: responses and their explanations.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::Home;
use edge_oauth_local::{AUDIENCE, Fault, LocalEdge, Options, Quota};
use serde_json::Value;

fn text(answer: &str) -> String {
    Home::new().run(["explain"]).input(answer).finish().quiet()
}

fn json(answer: &str) -> Value {
    let out = Home::new()
        .run(["explain", "-o", "json"])
        .input(answer)
        .finish()
        .quiet();
    serde_json::from_str(&out).unwrap()
}

/// Returns the output of `curl -i` for a token request.
fn asked(edge: &LocalEdge, secret: &str) -> String {
    let form = format!(
        "grant_type=client_credentials&audience={AUDIENCE}&client_id={}&client_secret={secret}",
        edge.client_id()
    );
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        edge.address(),
        form.len(),
    );
    let mut stream = TcpStream::connect(edge.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Returns the token in this response.
fn token(answer: &str) -> String {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn a_token_is_shortened_and_its_claims_are_readable() {
    let edge = LocalEdge::start_with(Options::default().quota(Quota::PerHour(10))).unwrap();
    let answer = asked(&edge, edge.client_secret());
    let (out, token) = (text(&answer), token(&answer));
    for line in [
        "A token.",
        "  status    200 OK",
        &format!(
            "  token     {}... ({} characters)",
            &token[..8],
            token.len()
        ),
        "  type      Bearer",
        "  lifetime  1d (86400 s), until 2",
        "  scope     edge.content:clearall edge.tokens:create",
        "  aud    https://api.sitecorecloud.io",
        "  https://auth.sitecorecloud.io/claims/org_id  org_local",
        "  client, per_hour  9 of 10 left, anew in ",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    assert!(
        out.contains("Z, in ") && out.contains("Its claims, not verified"),
        "{out}"
    );
    for part in token.split('.') {
        assert!(!out.contains(part), "a part of the token in {out}");
    }
}

#[test]
fn json_has_the_same_facts() {
    let edge = LocalEdge::start().unwrap();
    let answer = asked(&edge, edge.client_secret());
    let (json, token) = (json(&answer), token(&answer));
    assert_eq!(json["result"], "token");
    assert_eq!(json["status"], 200);
    assert_eq!(json["token"]["length"], token.len());
    assert_eq!(json["token"]["expires_in"], 86400);
    assert_eq!(json["token"]["claims"]["gty"], "client-credentials");
    assert!(!json.to_string().contains(&token));
    assert!(!json.to_string().contains(token.rsplit('.').next().unwrap()));
}

#[test]
fn error_response_names_the_culprit_and_the_hint() {
    let edge = LocalEdge::start().unwrap();
    let answer = asked(&edge, "wrong");
    let out = text(&answer);
    assert!(
        out.starts_with("No token: the token endpoint responded with status 401: "),
        "{out}"
    );
    for part in [
        "code          access_denied",
        "description   Unauthorized",
        "fault         ours",
        "trying again  cannot help until something is changed",
        "hint          the client id or the client secret is wrong",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let json = json(&answer);
    assert_eq!(json["result"], "error");
    assert_eq!(json["error"]["culprit"], "config");
    assert_eq!(json["error"]["transient"], false);
    assert_eq!(json["error"]["retry_after"], Value::Null);
}

#[test]
fn hints_of_experience_edge_are_only_for_its_responses() {
    let answer = "HTTP/1.1 403 Forbidden\r\n\r\n{\"error\":\"access_denied\",\"error_description\":\"Service not enabled within domain: x\"}";
    assert!(text(answer).contains("https://api.sitecorecloud.io"));
    let home = Home::new();
    let generic = home.run(["explain", "--generic"]).input(answer);
    assert!(!generic.finish().quiet().contains("sitecore"));
}

#[test]
fn wait_is_the_retry_after_of_the_response() {
    let edge = LocalEdge::start_with(Options::default().quota(Quota::PerHour(0))).unwrap();
    let out = text(&asked(&edge, edge.client_secret()));
    assert!(out.contains("fault         the token server's"), "{out}");
    assert!(out.contains("trying again  can help, after "), "{out}");
    assert!(out.contains("client, per_hour  0 of 0 left"), "{out}");

    // A date counts from the response's own date, at any time.
    let answer = "HTTP/2 503 \nDate: Wed, 21 Oct 2015 07:28:00 GMT\nRetry-After: Wed, 21 Oct 2015 07:29:30 GMT\n\n";
    assert!(text(answer).contains("can help, after 1m 30s"));
    assert_eq!(json(answer)["error"]["retry_after"], 90);
    let rate = "HTTP/2 429 \nDate: Thu, 01 Jan 1970 00:01:40 GMT\nx-ratelimit-limit: 10\nx-ratelimit-remaining: 0\nx-ratelimit-reset: 103\n\n";
    assert!(text(rate).contains("rate  0 of 10 left, anew in 3s"));
    assert_eq!(json(rate)["limits"]["rate"]["reset"], 3);
}

#[test]
fn a_web_page_is_no_token() {
    let edge = LocalEdge::start().unwrap();
    let page = Fault::status(200)
        .header("content-type", "text/html")
        .body("<html>s3cret");
    edge.script([page]).unwrap();
    let out = text(&asked(&edge, edge.client_secret()));
    assert!(out.contains("content-type text/html is neither"), "{out}");
    assert!(out.contains("captive portal"), "{out}");
    assert!(!out.contains("s3cret"), "{out}");
}

#[test]
fn a_body_alone_is_read_with_its_status() {
    let out = Home::new()
        .run(["explain", "--status", "401"])
        .input(r#"{"error":"invalid_client"}"#)
        .finish()
        .quiet();
    assert!(out.contains("invalid_client"));
    let err = Home::new().run(["explain"]).input("{}").finish().fails(2);
    assert!(
        err.contains("status line") && err.contains("--status"),
        "{err}"
    );
}

#[test]
fn skipped_lines_are_listed() {
    let out = text("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Unauthorized\r\nnonsense\r\n\r\n{}");
    assert!(out.contains("before it  HTTP/1.1 100 Continue"), "{out}");
    assert!(
        out.contains("line 4     no header: it has no colon"),
        "{out}"
    );
}

#[test]
fn response_cannot_control_the_terminal() {
    let claims = "eyJzdWIiOiJcdTAwMWJbMzFtXHUyMDJlIn0"; // {"sub":"\u001b[31m\u202e"}
    for answer in [
        "HTTP/1.1 401 \u{1b}[31m\nx\u{1b}: 1\n\n{\"error\":\"\\u001b[31m\",\"error_description\":\"\\u202e\"}".to_owned(),
        format!("HTTP/1.1 200\n\n{{\"access_token\":\"eyJhIjoxfQ.{claims}.c2ln\",\"scope\":\"\\u001b[31m\"}}"),
    ] {
        let out = text(&answer);
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
    }
}

#[test]
fn input_above_the_limit_is_refused() {
    let err = Home::new()
        .run(["explain"])
        .input(vec![b'a'; 1024 * 1024 + 1])
        .finish()
        .fails(2);
    assert!(err.contains("more than 1048576 bytes"), "{err}");
    let err = Home::new().run(["explain"]).finish().fails(2);
    assert!(err.contains("it is empty"), "{err}");
    let home = Home::new();
    let verbose = home.run(["explain"]).input("* Trying 127.0.0.1:80...\n");
    let err = verbose.finish().fails(2);
    assert!(
        err.contains("curl -v") && err.contains("try: run curl -si"),
        "{err}"
    );
}

/// Returns the response of a server that rejects an assertion.
fn rejected(description: &str) -> String {
    format!(
        "HTTP/1.1 401 X\r\nDate: Thu, 26 Nov 2026 10:00:00 GMT\r\nContent-Type: application/json\r\n\r\n\
         {{\"error\":\"invalid_client\",\"error_description\":\"{description}\"}}"
    )
}

#[test]
fn rejected_assertion_is_explained_by_what_servers_check() {
    let run = |arguments: &[&str], answer: &str| {
        let arguments = [&["explain"], arguments].concat();
        Home::new().run(arguments).input(answer).finish().quiet()
    };
    let by_method = ["--client-auth", "private-key-jwt"];
    for (arguments, answer) in [
        (&by_method[..], rejected("no")),
        (&["--client-auth", "client-secret-jwt"], rejected("no")),
        // The server's description is enough without the option.
        (&[], rejected("client_assertion: jwt expired")),
        (&["--generic"], rejected("Invalid JWT signature")),
    ] {
        let out = run(arguments, &answer);
        for check in ["clock", "aud", "exp", "iss, sub", "kid, alg", "jti"] {
            assert!(out.contains(&format!("\n  {check} ")), "{check}: {out}");
        }
        assert!(
            out.contains("assertion") && out.contains("--assertion-audience"),
            "{out}"
        );
        assert!(
            out.contains("dated its response 2026-11-26T10:00:00Z, "),
            "{out}"
        );
    }
    for (arguments, answer) in [
        (&[][..], rejected("wrong client or secret")),
        (
            &["--client-auth", "client-secret-post"],
            rejected("jwt expired"),
        ),
    ] {
        let out = run(arguments, &answer);
        assert!(
            out.contains("client secret is wrong") && !out.contains("\n  aud "),
            "{out}"
        );
    }
    let out = run(&["--client-auth", "tls-client-auth"], &rejected("no"));
    assert!(
        out.contains("client certificate") && !out.contains("\n  aud "),
        "{out}"
    );
    let out = run(&["--client-auth", "none"], &rejected("no"));
    assert!(
        out.contains("requires this client to authenticate"),
        "{out}"
    );
    let out = run(
        &[],
        &rejected("the assertion's aud is wrong").replace("invalid_client", "invalid_grant"),
    );
    assert!(out.contains("\n  aud "), "{out}");
}

#[test]
fn json_lists_what_servers_check_in_an_assertion() {
    let json = json(&rejected("jwt expired"));
    let checks = json["error"]["assertion"].as_array().unwrap();
    assert_eq!(checks.len(), 6);
    assert_eq!(checks[1]["check"], "aud");
    assert!(
        json["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("assertion")
    );
}
