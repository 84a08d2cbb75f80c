//! Nothing that is logged, at the most talkative level, holds a secret or a token.

use async_std::task::block_on;
use edge_oauth_driver::tasks::Transport as _;
use edge_oauth_surf::{Hyper1Client, SurfTransport};
use surf::middleware::Logger;

#[test]
fn nothing_secret_is_logged() {
    let client = surf::Client::with_http_client(Hyper1Client::new()).with(Logger::new());
    let transport = SurfTransport::with_client(client);
    edge_oauth_conformance::nothing_secret_is_logged("surf", |request, bounds| {
        block_on(transport.send(request, bounds))
    });
}
