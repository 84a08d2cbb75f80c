//! Timeouts: one time limit covers the whole exchange, even if bytes arrive slowly.

use edge_oauth_no_io::{RequestLimits, TransportErrorKind};

use crate::exchange::{SHORT, error_kind, large_request, send_request, send_within};
use crate::server::test_server::{Handler, TestServer};
use crate::subject::Subject;

// fault: silent-server
pub(super) fn silent_server_times_out<S: Subject>() {
    assert_timeout::<S>(|connection| {
        connection.request()?;
        connection.read_until_closed()
    });
}

// fault: silent-server
pub(super) fn server_that_reads_nothing_times_out<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.wait_until_dropped();
        Ok(())
    });
    let request = large_request(&server.url());
    let kind = error_kind(send_request(
        &S::new(),
        request,
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, TransportErrorKind::Timeout);
    assert_eq!(server.connections(), 1);
}

// fault: slow-response
pub(super) fn slow_header_times_out<S: Subject>() {
    assert_timeout::<S>(|connection| {
        connection.request()?;
        connection.write("HTTP/1.1 200 OK\r\nx-slow: ")?;
        connection.drip(b"a")
    });
}

// fault: slow-response
pub(super) fn slow_body_times_out<S: Subject>() {
    for (head, drop) in [
        ("content-length: 100000", "a"),
        ("transfer-encoding: chunked", "1\r\na\r\n"),
        ("connection: close", "a"),
    ] {
        if head.ends_with("close") && !S::close_delimited_bodies_work() {
            continue;
        }
        assert_timeout::<S>(move |connection| {
            connection.request()?;
            connection.write(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"))?;
            connection.drip(drop.as_bytes())
        });
    }
}

/// Asserts a timeout, after which the transport closes the connection.
fn assert_timeout<S: Subject>(handler: impl Handler) {
    let server = TestServer::start::<S>(handler);
    let kind = error_kind(send_within(
        &S::new(),
        &server.url(),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, TransportErrorKind::Timeout);
    server.wait_for_end(0);
    assert_eq!(server.connections(), 1);
}
