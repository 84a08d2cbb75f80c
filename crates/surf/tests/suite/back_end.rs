//! The back end in a client for requests other than token requests.

use std::time::Duration;

use async_std::task::block_on;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{TransportError, TransportErrorKind as Kind};
use edge_oauth_surf::Hyper1Client;
use http_client::{Config, HttpClient};
use surf::Client;

use crate::server::Once;

fn kind(error: surf::Error) -> Kind {
    error.downcast::<TransportError>().unwrap().kind()
}

#[test]
fn back_end_sends_requests_of_every_kind() {
    let edge = LocalEdge::start().unwrap();
    let client = Client::with_http_client(Hyper1Client::new());
    let keys = format!("{}/.well-known/jwks.json#part", edge.base_url());
    let text = block_on(client.get(keys).recv_string()).unwrap();
    assert!(text.contains("\"keys\""), "{text}");

    let server = Once::with("HTTP/1.1 204 No Content\r\n\r\n");
    let request = client
        .put(server.url())
        .header("connection", "keep-alive")
        .header("content-length", "99")
        .body_string("caf\u{e9}".to_owned());
    let mut response = block_on(request.send()).unwrap();
    assert_eq!(response.status(), 204);
    assert!(block_on(response.body_bytes()).unwrap().is_empty());
    let request = server.request();
    assert!(request.contains("\r\ncontent-length: 5\r\n"), "{request}");
    assert!(request.contains("\r\nconnection: close\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\ncaf\u{e9}"), "{request}");
}

#[test]
fn unknown_status_becomes_the_first_of_its_class() {
    let edge = LocalEdge::start().unwrap();
    let client = Client::with_http_client(Hyper1Client::new());
    edge.script([Fault::status(520)]).unwrap();
    let response = block_on(client.post(edge.token_url()).send()).unwrap();
    assert_eq!(response.status(), 500);
}

#[test]
fn back_end_applies_its_own_limits() {
    let edge = LocalEdge::start().unwrap();
    let client = Client::with_http_client(Hyper1Client::new().max_body(10));
    let keys = format!("{}/.well-known/jwks.json", edge.base_url());
    let error = block_on(client.get(keys).send()).unwrap_err();
    assert_eq!(kind(error), Kind::BodyTooLarge);

    let _hold = edge.hold();
    let client = Client::with_http_client(Hyper1Client::new().timeout(Duration::ZERO));
    let error = block_on(client.post(edge.token_url()).send()).unwrap_err();
    assert_eq!(kind(error), Kind::Timeout);
}

#[test]
fn timeout_of_a_config_is_used() {
    let edge = LocalEdge::start().unwrap();
    let mut back_end = Hyper1Client::new();
    let config = Config::new().set_timeout(None).set_tcp_no_delay(false);
    back_end.set_config(config).unwrap();
    assert_eq!(back_end.config().timeout, None);
    assert!(back_end.config().tcp_no_delay);
    let client = Client::with_http_client(back_end);
    let response = block_on(client.get(edge.base_url()).send()).unwrap();
    assert_eq!(response.status(), 404);
}
