//! Complete responses, which a transport returns unchanged.

use edge_oauth_no_io::{RequestLimits, TransportError, TransportErrorKind, token_response};
use http::HeaderMap;

use crate::exchange::{
    LONG, SHORT, SOCKETS, config, error_kind, large_request, ok, send, send_request, send_within,
    status_and_body,
};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: another-2xx, redirect-on-the-same-host, transient-status, 429-without-json
// A transport neither interprets the status nor retries
pub(super) fn every_status_is_returned_as_a_response<S: Subject>() {
    for status in STATUSES {
        let server = TestServer::responding::<S>(move |_| {
            let body = if has_body(status) { TOKEN } else { "" };
            let length = match has_body(status) {
                true => format!("content-length: {}\r\n", body.len()),
                false => String::new(),
            };
            let head = format!("HTTP/1.1 {status} What It Is\r\n{HEADERS}{length}\r\n");
            [head.as_bytes(), body.as_bytes()].concat()
        });
        let response = send(&S::new(), &server.url()).unwrap();
        assert_eq!(response.status(), status);
        let body = if has_body(status) { TOKEN } else { "" };
        assert_eq!(response.body().as_ref(), body.as_bytes(), "{status}");
        assert_eq!(
            all(response.headers(), "x-once"),
            ["a b;c=\"d\""],
            "{status}"
        );
        assert_eq!(all(response.headers(), "x-twice"), ["1", "2"], "{status}");
        for name in [
            "retry-after",
            "location",
            "www-authenticate",
            "proxy-authenticate",
        ] {
            assert_eq!(all(response.headers(), name).len(), 1, "{status}: {name}");
        }
        assert_eq!(server.requests().len(), 1, "{status} was retried");
    }
}

// fault: interim-responses
pub(super) fn interim_responses_are_skipped<S: Subject>() {
    for interim in [CONTINUE.repeat(500), CONTINUE.to_owned(), HINTS.repeat(2)] {
        let flood = interim.len() > 1000;
        let server =
            TestServer::responding::<S>(move |_| [interim.as_bytes(), &ok(TOKEN)].concat());
        match send(&S::new(), &server.url()) {
            Ok(response) => {
                assert_eq!(response.status(), 200);
                assert_eq!(response.body().as_ref(), TOKEN.as_bytes());
            }
            Err(error) => {
                assert_eq!(error.kind(), TransportErrorKind::Protocol);
                assert!(flood, "a single interim response is allowed: {error}");
            }
        }
        assert_eq!(server.requests().len(), 1);
    }
}

// fault: interim-responses
pub(super) fn endless_interim_responses_are_cut_off<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        connection.flood(CONTINUE.as_bytes())
    });
    let kind = error_kind(send_within(
        &S::new(),
        &server.url(),
        RequestLimits::token(SHORT),
    ));
    assert!(
        matches!(
            kind,
            TransportErrorKind::Timeout | TransportErrorKind::Protocol
        ),
        "{kind:?}"
    );
    server.wait_for_end(0);
    assert_eq!(server.connections(), 1);
}

// fault: 1xx-as-the-final-status
// A library may return the interim response; the core rejects it
pub(super) fn interim_response_alone_is_a_transient_error<S: Subject>() {
    for status in [100, 101, 103] {
        let server = TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(format!("HTTP/1.1 {status} Early\r\n\r\n"))
        });
        let error = match send(&S::new(), &server.url()) {
            Ok(response) => token_response(&config(&server.url()), &response).unwrap_err(),
            Err(error) => error.into(),
        };
        assert!(error.is_transient(), "{error}");
        assert_eq!(server.connections(), 1);
    }
}

// fault: response-before-the-request-ends
pub(super) fn response_before_the_request_ends_is_returned<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        let mut request = connection.head()?;
        connection.write(ok(TOKEN))?;
        connection.body(&mut request)?;
        connection.read_until_closed()
    });
    let request = large_request(&server.url());
    let result = send_request(&S::new(), request, RequestLimits::token(LONG));
    assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
    assert_eq!(server.connections(), 1);
}

// fault: response-before-the-request
pub(super) fn response_before_the_request_is_returned_or_an_error_that_says_so<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.write(ok(TOKEN))?;
        connection.request()?;
        connection.read_until_closed()
    });
    match send(&S::new(), &server.url()) {
        Ok(response) => assert_eq!(response.body().as_ref(), TOKEN.as_bytes()),
        Err(error) => {
            assert!(error.is_transient(), "{error}");
            assert_ne!(error, TransportError::new(TransportErrorKind::Other, ""));
        }
    }
}

// fault: response-before-the-request-ends
// The reset may overtake the response
pub(super) fn close_before_the_request_ends_is_a_response_or_a_closed_error<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.head()?;
        connection.write(format!(
            "HTTP/1.1 413 Too Large\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{TOKEN}",
            TOKEN.len()
        ))
    });
    let request = large_request(&server.url());
    match send_request(&S::new(), request, RequestLimits::token(LONG)) {
        Ok(response) => {
            assert_eq!(response.status(), 413);
            assert_eq!(response.body().as_ref(), TOKEN.as_bytes());
        }
        Err(error) => assert_eq!(error.kind(), TransportErrorKind::Closed),
    }
    assert_eq!(server.connections(), 1);
}

// fault: header-flood
pub(super) fn endless_header_is_a_protocol_error<S: Subject>() {
    let line = format!("x-planted: {}\r\n", TOKEN.repeat(40));
    let name = format!("x-{}", "planted".repeat(1000));
    for lines in [line, name] {
        let server = TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write("HTTP/1.1 200 OK\r\n")?;
            connection.flood(lines.as_bytes())
        });
        let kind = error_kind(send(&S::new(), &server.url()));
        assert_eq!(kind, TransportErrorKind::Protocol);
        assert!(server.wait_for_end(0) < SOCKETS);
        assert_eq!(server.connections(), 1);
    }
}

// fault: header-flood
// Every transport rejects a thousand fields; the subject says whether it reads a long one
pub(super) fn large_header_is_read_or_a_protocol_error<S: Subject>() {
    let long = format!("x-long: {}\r\n", "a".repeat(64 * 1024));
    let many = "x-many: a\r\n".repeat(1000);
    for (lines, read) in [(long, S::large_header_fields_are_read()), (many, false)] {
        let server = TestServer::start::<S>(move |connection| {
            connection.request()?;
            let length = TOKEN.len();
            connection.write(format!(
                "HTTP/1.1 200 OK\r\n{lines}content-length: {length}\r\n\r\n{TOKEN}"
            ))?;
            connection.read_until_closed()
        });
        let result = send(&S::new(), &server.url());
        if read {
            assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
        } else {
            assert_eq!(error_kind(result), TransportErrorKind::Protocol);
        }
        assert_eq!(server.connections(), 1);
    }
}

fn all<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

/// RFC 9110 §15.3.5, §15.4.5.
fn has_body(status: u16) -> bool {
    !matches!(status, 204 | 304)
}

const STATUSES: [u16; 40] = [
    200, 201, 202, 203, 204, 206, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399, 400, 401,
    403, 404, 405, 407, 408, 409, 410, 413, 415, 421, 425, 429, 431, 499, 500, 501, 502, 503, 504,
    511, 599,
];

const HEADERS: &str = "x-once: a b;c=\"d\"\r\nx-twice: 1\r\nX-Twice: 2\r\nRetry-After: 7\r\n\
    location: /elsewhere\r\nwww-authenticate: Basic realm=\"a\"\r\n\
    proxy-authenticate: Basic realm=\"a\"\r\n";

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
