//! Answers that are whole: whatever they say, they come back as they were sent.

use edge_oauth_no_io::{RequestLimits, TransportErrorKind, token_response};
use http::HeaderMap;

use crate::exchange::{
    LONG, SHORT, SOCKETS, answered, config, failed, large_request, ok, send, send_request,
    send_within,
};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::Peer;
use crate::subject::Subject;

// fault: another-2xx, redirect-on-the-same-host, transient-status, 429-without-json
// The status decides nothing here, and no status is sent for again
pub(super) fn every_status_is_returned_as_a_response<S: Subject>() {
    for status in STATUSES {
        let peer = Peer::answering::<S>(move |_| {
            let body = if has_body(status) { TOKEN } else { "" };
            let length = match has_body(status) {
                true => format!("content-length: {}\r\n", body.len()),
                false => String::new(),
            };
            let head = format!("HTTP/1.1 {status} What It Is\r\n{HEADERS}{length}\r\n");
            [head.as_bytes(), body.as_bytes()].concat()
        });
        let response = send(&S::new(), &peer.url()).unwrap();
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
        assert_eq!(peer.requests().len(), 1, "{status} was asked for again");
    }
}

// fault: interim-responses
pub(super) fn interim_responses_are_skipped<S: Subject>() {
    for early in [CONTINUE.repeat(500), CONTINUE.to_owned(), HINTS.repeat(2)] {
        let flood = early.len() > 1000;
        let peer = Peer::answering::<S>(move |_| [early.as_bytes(), &ok(TOKEN)].concat());
        match send(&S::new(), &peer.url()) {
            Ok(response) => {
                assert_eq!(response.status(), 200);
                assert_eq!(response.body().as_ref(), TOKEN.as_bytes());
            }
            Err(error) => {
                assert_eq!(error.kind(), TransportErrorKind::Protocol);
                assert!(flood, "a single early answer is nothing special: {error}");
            }
        }
        assert_eq!(peer.requests().len(), 1);
    }
}

// fault: interim-responses
pub(super) fn endless_interim_responses_are_cut_off<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        connection.request()?;
        connection.flood(CONTINUE.as_bytes())
    });
    let kind = failed(send_within(
        &S::new(),
        &peer.url(),
        RequestLimits::token(SHORT),
    ));
    assert!(
        matches!(
            kind,
            TransportErrorKind::Timeout | TransportErrorKind::Protocol
        ),
        "{kind:?}"
    );
    peer.ended(0);
    assert_eq!(peer.connections(), 1);
}

// fault: 1xx-as-the-final-status
// A library may show the early answer, the core does not take it
pub(super) fn interim_response_alone_is_a_transient_error<S: Subject>() {
    for status in [100, 101, 103] {
        let peer = Peer::of::<S>(move |connection| {
            connection.request()?;
            connection.write(format!("HTTP/1.1 {status} Early\r\n\r\n"))
        });
        let error = match send(&S::new(), &peer.url()) {
            Ok(response) => token_response(&config(&peer.url()), &response).unwrap_err(),
            Err(error) => error.into(),
        };
        assert!(error.is_transient(), "{error}");
        assert_eq!(peer.connections(), 1);
    }
}

// fault: response-before-the-request-ends
pub(super) fn response_before_the_request_ends_is_returned<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        let mut request = connection.head()?;
        connection.write(ok(TOKEN))?;
        connection.body(&mut request)?;
        connection.until_closed()
    });
    let request = large_request(&peer.url());
    let result = send_request(&S::new(), request, RequestLimits::token(LONG));
    assert_eq!(answered(result), (200, TOKEN.to_owned()));
    assert_eq!(peer.connections(), 1);
}

// fault: response-before-the-request-ends
// The reset may overtake the answer
pub(super) fn close_before_the_request_ends_is_a_response_or_a_closed_error<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        connection.head()?;
        connection.write(format!(
            "HTTP/1.1 413 Too Large\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{TOKEN}",
            TOKEN.len()
        ))
    });
    let request = large_request(&peer.url());
    match send_request(&S::new(), request, RequestLimits::token(LONG)) {
        Ok(response) => {
            assert_eq!(response.status(), 413);
            assert_eq!(response.body().as_ref(), TOKEN.as_bytes());
        }
        Err(error) => assert_eq!(error.kind(), TransportErrorKind::Closed),
    }
    assert_eq!(peer.connections(), 1);
}

// fault: header-flood
pub(super) fn endless_header_is_a_protocol_error<S: Subject>() {
    let line = format!("x-planted: {}\r\n", TOKEN.repeat(40));
    let name = format!("x-{}", "planted".repeat(1000));
    for lines in [line, name] {
        let peer = Peer::of::<S>(move |connection| {
            connection.request()?;
            connection.write("HTTP/1.1 200 OK\r\n")?;
            connection.flood(lines.as_bytes())
        });
        let kind = failed(send(&S::new(), &peer.url()));
        assert_eq!(kind, TransportErrorKind::Protocol);
        assert!(peer.ended(0) < SOCKETS);
        assert_eq!(peer.connections(), 1);
    }
}

// fault: header-flood
// A thousand fields are too many for all, and a long one for whom the subject says
pub(super) fn large_header_is_read_or_a_protocol_error<S: Subject>() {
    let long = format!("x-long: {}\r\n", "a".repeat(64 * 1024));
    let many = "x-many: a\r\n".repeat(1000);
    for (lines, read) in [(long, S::large_header_fields_are_read()), (many, false)] {
        let peer = Peer::of::<S>(move |connection| {
            connection.request()?;
            let length = TOKEN.len();
            connection.write(format!(
                "HTTP/1.1 200 OK\r\n{lines}content-length: {length}\r\n\r\n{TOKEN}"
            ))?;
            connection.until_closed()
        });
        let result = send(&S::new(), &peer.url());
        if read {
            assert_eq!(answered(result), (200, TOKEN.to_owned()));
        } else {
            assert_eq!(failed(result), TransportErrorKind::Protocol);
        }
        assert_eq!(peer.connections(), 1);
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
