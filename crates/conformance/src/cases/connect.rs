//! Connections that cannot be made, and names with several addresses.

use std::collections::HashSet;
use std::error::Error as _;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use edge_oauth_no_io::{RequestLimits, TransportErrorKind as Kind, token_request};

use socket2::{Domain, Socket, Type};

use crate::exchange::{LONG, SHORT, config, ok, send, send_request, send_within, status_and_body};
use crate::secrecy::planted::{PATH_AND_QUERY, TOKEN};
use crate::server::closed_port::ClosedPort;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: connection-refused
pub(super) fn refused_connection_is_a_connect_error<S: Subject>() {
    let closed = ClosedPort::take();
    let url = format!("{}://{}{PATH_AND_QUERY}", S::scheme(), closed.address());
    let error = send(&S::new(), &url).unwrap_err();
    assert_eq!(error.kind(), Kind::Connect, "{error}");
    assert!(error.is_transient());
    // fault: cause-of-a-transport-error-lost
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    let kind = cause.map(io::Error::kind);
    assert_eq!(kind, Some(io::ErrorKind::ConnectionRefused), "{error:?}");
}

// fault: name-without-an-address, ipv6-and-dead-addresses
// A connection attempt without a response
pub(super) fn dead_route_times_out<S: Subject>() {
    if !cfg!(target_os = "linux") {
        return; // Other systems refuse a connection if the queue is full.
    }
    let dead = DeadAddress::new("127.0.0.1:0");
    let url = format!("{}://{}{PATH_AND_QUERY}", S::scheme(), dead.address);
    let error = send_within(&S::new(), &url, RequestLimits::token(SHORT)).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout, "{error}");
}

// fault: ipv6-and-dead-addresses, dead-address-takes-all-the-time
pub(super) fn dead_ipv6_address_leaves_time_for_ipv4<S: Subject>() {
    let Ok(addresses) = "localhost:0".to_socket_addrs() else {
        return;
    };
    let kinds: HashSet<_> = addresses.map(|address| address.is_ipv6()).collect();
    if kinds.len() < 2 || !cfg!(target_os = "linux") {
        return; // The name has one kind of address, or a full queue refuses connections.
    }
    let server = TestServer::responding::<S>(|_| ok(TOKEN));
    let port = server.authority().split_once(':').unwrap().1.to_owned();
    let _dead = DeadAddress::new(&format!("[::1]:{port}"));
    let result = send_within(
        &S::new(),
        &server.url_by_name(),
        RequestLimits::token(SHARED),
    );
    assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
}

// fault: ipv6-and-dead-addresses, dead-address-takes-all-the-time
pub(super) fn dead_ipv4_address_leaves_time_for_the_next<S: Subject>() {
    if !cfg!(target_os = "linux") {
        return; // Elsewhere the loopback has one IPv4 address, or a full queue refuses connections.
    }
    let server = TestServer::responding::<S>(|_| ok(TOKEN));
    let live: SocketAddr = server.authority().parse().unwrap();
    let dead = DeadAddress::new(&format!("127.0.0.2:{}", live.port()));
    let Some(subject) = S::resolving([dead.address, live]) else {
        return;
    };
    let result = send_within(
        &subject,
        &server.url_by_name(),
        RequestLimits::token(SHARED),
    );
    assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
}

// fault: name-without-an-address
// A label of more than 63 bytes is invalid in DNS, so the resolver sends no query
pub(super) fn name_without_an_address_is_a_resolve_error<S: Subject>() {
    let mut request = token_request(&config("http://127.0.0.1:1")).unwrap();
    let host = "a".repeat(64);
    let url = format!("{}://{host}.invalid{PATH_AND_QUERY}", S::scheme());
    *request.uri_mut() = url.parse().unwrap();
    let error = send_request(&S::new(), request, RequestLimits::token(LONG)).unwrap_err();
    assert_eq!(error.kind(), Kind::Resolve, "{error}");
    assert!(error.is_transient());
}

// fault: http-on-the-loopback, ipv6-and-dead-addresses
pub(super) fn ipv6_loopback_is_reached<S: Subject>() {
    let Ok(server) = TestServer::start_on_ipv6::<S>(|connection| {
        connection.request()?;
        connection.write(ok(TOKEN))
    }) else {
        return; // This machine has no IPv6 loopback.
    };
    let result = send(&S::new(), &server.url());
    assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
    assert_eq!(server.requests()[0].all("host"), [server.authority()]);
}

/// An address that neither accepts nor refuses connections: Linux ignores connection attempts if the queue is full.
struct DeadAddress {
    address: SocketAddr,
    _listener: Socket,
    _waiting: TcpStream,
}

impl DeadAddress {
    fn new(address: &str) -> Self {
        let address: SocketAddr = address.parse().unwrap();
        let listener = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        listener.bind(&address.into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        Self {
            address,
            _waiting: TcpStream::connect(address).unwrap(),
            _listener: listener,
        }
    }
}

/// The time limit of an exchange that tries two addresses.
const SHARED: Duration = Duration::from_secs(4);
