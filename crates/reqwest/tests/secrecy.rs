//! Nothing that is logged, at the most talkative level, holds a secret or a token.

use edge_oauth_driver::tasks::Transport as _;
use edge_oauth_reqwest::ReqwestTransport;
use tokio::runtime::Builder;

#[test]
fn nothing_secret_is_logged() {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be had");
    let transport = ReqwestTransport::new().expect("the hardened client can be built");
    edge_oauth_conformance::nothing_secret_is_logged("reqwest", |request, bounds| {
        runtime.block_on(transport.send(request, bounds))
    });
}
