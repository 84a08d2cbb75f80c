//! Nothing that is logged, at the most talkative level, holds a secret or a token.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_conformance::{assert_nothing_logged, nothing_secret_is_logged};
use edge_oauth_driver::blocking::Transport as _;
use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{Config, Origin, Secret, Tenant};
use edge_oauth_ureq::{AuthorizedAgent, BearerMiddleware, TokenSource, UreqTransport};
use http::Request;

#[test]
fn nothing_secret_is_logged_by_anything_of_this_crate() {
    let transport = UreqTransport::new();
    nothing_secret_is_logged("ureq", |request, bounds| transport.send(request, bounds));

    let edge = LocalEdge::start().unwrap();
    let config = Config::experience_edge(
        Tenant::New,
        edge.client_id(),
        Secret::new(edge.client_secret()),
    );
    let source = TokenSource::new(
        UreqTransport::new(),
        config.unwrap().endpoint(edge.token_url()).unwrap(),
    );
    let settings = format!("{}/api/admin/v1/settings", edge.base_url());
    let agent = AuthorizedAgent::new(ureq::agent(), source.clone());
    agent
        .run(&Request::get(&settings).body(Vec::new()).unwrap())
        .unwrap();
    let middleware = BearerMiddleware::new(source.clone(), Origin::of(edge.base_url()).unwrap());
    let agent = ureq::Agent::config_builder()
        .middleware(middleware)
        .proxy(None)
        .build()
        .new_agent();
    agent.get(&settings).call().unwrap();
    assert_nothing_logged(
        "ureq::run GET",
        &[source.token().unwrap().expose(), edge.client_secret()],
    );
}
