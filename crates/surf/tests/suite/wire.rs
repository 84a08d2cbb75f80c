//! Faults of connections and responses, against the crate's own back end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use async_std::task::block_on;
use edge_oauth_conformance::ClosedPort;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_no_io::{BasicEncoding, RequestLimits, TransportErrorKind as Kind, token_request};
use edge_oauth_surf::{Hyper1Client, SurfTransport};

use crate::server::{LONG, Once, SECRET, config_at, kind, read_request, send};

const TOKEN: &str = r#"{"access_token":"abc","expires_in":60}"#;

fn asked(response: impl Into<Vec<u8>>) -> Result<String, Kind> {
    let server = Once::with(response);
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
// The query arrives byte for byte, and each header once.
#[test]
fn token_request_arrives_unchanged() {
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
// The headers of the response are returned unchanged.
#[test]
fn response_is_returned_unchanged() {
    let bytes = "HTTP/1.1 200 OK\r\ndate: yesterday\r\nx-twice: 1\r\nx-twice: 2\r\n\
                  x-odd: caf\u{e9}\r\ncontent-length: 0\r\n\r\n";
    let server = Once::with(bytes);
    let response = send(&SurfTransport::new(), &server.url()).unwrap();
    let headers = response.headers();
    assert_eq!(headers["date"], "yesterday");
    assert_eq!(headers.get_all("x-twice").iter().count(), 2);
    assert_eq!(headers["x-odd"].as_bytes(), "caf\u{e9}".as_bytes());
    assert_eq!(headers.get("content-type"), None);
    assert!(response.body().as_ref().is_empty());

    // A surf client accepts only ASCII.
    let server = Once::with(bytes);
    let client = surf::Client::with_http_client(Hyper1Client::new());
    let response = send(&SurfTransport::with_client(client), &server.url()).unwrap();
    assert_eq!(response.headers()["x-odd"], "caf??");
}

// fault: connection-refused
#[test]
fn refused_connection_is_a_connect_error() {
    let closed = ClosedPort::take();
    let url = format!("http://{}/", closed.address());
    let error = send(&SurfTransport::new(), &url).unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
}

// fault: closed-before-the-response, cut-body
#[test]
fn response_cut_short_is_a_closed_error() {
    for response in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ] {
        assert_eq!(asked(response), Err(Kind::Closed), "{response}");
    }
}

// fault: body-ended-by-close
#[test]
fn body_without_a_length_ends_with_its_connection() {
    let response = format!("HTTP/1.1 200 OK\r\n\r\n{TOKEN}");
    assert_eq!(asked(response).as_deref(), Ok(TOKEN));
    let response = format!("HTTP/1.0 200 OK\r\n\r\n{TOKEN}");
    assert_eq!(asked(response).as_deref(), Ok(TOKEN));
}

#[test]
fn chunked_body_is_joined() {
    let response = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{TOKEN}\r\n0\r\n\r\n",
        TOKEN.len()
    );
    assert_eq!(asked(response).as_deref(), Ok(TOKEN));
}

// fault: interim-responses
#[test]
fn interim_responses_are_skipped() {
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    ] {
        for times in [1, 500] {
            let response = interim.repeat(times) + &ok();
            assert_eq!(asked(response).as_deref(), Ok(TOKEN));
        }
    }
}

// fault: 1xx-as-the-final-status
#[test]
fn switch_of_protocols_is_a_protocol_error() {
    let server = Once::with("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");
    let fetched = SurfTransport::new();
    let error = crate::server::fetch(&fetched, &config_at(&server.url())).unwrap_err();
    assert_eq!(kind(&error), Kind::Protocol);
}

// fault: malformed-framing, not-http, header-flood
#[test]
fn bytes_that_are_not_http_are_a_protocol_error() {
    let flood = "x: y\r\n".repeat(200);
    let large = "y".repeat(64 * 1024);
    for response in [
        "hello\r\n\r\n".to_owned(),
        "<html>HTTP/0.9</html>".repeat(10),
        "\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{28}".repeat(10),
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{flood}\r\n"),
        format!("HTTP/1.1 200 OK\r\nx: {large}\r\n\r\n"),
    ] {
        assert_eq!(
            asked(response.as_str()),
            Err(Kind::Protocol),
            "{response:.99}"
        );
    }
}

// fault: slow-response, silent-server
// A timeout closes the connection in each state.
#[test]
fn timeout_closes_the_connection() {
    for response in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
    ] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            read_request(&mut stream);
            stream.write_all(response.as_bytes()).unwrap();
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
fn bytes_after_a_response_are_ignored() {
    let response = ok() + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    assert_eq!(asked(response).as_deref(), Ok(TOKEN));
}
