//! Connections that are not made, and the two kinds of addresses.

use std::collections::HashSet;
use std::error::Error as _;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use edge_oauth_no_io::{RequestLimits, TransportErrorKind as Kind, token_request};

use socket2::{Domain, Socket, Type};

use crate::exchange::{LONG, SHORT, answered, config, ok, send, send_request, send_within};
use crate::secrecy::planted::{PATH_AND_QUERY, TOKEN};
use crate::server::closed_port::ClosedPort;
use crate::server::test_server::Peer;
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
// A route that leads nowhere
pub(super) fn dead_route_times_out<S: Subject>() {
    if !cfg!(target_os = "linux") {
        return; // Other systems refuse what has no room.
    }
    let dead = Dead::new("127.0.0.1:0");
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
        return; // There the name has one kind of address, or a full queue refuses.
    }
    let peer = Peer::answering::<S>(|_| ok(TOKEN));
    let port = peer.authority().split_once(':').unwrap().1.to_owned();
    let _dead = Dead::new(&format!("[::1]:{port}"));
    let result = send_within(&S::new(), &peer.url_by_name(), RequestLimits::token(SHARED));
    assert_eq!(answered(result), (200, TOKEN.to_owned()));
}

// fault: ipv6-and-dead-addresses, dead-address-takes-all-the-time
pub(super) fn dead_ipv4_address_leaves_time_for_the_next<S: Subject>() {
    if !cfg!(target_os = "linux") {
        return; // Elsewhere the loopback has one address of a kind, or a full queue refuses.
    }
    let peer = Peer::answering::<S>(|_| ok(TOKEN));
    let live: SocketAddr = peer.authority().parse().unwrap();
    let dead = Dead::new(&format!("127.0.0.2:{}", live.port()));
    let Some(subject) = S::resolving([dead.address, live]) else {
        return;
    };
    let result = send_within(&subject, &peer.url_by_name(), RequestLimits::token(SHARED));
    assert_eq!(answered(result), (200, TOKEN.to_owned()));
}

// fault: name-without-an-address
// A label of more than 63 bytes is in no DNS, so the resolver need not ask one
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
    let Ok(peer) = Peer::of_v6::<S>(|connection| {
        connection.request()?;
        connection.write(ok(TOKEN))
    }) else {
        return; // A machine without it has nothing to reach.
    };
    let result = send(&S::new(), &peer.url());
    assert_eq!(answered(result), (200, TOKEN.to_owned()));
    assert_eq!(peer.requests()[0].all("host"), [peer.authority()]);
}

/// An address that takes no connection and refuses none: Linux drops what a full queue has no room for.
struct Dead {
    address: SocketAddr,
    _listener: Socket,
    _waiting: TcpStream,
}

impl Dead {
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

/// For an exchange that shares its time among two addresses.
const SHARED: Duration = Duration::from_secs(4);
