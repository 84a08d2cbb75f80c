//! Connections that end too early, and bytes that are not HTTP.

use edge_oauth_no_io::TransportErrorKind as Kind;

use crate::exchange::{HALF, assert_half_is_no_token, error_kind, ok, send, status_and_body};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: closed-before-the-response
pub(super) fn connection_closed_before_the_response_is_a_closed_error<S: Subject>() {
    assert_closed::<S>(TestServer::start::<S>(|connection| {
        connection.request().map(drop)
    }));
    assert_closed::<S>(TestServer::start::<S>(|connection| {
        connection.request()?;
        connection.reset()
    }));
    assert_closed::<S>(TestServer::start::<S>(|connection| {
        connection.byte()?;
        connection.reset()
    }));
}

// fault: closed-before-the-response
pub(super) fn half_a_header_is_a_closed_error<S: Subject>() {
    for head in [
        "HTTP/1.",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nx-planted: plan",
    ] {
        assert_closed::<S>(TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(head)
        }));
        assert_closed::<S>(TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(head)?;
            connection.reset()
        }));
    }
}

// fault: cut-body
pub(super) fn body_cut_short_is_a_closed_error<S: Subject>() {
    for response in cut_responses() {
        assert_closed::<S>(TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(&response)
        }));
    }
}

// fault: cut-body
pub(super) fn reset_body_is_a_closed_error<S: Subject>() {
    for response in cut_responses() {
        assert_closed::<S>(TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(&response)?;
            connection.reset()
        }));
    }
}

// fault: cut-body, body-ended-by-close
pub(super) fn reset_body_without_a_length_is_no_token<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        connection.write(format!("HTTP/1.1 200 OK\r\n\r\n{HALF}"))?;
        connection.reset()
    });
    assert_half_is_no_token::<S>(send(&S::new(), &server.url()));
    assert_eq!(server.connections(), 1);
}

// fault: malformed-framing
pub(super) fn malformed_chunk_is_a_protocol_error<S: Subject>() {
    for chunks in [
        "planted\r\naaaa\r\n0\r\n\r\n",
        "-4\r\naaaa\r\n0\r\n\r\n",
        "\r\naaaa\r\n0\r\n\r\n",
        "fffffffffffffffff\r\naaaa\r\n0\r\n\r\n",
        "4\r\naaaaplanted\r\n0\r\n\r\n",
    ] {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_protocol_error::<S>(format!("{head}{chunks}"));
    }
}

// fault: malformed-framing
pub(super) fn malformed_length_is_a_protocol_error<S: Subject>() {
    for length in ["planted", "-1", "99999999999999999999999", "2 1", "0x15"] {
        assert_protocol_error::<S>(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{TOKEN}"
        ));
    }
}

// fault: malformed-framing
pub(super) fn two_lengths_leave_the_next_response_intact<S: Subject>() {
    let (first, second) = TOKEN.split_at(5);
    assert_next_response_intact::<S>(
        &format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: {}\r\n\r\n{first}{second}",
            TOKEN.len()
        ),
        &[first, TOKEN],
    );
}

// fault: malformed-framing
// Chunks override a length (RFC 9112 §6.3)
pub(super) fn chunks_with_a_length_leave_the_next_response_intact<S: Subject>() {
    assert_next_response_intact::<S>(
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n\
         7\r\nchunked\r\n0\r\n\r\n",
        &["chunked"],
    );
}

// fault: not-http, header-flood
pub(super) fn garbage_is_a_protocol_error<S: Subject>() {
    for garbage in [
        b"planted garbage\r\n\r\n".as_slice(),
        b"\0\xff\xfe\x80planted\r\n\r\n",
        b"<html>planted, as HTTP/0.9 would have it</html>",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"HTTP/1.1 planted OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nplanted without a colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-planted: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-planted: a\rb\r\n\r\n",
    ] {
        let server = TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(garbage)
        });
        let kind = error_kind(send(&S::new(), &server.url()));
        let shown = String::from_utf8_lossy(garbage);
        assert_eq!(kind, Kind::Protocol, "{shown}");
        assert_eq!(server.connections(), 1, "{shown}");
    }
}

/// Asserts a transient error about a closed connection, without a retry.
fn assert_closed<S: Subject>(server: TestServer) {
    let error = send(&S::new(), &server.url()).unwrap_err();
    assert_eq!(error.kind(), Kind::Closed, "{error}");
    assert!(error.is_transient());
    assert_eq!(server.connections(), 1);
}

fn assert_protocol_error<S: Subject>(response: String) {
    let shown = response.clone();
    let server = TestServer::start::<S>(move |connection| {
        connection.request()?;
        connection.write(&response)
    });
    let kind = error_kind(send(&S::new(), &server.url()));
    assert_eq!(kind, Kind::Protocol, "{shown}");
    assert_eq!(server.connections(), 1);
}

/// Asserts an error or one of these bodies, and that the rest of the bytes is not read as the next response.
fn assert_next_response_intact<S: Subject>(response: &str, bodies: &[&str]) {
    let response = response.to_owned();
    let server = TestServer::start::<S>(move |connection| {
        connection.request()?;
        if connection.number() == 0 {
            connection.write(&response)?;
            connection.request()?;
        }
        connection.write(ok("second"))
    });
    let subject = S::new();
    match send(&subject, &server.url()) {
        Ok(response) => {
            let body = String::from_utf8_lossy(response.body().as_ref()).into_owned();
            assert!(bodies.contains(&body.as_str()), "{body}");
        }
        Err(error) => assert_eq!(error.kind(), Kind::Protocol, "{error}"),
    }
    let second = status_and_body(send(&subject, &server.url()));
    assert_eq!(second, (200, "second".to_owned()));
}

/// Returns responses that announce more bytes than they contain.
fn cut_responses() -> [String; 4] {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    [
        format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{TOKEN}"),
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".to_owned(),
        format!("{chunked}ff\r\n{TOKEN}"),
        format!("{chunked}{:x}\r\n{TOKEN}\r\n", TOKEN.len()),
    ]
}
