//! Time: one deadline for all of the exchange, however much of it arrives.

use edge_oauth_no_io::{RequestLimits, TransportErrorKind};

use crate::exchange::{SHORT, failed, large_request, send_request, send_within};
use crate::server::test_server::{Handler, Peer};
use crate::subject::Subject;

// fault: silent-server
pub(super) fn silent_server_times_out<S: Subject>() {
    runs_out_of_time::<S>(|connection| {
        connection.request()?;
        connection.until_closed()
    });
}

// fault: silent-server
pub(super) fn server_that_reads_nothing_times_out<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        connection.until_dropped();
        Ok(())
    });
    let request = large_request(&peer.url());
    let kind = failed(send_request(
        &S::new(),
        request,
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, TransportErrorKind::Timeout);
    assert_eq!(peer.connections(), 1);
}

// fault: slow-response
pub(super) fn slow_header_times_out<S: Subject>() {
    runs_out_of_time::<S>(|connection| {
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
        runs_out_of_time::<S>(move |connection| {
            connection.request()?;
            connection.write(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"))?;
            connection.drip(drop.as_bytes())
        });
    }
}

/// It does, and then it lets go of the connection.
fn runs_out_of_time<S: Subject>(handler: impl Handler) {
    let peer = Peer::of::<S>(handler);
    let kind = failed(send_within(
        &S::new(),
        &peer.url(),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, TransportErrorKind::Timeout);
    peer.ended(0);
    assert_eq!(peer.connections(), 1);
}
