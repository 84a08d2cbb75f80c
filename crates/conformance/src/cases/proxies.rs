//! The proxy of the environment, and what it must not see.

use crate::exchange::{TOKEN, answered, ok, send};
use crate::peer::Peer;
use crate::rerun;
use crate::subject::Subject;

/// Runs a case of this file in a process whose environment names a proxy, which nobody may ask.
pub(super) fn behind_a_proxy(test: &str) {
    let proxy = Peer::plain(|connection| {
        connection.request()?;
        connection.write(ok("from the proxy"))
    });
    rerun::in_child(test, Some(&format!("http://{}", proxy.authority())));
    assert_eq!(proxy.connections(), 0, "the proxy was asked");
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
