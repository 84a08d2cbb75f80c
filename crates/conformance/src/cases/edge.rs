//! The local Experience Edge: what the suite plays otherwise, by a whole server.

use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{Config, RequestLimits, Secret, token_request, token_response};

use crate::exchange::{LONG, send_request};
use crate::subject::Subject;

pub(super) fn a_token_is_fetched<S: Subject>() {
    let edge = LocalEdge::start().unwrap();
    let config = edge_config(&edge, edge.client_secret());
    let bounds = RequestLimits::token(LONG);
    let response = send_request(&S::new(), token_request(&config).unwrap(), bounds).unwrap();
    assert!(token_response(&config, &response).is_ok());
    assert_eq!(edge.served().token_requests, 1);
}

pub(super) fn a_wrong_secret_is_an_answer<S: Subject>() {
    let edge = LocalEdge::start().unwrap();
    let config = edge_config(&edge, "wrong");
    let bounds = RequestLimits::token(LONG);
    let response = send_request(&S::new(), token_request(&config).unwrap(), bounds).unwrap();
    let error = token_response(&config, &response).unwrap_err();
    assert!(error.code().is_some(), "{error}");
    assert_eq!(edge.served().token_requests, 1);
}

fn edge_config(edge: &LocalEdge, secret: &str) -> Config {
    Config::builder(edge.token_url(), edge.client_id())
        .client_secret(Secret::new(secret))
        .audience(edge_oauth_local::AUDIENCE)
        .build()
        .unwrap()
}
