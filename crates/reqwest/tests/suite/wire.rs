//! Faults of connections and responses.

use std::io::{Read, Write};
use std::time::Duration;

use edge_oauth_conformance::ClosedPort;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{RequestLimits, TokenError, TransportErrorKind as Kind, token_request};

use crate::server::{
    LONG, Once, TOKEN, block_on, config, config_at, fetch, kind, read_request, transport,
};

const SHORT: Duration = Duration::from_millis(300);

// fault: connection-refused
#[test]
fn refused_connection_is_a_connect_error() {
    let closed = ClosedPort::take();
    let url = format!("http://{}/token", closed.address());
    assert_eq!(kind(&transport(), &config_at(&url)), Kind::Connect);
}

// fault: silent-server
#[test]
fn missing_response_times_out() {
    let edge = LocalEdge::start().unwrap();
    let _held = edge.hold();
    let error = block_on(transport().fetch(&config(&edge), SHORT)).unwrap_err();
    assert!(matches!(error, TokenError::Transport(error) if error.kind() == Kind::Timeout));
}

#[test]
fn zero_and_huge_time_limits_are_accepted() {
    let edge = LocalEdge::start().unwrap();
    let transport = transport();
    block_on(transport.fetch(&config(&edge), Duration::MAX)).unwrap();
    let _held = edge.hold();
    let error = block_on(transport.fetch(&config(&edge), Duration::ZERO)).unwrap_err();
    assert!(matches!(error, TokenError::Transport(error) if error.kind() == Kind::Timeout));
}

// fault: slow-response
#[test]
fn endless_body_times_out() {
    let server = Once::serving(|mut stream| {
        let request = read_request(&mut stream);
        stream.write_all(&TOKEN[..TOKEN.len() - 1]).unwrap();
        // Until the client closes.
        let _ = stream.read(&mut [0]);
        request
    });
    let config = config_at(&server.url());
    let error = block_on(transport().fetch(&config, SHORT)).unwrap_err();
    assert!(matches!(error, TokenError::Transport(error) if error.kind() == Kind::Timeout));
}

// fault: closed-before-the-response, cut-body
#[test]
fn connection_that_ends_early_is_a_closed_error() {
    for response in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Le",
        &TOKEN[..TOKEN.len() - 1],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"acc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"acc\r\n",
    ] {
        let server = Once::responding(response);
        let text = String::from_utf8_lossy(response);
        assert_eq!(
            kind(&transport(), &config_at(&server.url())),
            Kind::Closed,
            "{text}"
        );
    }
}

// fault: malformed-framing, not-http
#[test]
fn bytes_that_are_not_http_are_a_protocol_error() {
    for response in [
        "garbage\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\u{7f}",
        "{\"access_token\":\"abc\"}",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    ] {
        let server = Once::responding(response);
        assert_eq!(
            kind(&transport(), &config_at(&server.url())),
            Kind::Protocol,
            "{response}"
        );
    }
}

// fault: body-ended-by-close
#[test]
fn body_without_a_length_ends_with_its_connection() {
    let server = Once::responding(
        "HTTP/1.1 200 OK\r\n\r\n{\"access_token\":\"a\",\"token_type\":\"Bearer\"}",
    );
    fetch(&transport(), &config_at(&server.url())).unwrap();
}

// fault: body-too-large
#[test]
fn body_over_the_limit_is_too_large() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(200).body(vec![b' '; 200 * 1024])])
        .unwrap();
    assert_eq!(kind(&transport(), &config(&edge)), Kind::BodyTooLarge);
}

// fault: body-too-large
#[test]
fn body_limit_of_the_caller_is_exact() {
    let edge = LocalEdge::start().unwrap();
    let limits = RequestLimits::new(LONG, 1000);
    for length in [1000, 1001] {
        edge.script([Fault::status(200).body(vec![b'a'; length])])
            .unwrap();
        let response = block_on(transport().send(token_request(&config(&edge)).unwrap(), limits));
        match response {
            Ok(response) => assert_eq!(response.body().as_ref().len(), 1000),
            Err(error) => assert_eq!((error.kind(), length), (Kind::BodyTooLarge, 1001)),
        }
    }
}
