//! The back end by itself, in a client for other things than tokens.

use std::time::Duration;

use async_std::task::block_on;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{TransportError, TransportErrorKind as Kind};
use edge_oauth_surf::Hyper1Client;
use http_client::{Config, HttpClient};
use surf::Client;

use crate::peer::Once;

fn kind(error: surf::Error) -> Kind {
    error.downcast::<TransportError>().unwrap().kind()
}

#[test]
fn it_serves_any_request() {
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
    let mut answer = block_on(request.send()).unwrap();
    assert_eq!(answer.status(), 204);
    assert!(block_on(answer.body_bytes()).unwrap().is_empty());
    let request = server.request();
    assert!(request.contains("\r\ncontent-length: 5\r\n"), "{request}");
    assert!(request.contains("\r\nconnection: close\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\ncaf\u{e9}"), "{request}");
}

#[test]
fn a_status_without_a_name_is_the_first_of_its_class() {
    let edge = LocalEdge::start().unwrap();
    let client = Client::with_http_client(Hyper1Client::new());
    edge.script([Fault::status(520)]).unwrap();
    let answer = block_on(client.post(edge.token_url()).send()).unwrap();
    assert_eq!(answer.status(), 500);
}

#[test]
fn it_has_bounds_of_its_own() {
    let edge = LocalEdge::start().unwrap();
    let client = Client::with_http_client(Hyper1Client::new().body_limit(10));
    let keys = format!("{}/.well-known/jwks.json", edge.base_url());
    let error = block_on(client.get(keys).send()).unwrap_err();
    assert_eq!(kind(error), Kind::BodyTooLarge);

    let _hold = edge.hold();
    let client = Client::with_http_client(Hyper1Client::new().timeout(Duration::ZERO));
    let error = block_on(client.post(edge.token_url()).send()).unwrap_err();
    assert_eq!(kind(error), Kind::Timeout);
}

#[test]
fn of_a_config_it_takes_the_timeout() {
    let edge = LocalEdge::start().unwrap();
    let mut back_end = Hyper1Client::new();
    let config = Config::new().set_timeout(None).set_tcp_no_delay(false);
    back_end.set_config(config).unwrap();
    assert_eq!(back_end.config().timeout, None);
    assert!(back_end.config().tcp_no_delay);
    let client = Client::with_http_client(back_end);
    let answer = block_on(client.get(edge.base_url()).send()).unwrap();
    assert_eq!(answer.status(), 404);
}
