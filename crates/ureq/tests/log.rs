//! Nothing that is logged, at the most talkative level, holds a secret or a token.

use edge_oauth_driver::blocking::Transport as _;
use edge_oauth_ureq::UreqTransport;

#[test]
fn nothing_secret_is_logged() {
    let transport = UreqTransport::new();
    edge_oauth_conformance::nothing_secret_is_logged("ureq", |request, bounds| {
        transport.send(request, bounds)
    });
}
