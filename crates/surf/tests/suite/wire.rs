//! What the wire can do, each against the crate's own back end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use async_std::task::block_on;
use edge_oauth_conformance::ClosedPort;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_no_io::{BasicEncoding, RequestLimits, TransportErrorKind as Kind, token_request};
use edge_oauth_surf::{Hyper1Client, SurfTransport};

use crate::peer::{LONG, Once, SECRET, config_at, kind, read_request, send};

const TOKEN: &str = r#"{"access_token":"abc","expires_in":60}"#;

fn asked(answer: impl Into<Vec<u8>>) -> Result<String, Kind> {
    let server = Once::with(answer);
    let outcome = send(&SurfTransport::new(), &server.url());
    server.request();
    match outcome {
        Ok(response) => Ok(String::from_utf8(response.body().as_ref().to_vec()).unwrap()),
        Err(error) => {
            let printed = format!("{error} {error:?}");
            assert!(!printed.contains(SECRET), "{printed}");
            Err(error.kind())
        }
    }
}

fn ok() -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{TOKEN}",
        TOKEN.len()
    )
}

// fault: query-in-the-endpoint, request-headers
// The query byte for byte, each header once.
#[test]
fn the_request_is_the_core_s() {
    let server = Once::with(ok());
    let url = format!("{}?p=1&q=%7e+%2F&r&s='{{}}'", server.url());
    let config = config_at(&url)
        .to_builder()
        .basic_auth(BasicEncoding::Percent)
        .build()
        .unwrap();
    let request = token_request(&config).unwrap();
    block_on(SurfTransport::new().send(request, RequestLimits::token(LONG))).unwrap();
    let address = server.address;
    let request = server.request();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "grant_type=client_credentials");
    let mut lines = head.split("\r\n");
    assert_eq!(
        lines.next(),
        Some("POST /token?p=1&q=%7e+%2F&r&s='{}' HTTP/1.1")
    );
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept: application/json",
            "authorization: Basic bXktY2xpZW50OnMzY3JldC1vZi10aGUtdGVzdHM=",
            "connection: close",
            "content-length: 29",
            "content-type: application/x-www-form-urlencoded",
            &format!("host: {address}"),
            concat!("user-agent: edge-oauth-surf/", env!("CARGO_PKG_VERSION")),
        ]
    );
}

// fault: cache-headers
// The response's headers arrive as they were sent.
#[test]
fn the_answer_is_the_server_s() {
    let answer = "HTTP/1.1 200 OK\r\ndate: yesterday\r\nx-twice: 1\r\nx-twice: 2\r\n\
                  x-odd: caf\u{e9}\r\ncontent-length: 0\r\n\r\n";
    let server = Once::with(answer);
    let response = send(&SurfTransport::new(), &server.url()).unwrap();
    let headers = response.headers();
    assert_eq!(headers["date"], "yesterday");
    assert_eq!(headers.get_all("x-twice").iter().count(), 2);
    assert_eq!(headers["x-odd"].as_bytes(), "caf\u{e9}".as_bytes());
    assert_eq!(headers.get("content-type"), None);
    assert!(response.body().as_ref().is_empty());

    // A surf client takes ASCII only.
    let server = Once::with(answer);
    let client = surf::Client::with_http_client(Hyper1Client::new());
    let response = send(&SurfTransport::with_client(client), &server.url()).unwrap();
    assert_eq!(response.headers()["x-odd"], "caf??");
}

// fault: connection-refused
#[test]
fn a_refused_connection() {
    let closed = ClosedPort::take();
    let url = format!("http://{}/", closed.address());
    let error = send(&SurfTransport::new(), &url).unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
}

// fault: closed-before-the-response, cut-body
#[test]
fn an_answer_that_is_cut_off() {
    for answer in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ] {
        assert_eq!(asked(answer), Err(Kind::Closed), "{answer}");
    }
}

// fault: body-ended-by-close
#[test]
fn a_body_that_ends_with_the_connection() {
    let answer = format!("HTTP/1.1 200 OK\r\n\r\n{TOKEN}");
    assert_eq!(asked(answer).as_deref(), Ok(TOKEN));
    let answer = format!("HTTP/1.0 200 OK\r\n\r\n{TOKEN}");
    assert_eq!(asked(answer).as_deref(), Ok(TOKEN));
}

#[test]
fn a_chunked_body() {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{TOKEN}\r\n0\r\n\r\n",
        TOKEN.len()
    );
    assert_eq!(asked(answer).as_deref(), Ok(TOKEN));
}

// fault: interim-responses
#[test]
fn interim_answers_are_passed_over() {
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    ] {
        for times in [1, 500] {
            let answer = interim.repeat(times) + &ok();
            assert_eq!(asked(answer).as_deref(), Ok(TOKEN));
        }
    }
}

// fault: 1xx-as-the-final-status
#[test]
fn a_switch_of_protocols_is_no_final_answer() {
    let server = Once::with("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");
    let fetched = SurfTransport::new();
    let error = crate::peer::fetch(&fetched, &config_at(&server.url())).unwrap_err();
    assert_eq!(kind(&error), Kind::Protocol);
}

// fault: malformed-framing, not-http, header-flood
#[test]
fn what_is_not_http() {
    let flood = "x: y\r\n".repeat(200);
    let large = "y".repeat(64 * 1024);
    for answer in [
        "hello\r\n\r\n".to_owned(),
        "<html>HTTP/0.9</html>".repeat(10),
        "\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{28}".repeat(10),
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{flood}\r\n"),
        format!("HTTP/1.1 200 OK\r\nx: {large}\r\n\r\n"),
    ] {
        assert_eq!(asked(answer.as_str()), Err(Kind::Protocol), "{answer:.99}");
    }
}

// fault: slow-response, silent-server
// A timeout closes the connection, wherever it falls.
#[test]
fn a_timeout_closes_the_connection() {
    for answer in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            read_request(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            stream.read(&mut [0]).map_or(0, |length| length)
        });
        let bounds = RequestLimits::token(Duration::from_millis(100));
        let request = token_request(&config_at(&url)).unwrap();
        let error = block_on(SurfTransport::new().send(request, bounds)).unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout);
        assert_eq!(server.join().unwrap(), 0);
    }
}

// fault: bytes-after-a-response
#[test]
fn what_follows_the_answer_is_nobody_s() {
    let answer = ok() + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    assert_eq!(asked(answer).as_deref(), Ok(TOKEN));
}
