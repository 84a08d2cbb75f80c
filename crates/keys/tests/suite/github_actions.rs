//! The identity of a job, from a server on the loopback that plays GitHub's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use edge_oauth_driver::testing::{ScriptedTransport, block_on};
use edge_oauth_driver::{AsyncAssertionSource, blocking, nonblocking};
use edge_oauth_keys::{AsyncGitHubActions, GitHubActions};
use edge_oauth_no_io::{
    AssertionRequest, Purpose, RequestLimits, Secret, SecretBytes, TransportError,
    TransportErrorKind,
};
use http::{Request, Response};

use crate::file::{jwt, text};

/// Answers one request, and returns its head.
fn server(status: u16, body: &str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://{}/id?api-version=2.0",
        listener.local_addr().unwrap()
    );
    let response = format!(
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = String::new();
        let mut reader = BufReader::new(&stream);
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
        }
        stream.write_all(response.as_bytes()).unwrap();
        head
    });
    (url, server)
}

/// As little HTTP as these tests need.
#[derive(Clone)]
struct Plain;

fn send(request: &Request<SecretBytes>) -> std::io::Result<Response<SecretBytes>> {
    let uri = request.uri();
    let mut stream = TcpStream::connect(uri.authority().unwrap().as_str())?;
    write!(stream, "GET {} HTTP/1.1\r\n", uri.path_and_query().unwrap())?;
    for (name, value) in request.headers() {
        write!(stream, "{name}: {}\r\n", value.to_str().unwrap())?;
    }
    stream.write_all(b"\r\n")?;
    let mut received = String::new();
    stream.read_to_string(&mut received)?;
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    let mut response = Response::new(SecretBytes::new(body.into()));
    *response.status_mut() = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(response)
}

impl blocking::Transport for Plain {
    fn send(
        &self,
        request: Request<SecretBytes>,
        _: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        send(&request).map_err(|error| TransportError::new(TransportErrorKind::Connect, error))
    }
}

impl nonblocking::Transport for Plain {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        _: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        send(&request).map_err(|error| TransportError::new(TransportErrorKind::Connect, error))
    }
}

fn source(url: &str) -> GitHubActions<Plain> {
    GitHubActions::new(
        Plain,
        url,
        Secret::new("runner"),
        Some("https://login.example/?a=b c"),
    )
    .unwrap()
    .clock(|| Duration::from_secs(1000))
}

#[test]
fn jwt_is_requested_with_the_audience_and_the_runners_token() {
    let jwt = jwt(r#"{"exp":1300}"#);
    let (url, server) = server(200, &format!(r#"{{"count":1,"value":"{jwt}"}}"#));
    assert_eq!(text(&source(&url)).unwrap(), jwt);
    let head = server.join().unwrap();
    let audience = "audience=https%3A%2F%2Flogin.example%2F%3Fa%3Db+c";
    assert!(
        head.starts_with(&format!("GET /id?api-version=2.0&{audience} HTTP/1.1\r\n")),
        "{head}"
    );
    assert!(head.contains("authorization: bearer runner\r\n"), "{head}");
}

#[test]
fn jwt_is_requested_over_an_asynchronous_transport() {
    let (url, server) = server(200, r#"{"value":"header.claims.signature"}"#);
    let source = AsyncGitHubActions::new(Plain, &url, Secret::new("runner"), None).unwrap();
    let request = AssertionRequest::new(Purpose::ClientAuth);
    let jwt = block_on(source.assertion(&request)).unwrap();
    assert_eq!(jwt.expose(), "header.claims.signature");
    assert!(
        server
            .join()
            .unwrap()
            .starts_with("GET /id?api-version=2.0 HTTP/1.1\r\n")
    );
}

#[test]
fn error_response_says_whether_it_may_pass_and_quotes_no_body() {
    for (status, body, transient, part) in [
        (401, "s3cret", false, "`permissions: id-token: write`"),
        (403, "s3cret", false, "`permissions: id-token: write`"),
        (404, "s3cret", false, "status 404"),
        (302, "s3cret", false, "status 302"),
        (429, "s3cret", true, "status 429"),
        (503, "s3cret", true, "status 503"),
        (200, "<html>s3cret", true, "no `value`"),
        (200, r#"{"value":["s3cret"]}"#, true, "no `value`"),
        (200, r#"{"value":""}"#, true, "is empty"),
        (200, r#"{"value":"s3cret with spaces"}"#, false, "a space"),
        (
            200,
            r#"{"value":"e30.eyJleHAiOjk5MH0.s3cret"}"#,
            true,
            "expired 10 s ago",
        ),
    ] {
        let (url, server) = server(status, body);
        let error = text(&source(&url)).unwrap_err();
        server.join().unwrap();
        assert_eq!(error.is_transient(), transient, "{error}");
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

// fault: error-without-a-host
#[test]
fn transport_error_is_the_cause_and_decides_whether_it_may_pass() {
    for (kind, transient) in [
        (TransportErrorKind::Connect, true),
        (TransportErrorKind::Certificate, false),
    ] {
        let transport =
            ScriptedTransport::new(move |_request| Err(TransportError::new(kind, "no route")));
        let url = "https://token.actions.example/";
        let source = GitHubActions::new(transport, url, Secret::new("runner"), None).unwrap();
        let error = text(&source).unwrap_err();
        assert_eq!(error.is_transient(), transient);
        let cause = std::error::Error::source(&error).unwrap();
        assert!(cause.to_string().contains("no route"), "{cause}");
        let cause: &TransportError = cause.downcast_ref().unwrap();
        assert_eq!(cause.host(), Some("token.actions.example:443"));
    }
}

#[test]
fn runners_token_is_not_sent_without_tls_to_another_host() {
    for url in [
        "http://token.actions.example/id",
        "no url",
        "",
        "ftp://127.0.0.1/",
    ] {
        let source = GitHubActions::new(Plain, url, Secret::new("runner"), None);
        assert!(!source.unwrap_err().is_transient(), "{url}");
    }
    let header = GitHubActions::new(Plain, "https://a.example/", Secret::new("run\nner"), None);
    let error = header.unwrap_err().to_string();
    assert!(
        error.contains("ACTIONS_ID_TOKEN_REQUEST_TOKEN") && !error.contains("run"),
        "{error}"
    );
}
