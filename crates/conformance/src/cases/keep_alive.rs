//! Connections that are not kept. Over TLS a subject may have a caller's client, which decides that itself.

use edge_oauth_no_io::RequestLimits;

use crate::exchange::{LONG, answered, ok, send_within};
use crate::server::test_server::Peer;
use crate::subject::Subject;

// fault: token-request-on-a-kept-connection
pub(super) fn token_request_opens_its_own_connection<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        loop {
            connection.request()?;
            connection.write(ok("one"))?;
        }
    });
    let subject = S::new();
    let (token, api) = (RequestLimits::token(LONG), RequestLimits::new(LONG, 64));
    for (limits, connections) in [(api, 1), (token, 2), (token, 3)] {
        let response = send_within(&subject, &peer.url(), limits);
        assert_eq!(answered(response), (200, "one".to_owned()));
        assert_eq!(peer.connections(), connections);
    }
    for ended in 1..3 {
        peer.ended(ended);
    }
}
