//! A caller's client, whose settings differ from those of `new`.

use std::sync::Arc;

use edge_oauth_conformance::ClosedPort;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{BasicEncoding, TokenError, TransportErrorKind as Kind};
use edge_oauth_reqwest::ReqwestTransport;
use reqwest::{ClientBuilder, Proxy, retry};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::server::{Once, SECRET, Sink, TOKEN, config, config_at, failure, fetch, kind};

fn transport(settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> ReqwestTransport {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let builder = reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls);
    ReqwestTransport::with_client(settings(builder).build().unwrap())
}

#[test]
fn response_of_a_redirect_target_is_rejected_and_the_target_gets_no_secret() {
    for status in [301, 302, 303] {
        let elsewhere = Once::responding(TOKEN);
        let first = Once::responding(format!(
            "HTTP/1.1 {status} Moved\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
            elsewhere.url()
        ));
        let basic = config_at(&first.url())
            .to_builder()
            .basic_auth(BasicEncoding::Percent)
            .build()
            .unwrap();
        assert_eq!(kind(&transport(|client| client), &basic), Kind::Protocol);
        assert!(first.request().contains("\r\nauthorization: basic "));
        let received = elsewhere.request();
        assert!(received.starts_with("get /token "), "{received}");
        assert!(!received.contains("authorization"), "{received}");
        assert!(received.ends_with("\r\n\r\n"), "{received}");
    }
}

#[test]
fn redirect_that_repeats_the_body_is_not_followed() {
    let edge = LocalEdge::start().unwrap();
    let sink = Sink::new();
    let transport = transport(|client| client);
    for status in [307, 308] {
        edge.script([Fault::redirect(status, sink.url())]).unwrap();
        let error = fetch(&transport, &config(&edge)).unwrap_err();
        assert!(matches!(error, TokenError::Redirect(_)), "{error:?}");
    }
    assert!(sink.received_no_connection());
}

#[test]
fn error_of_a_redirect_policy_is_not_printed() {
    let edge = LocalEdge::start().unwrap();
    let transport = transport(|client| {
        client.redirect(reqwest::redirect::Policy::custom(|attempt| {
            attempt.error(format!("no redirects for {SECRET}"))
        }))
    });
    edge.script([Fault::redirect(302, "/oauth/token")]).unwrap();
    let error = failure(&transport, &config(&edge));
    assert_eq!(error.kind(), Kind::Protocol);
}

// fault: transient-status
#[test]
fn token_request_is_sent_once_by_a_client_that_retries() {
    let edge = LocalEdge::start().unwrap();
    let retries = retry::for_host("127.0.0.1")
        .no_budget()
        .classify_fn(|exchange| exchange.retryable());
    let transport = transport(|client| client.retry(retries));
    edge.script([Fault::status(503)]).unwrap();
    let error = fetch(&transport, &config(&edge)).unwrap_err();
    assert_eq!(error.status().unwrap(), 503);
    assert_eq!(edge.served().token_requests, 1);
}

// fault: proxy-wants-a-password
#[test]
fn refused_tunnel_is_an_error_of_the_proxy() {
    for (response, expected, words) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            Kind::Proxy,
            "credentials",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\n\r\n",
            Kind::Connect,
            "did not connect",
        ),
        ("garbage\r\n\r\n", Kind::Connect, "did not connect"),
        ("", Kind::Closed, "by the proxy"),
    ] {
        let proxy = Once::responding(response);
        let url = format!("http://{}", proxy.address);
        let transport = transport(|client| client.proxy(Proxy::all(url).unwrap()));
        let error = failure(&transport, &config_at("https://server.invalid/token"));
        assert_eq!(error.kind(), expected, "{response}");
        assert!(error.to_string().contains(words), "{error}");
        let received = proxy.request();
        assert!(
            received.starts_with("connect server.invalid:443 "),
            "{received}"
        );
        assert!(!received.contains(SECRET), "{received}");
    }
}

// fault: proxy-wants-a-password
#[test]
fn refusal_of_a_proxy_without_a_tunnel_is_a_response() {
    let proxy = Once::responding("HTTP/1.1 407 x\r\nContent-Length: 0\r\n\r\n");
    let url = format!("http://{}", proxy.address);
    let transport = transport(|client| client.proxy(Proxy::all(url).unwrap()));
    let error = fetch(&transport, &config_at("http://127.0.0.1:1/token")).unwrap_err();
    assert_eq!(error.status().unwrap(), 407);
    assert!(!error.is_transient());
}

#[test]
fn unreachable_proxy_is_a_connect_error() {
    let closed = ClosedPort::take();
    let url = format!("http://{}", closed.address());
    let transport = transport(|client| client.proxy(Proxy::all(url).unwrap()));
    let config = config_at("https://server.invalid/token");
    assert_eq!(kind(&transport, &config), Kind::Connect);
}

// fault: name-without-an-address
#[test]
fn name_without_an_address_is_a_resolve_error() {
    let transport = transport(|client| client.dns_resolver(Arc::new(Nobody)));
    let config = config_at("https://server.invalid/token");
    assert_eq!(kind(&transport, &config), Kind::Resolve);
}

struct Nobody;

impl reqwest::dns::Resolve for Nobody {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async { Err(format!("no address, and {SECRET}").into()) })
    }
}
