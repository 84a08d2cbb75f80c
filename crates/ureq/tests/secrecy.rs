//! No error, log line or trace contains a secret or a token, at the most verbose level.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_conformance::{check_secrecy, watch};
use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{Config, Origin, Secret, Tenant};
use edge_oauth_ureq::{AuthorizedAgent, BearerMiddleware, TokenSource, UreqTransport};
use http::Request;

mod subject;

#[test]
fn transport_prints_no_secret() {
    check_secrecy::<subject::Ureq>(&["ureq::run POST", "ureq_proto::client"]);
}

#[test]
fn authorized_agent_and_middleware_print_no_secret() {
    let watch = watch();
    let edge = LocalEdge::start().unwrap();
    watch.plant("the client secret of the local Edge", edge.client_secret());
    let config = Config::experience_edge(
        Tenant::Current,
        edge.client_id(),
        Secret::new(edge.client_secret()),
    );
    let source = TokenSource::new(
        UreqTransport::new(),
        config
            .unwrap()
            .to_builder()
            .endpoint(edge.token_url())
            .build()
            .unwrap(),
    );
    let settings = format!("{}/api/admin/v1/settings", edge.base_url());
    let agent = AuthorizedAgent::new(source.clone(), ureq::agent());
    agent
        .run(&Request::get(&settings).body(Vec::new()).unwrap())
        .unwrap();
    let middleware =
        BearerMiddleware::new(source.clone(), Origin::from_url(edge.base_url()).unwrap());
    let agent = ureq::Agent::config_builder()
        .middleware(middleware)
        .proxy(None)
        .build()
        .new_agent();
    agent.get(&settings).call().unwrap();
    watch.plant("the token", source.token().unwrap().expose());
    watch.assert_logged("ureq::run GET");
    watch.assert_no_secret_logged();
}
