//! Redirects, which are returned as responses. The secret goes to no other host.

use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::TokenError;

use crate::server::{Sink, config, fetch, transport};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

#[test]
fn redirect_target_gets_no_request() {
    let edge = LocalEdge::start().unwrap();
    let sink = Sink::new();
    let transport = transport();
    for status in STATUSES {
        edge.script([Fault::redirect(status, sink.url())]).unwrap();
        let error = fetch(&transport, &config(&edge)).unwrap_err();
        assert!(matches!(error, TokenError::Redirect(_)), "{error:?}");
        assert_eq!(error.status().unwrap(), status);
    }
    assert!(sink.received_no_connection());
}

#[test]
fn redirect_to_the_same_host_is_not_followed() {
    let edge = LocalEdge::start().unwrap();
    let transport = transport();
    for location in ["/oauth/token", "/elsewhere", edge.token_url()] {
        edge.script(STATUSES.map(|status| Fault::redirect(status, location)))
            .unwrap();
        for _ in STATUSES {
            let error = fetch(&transport, &config(&edge)).unwrap_err();
            assert!(matches!(error, TokenError::Redirect(_)), "{error:?}");
        }
    }
    assert_eq!(edge.served().token_requests, 15);
    assert_eq!(edge.served().other_requests, 0);
}
