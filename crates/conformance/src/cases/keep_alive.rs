//! Token requests that open their own connection. Over TLS a subject may have a caller's client, which decides that itself.

use edge_oauth_no_io::RequestLimits;

use crate::exchange::{LONG, ok, send_within, status_and_body};
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: token-request-on-a-kept-connection
pub(super) fn token_request_opens_its_own_connection<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        loop {
            connection.request()?;
            connection.write(ok("one"))?;
        }
    });
    let subject = S::new();
    let (token, api) = (RequestLimits::token(LONG), RequestLimits::new(LONG, 64));
    for (limits, connections) in [(api, 1), (token, 2), (token, 3)] {
        let response = send_within(&subject, &server.url(), limits);
        assert_eq!(status_and_body(response), (200, "one".to_owned()));
        assert_eq!(server.connections(), connections);
    }
    for ended in 1..3 {
        server.wait_for_end(ended);
    }
}
