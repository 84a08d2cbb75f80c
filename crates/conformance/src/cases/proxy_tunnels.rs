//! Proxies that open no tunnel to an `https` endpoint.
//!
//! A transport without support for proxies passes these cases.

use edge_oauth_no_io::{RequestLimits, TransportError, TransportErrorKind as Kind};

use crate::exchange::{LONG, SHORT, SOCKETS, error_kind, send_within};
use crate::secrecy::planted::{PATH_AND_QUERY, TOKEN};
use crate::server::test_server::{Handler, TestServer};
use crate::subject::Subject;

// fault: proxy-wants-a-password
pub(super) fn proxy_that_wants_credentials_is_a_permanent_error<S: Subject>() {
    let Some(error) = error_of_status_line::<S>("HTTP/1.1 407 Proxy Authentication Required")
    else {
        return;
    };
    assert_eq!(error.kind(), Kind::Proxy, "{error}");
    assert!(!error.is_transient(), "{error}");
}

// fault: proxy-wants-a-password
// The server behind the proxy may work again at the next attempt
pub(super) fn proxy_that_cannot_connect_is_a_transient_error<S: Subject>() {
    for status in ["403 Forbidden", "502 Bad Gateway", "503 Busy", "504 Late"] {
        let Some(error) = error_of_status_line::<S>(&format!("HTTP/1.1 {status}")) else {
            return;
        };
        assert_eq!(error.kind(), Kind::Connect, "{status}: {error}");
        assert!(error.is_transient(), "{status}: {error}");
    }
}

// fault: not-http, proxy-wants-a-password
pub(super) fn garbage_from_a_proxy_is_a_connect_or_protocol_error<S: Subject>() {
    for garbage in [
        "planted",
        "HTTP/1.1 planted",
        "\x16\x03\x01\x02\x00\x01\x00\x01",
    ] {
        let Some(error) = error_of_status_line::<S>(garbage) else {
            return;
        };
        assert!(
            matches!(error.kind(), Kind::Connect | Kind::Protocol),
            "{error}"
        );
    }
}

// fault: closed-before-the-response, proxy-wants-a-password
pub(super) fn proxy_that_hangs_up_is_a_connect_or_closed_error<S: Subject>() {
    let Some((_proxy, kind)) =
        error_through_proxy::<S>(LONG_BOUNDS, |connection| connection.head().map(drop))
    else {
        return;
    };
    assert!(matches!(kind, Kind::Closed | Kind::Connect), "{kind:?}");
}

// fault: silent-server, proxy-wants-a-password
pub(super) fn silent_proxy_times_out<S: Subject>() {
    let Some((proxy, kind)) = error_through_proxy::<S>(RequestLimits::token(SHORT), |connection| {
        connection.head()?;
        connection.read_until_closed()
    }) else {
        return;
    };
    assert_eq!(kind, Kind::Timeout);
    proxy.wait_for_end(0);
}

// fault: header-flood, proxy-wants-a-password
pub(super) fn endless_header_from_a_proxy_is_a_protocol_error<S: Subject>() {
    let line = format!("x-planted: {}\r\n", TOKEN.repeat(40));
    let Some((proxy, kind)) = error_through_proxy::<S>(LONG_BOUNDS, move |connection| {
        connection.head()?;
        connection.write("HTTP/1.1 200 OK\r\n")?;
        connection.flood(line.as_bytes())
    }) else {
        return;
    };
    assert_eq!(kind, Kind::Protocol);
    assert!(proxy.wait_for_end(0) < SOCKETS);
}

/// Returns the error of a tunnel that the proxy refuses with this status line. The proxy sees only the host.
fn error_of_status_line<S: Subject>(line: &str) -> Option<TransportError> {
    let response = format!("{line}\r\ncontent-length: 0\r\n\r\n");
    let proxy = TestServer::start_plain(move |connection| {
        connection.head()?;
        connection.write(&response)
    });
    let subject = S::through(&format!("http://{}", proxy.authority()))?;
    let error = send_within(&subject, &url(), LONG_BOUNDS).unwrap_err();
    let collected = proxy.requests();
    assert_eq!(collected.len(), 1);
    assert_eq!(collected[0].line, "CONNECT server.invalid:443 HTTP/1.1");
    assert!(
        !format!("{collected:?}").contains("planted"),
        "{collected:?}"
    );
    Some(error)
}

fn error_through_proxy<S: Subject>(
    limits: RequestLimits,
    handler: impl Handler,
) -> Option<(TestServer, Kind)> {
    let proxy = TestServer::start_plain(handler);
    let subject = S::through(&format!("http://{}", proxy.authority()))?;
    let kind = error_kind(send_within(&subject, &url(), limits));
    assert_eq!(proxy.connections(), 1);
    Some((proxy, kind))
}

fn url() -> String {
    format!("https://server.invalid{PATH_AND_QUERY}")
}

const LONG_BOUNDS: RequestLimits = RequestLimits::new(LONG, edge_oauth_no_io::BODY_LIMIT);
