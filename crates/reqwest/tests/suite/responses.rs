//! Responses, which the transport returns unchanged.

use std::time::Duration;

use edge_oauth_driver::nonblocking::Transport;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, Config, RequestLimits, Secret, SecretBytes, TokenError,
    token_request,
};
use http::{HeaderValue, Request, Version};

use crate::server::{LONG, Once, TOKEN, block_on, config, config_at, fetch, transport};

#[test]
fn form_json_and_basic_auth_each_get_a_token() {
    let edge = LocalEdge::start().unwrap();
    let transport = transport();
    let basic = config(&edge)
        .to_builder()
        .basic_auth(BasicEncoding::Percent)
        .build()
        .unwrap();
    let json = config(&edge)
        .to_builder()
        .body_format(BodyFormat::Json)
        .build()
        .unwrap();
    for config in [config(&edge), json, basic] {
        let token = fetch(&transport, &config).unwrap();
        assert_eq!(token.expires_in(), Some(Duration::from_secs(86_400)));
    }
    assert_eq!(edge.served().tokens_issued, 3);
}

#[test]
fn wrong_secret_is_an_error_response() {
    let edge = LocalEdge::start().unwrap();
    let wrong = Config::builder(edge.token_url(), edge.client_id())
        .client_secret(Secret::new("wrong"))
        .build()
        .unwrap();
    let error = fetch(&transport(), &wrong).unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert!(!error.is_transient());
}

#[test]
fn busy_server_sets_the_time_to_wait() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(429).header("retry-after", "7")])
        .unwrap();
    let error = fetch(&transport(), &config(&edge)).unwrap_err();
    assert_eq!(error.status().unwrap(), 429);
    let wait = error.retry_after().unwrap().wait(Duration::ZERO);
    assert_eq!(wait, Duration::from_secs(7));
}

// fault: transient-status
#[test]
fn failing_server_gets_one_request() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(503)]).unwrap();
    let error = fetch(&transport(), &config(&edge)).unwrap_err();
    assert!(error.is_transient());
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn status_version_headers_and_body_are_returned_unchanged() {
    let server = Once::responding(
        "HTTP/1.1 418 I'm a teapot\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 3\r\n\r\ntea",
    );
    let request = token_request(&config_at(&server.url())).unwrap();
    let response = block_on(Transport::send(
        &transport(),
        request,
        RequestLimits::token(LONG),
    ))
    .unwrap();
    assert_eq!(response.status(), 418);
    assert_eq!(response.version(), Version::HTTP_11);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.body().as_ref(), b"tea");
}

// fault: request-headers, compressed-body
#[test]
fn token_request_arrives_unchanged() {
    let server = Once::responding(TOKEN);
    let config = config_at(&server.url());
    fetch(&transport(), &config).unwrap();
    let request = token_request(&config).unwrap();
    let arrived = server.request();
    let (header, body) = arrived.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.as_bytes(), request.body().as_ref());
    assert!(header.starts_with("post /token http/1.1\r\n"));
    for (name, value) in request.headers() {
        let line = format!("\r\n{name}: {}", value.to_str().unwrap());
        assert!(header.contains(&line), "{line} in {header}");
    }
    assert!(!header.contains("accept-encoding"));
    assert!(!header.contains("transfer-encoding"));
    let user_agent = concat!("user-agent: edge-oauth-reqwest/", env!("CARGO_PKG_VERSION"));
    assert!(header.contains(user_agent));
}

#[test]
fn request_without_a_body_arrives_without_one() {
    let server = Once::responding("HTTP/1.1 204 No Content\r\n\r\n");
    let mut request = Request::get(server.url())
        .body(SecretBytes::new(Vec::new()))
        .unwrap();
    let mut authorization = HeaderValue::from_static("Bearer abc");
    authorization.set_sensitive(true);
    request.headers_mut().insert("authorization", authorization);
    let response = block_on(transport().send(request, RequestLimits::token(LONG))).unwrap();
    assert_eq!(response.status(), 204);
    assert!(response.body().as_ref().is_empty());
    let arrived = server.request();
    assert!(arrived.contains("\r\nauthorization: bearer abc\r\n"));
    assert!(!arrived.contains("content-length") && !arrived.contains("transfer-encoding"));
}

#[test]
fn response_without_a_token_is_an_error_of_the_core() {
    let server = Once::responding("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let error = fetch(&transport(), &config_at(&server.url())).unwrap_err();
    assert!(matches!(error, TokenError::Malformed(_)));
}
