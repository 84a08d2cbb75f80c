//! The proxy of the environment: what it is asked for, and what it must not see.

use edge_oauth_no_io::TransportErrorKind as Kind;

use crate::exchange::{answered, failed, ok, send};
use crate::peer::Peer;
use crate::planted::{PATH_AND_QUERY, TOKEN};
use crate::rerun;
use crate::subject::Subject;

/// Runs a case of this file in a process whose environment names a proxy, which hears this much.
pub(super) fn behind_a_proxy<S: Subject>(test: &str, case: &str) {
    let proxy = Peer::plain(|connection| {
        connection.head()?;
        connection.write("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
    });
    rerun::in_child(test, Some(&format!("http://{}", proxy.authority())));
    let goes_there = case.ends_with("an_https_endpoint_is_asked_through_a_proxy");
    let lines: Vec<_> = proxy
        .requests()
        .into_iter()
        .map(|heard| heard.line)
        .collect();
    match goes_there && knows_proxies::<S>() {
        true => assert_eq!(lines, ["CONNECT server.invalid:443 HTTP/1.1"]),
        false => assert_eq!(proxy.connections(), 0, "the proxy was asked: {lines:?}"),
    }
}

// X17
pub(super) fn a_loopback_endpoint_is_asked_without_a_proxy<S: Subject>() {
    assert!(rerun::has_proxy());
    let peer = Peer::answering::<S>(|_| ok(TOKEN));
    for url in [peer.url(), peer.url_by_name()] {
        assert_eq!(answered(send(&S::new(), &url)), (200, TOKEN.to_owned()));
    }
    assert_eq!(peer.requests().len(), 2);
}

// X17: and hears the host, not the secret
pub(super) fn an_https_endpoint_is_asked_through_a_proxy<S: Subject>() {
    assert!(rerun::has_proxy());
    // A label of more than 63 bytes is in no DNS, so the resolver need not ask one.
    let (host, kind) = match knows_proxies::<S>() {
        true => ("server".to_owned(), Kind::Proxy),
        false => ("a".repeat(64), Kind::Resolve),
    };
    let url = format!("https://{host}.invalid{PATH_AND_QUERY}");
    assert_eq!(failed(send(&S::new(), &url)), kind);
}

fn knows_proxies<S: Subject>() -> bool {
    S::through("http://127.0.0.1:1").is_some()
}
