//! One token for many tasks, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;

use async_std::task::{self, block_on};
use edge_oauth_conformance::{StartCaller, check_rejected_tokens};
use edge_oauth_driver::CallError;
use edge_oauth_local::{Expired, Fault, LocalEdge, Options};
use edge_oauth_no_io::{Config, Origin, Secret, Tenant};
use edge_oauth_surf::{BearerMiddleware, Hyper1Client, SurfTransport, TokenSource};
use experience_edge_api::ExperienceEdge;
use http::Request;
use surf::middleware::Redirect;

fn source(edge: &LocalEdge) -> TokenSource {
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret).unwrap();
    TokenSource::new(
        SurfTransport::new(),
        config
            .to_builder()
            .endpoint(edge.token_url())
            .build()
            .unwrap(),
    )
}

fn settings(edge: &LocalEdge) -> String {
    format!("{}/api/admin/v1/settings", edge.base_url())
}

/// A source whose token the server holds for expired.
fn with_expired_token(edge: &LocalEdge) -> TokenSource {
    let source = source(edge);
    block_on(source.token()).unwrap();
    edge.advance(Duration::from_secs(2 * 86_400));
    source
}

// fault: thousand-callers-without-a-token
#[test]
fn a_thousand_tasks_make_one_request() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let hold = edge.hold();
    let call = || {
        let source = source.clone();
        task::spawn(async move { source.token().await.map(|token| token.expose().to_owned()) })
    };
    let callers: Vec<_> = (0..1000).map(|_| call()).collect();
    edge.wait_for_token_requests(1);
    drop(hold);
    let first = block_on(source.token()).unwrap();
    for caller in callers {
        assert_eq!(block_on(caller).unwrap(), first.expose());
    }
    assert_eq!(edge.served().token_requests, 1);
}

// fault: caller-cancelled
#[test]
fn a_hundred_cancelled_leaders_lose_nobody() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    for _ in 0..100 {
        // Polled once, a leader departs; dropped, it hands its ticket back.
        let mut leader = Box::pin(source.token());
        assert!(
            leader
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    block_on(source.token()).unwrap();
    // The second leader's exchange is made beside it, and serves everybody.
    assert!(edge.served().token_requests <= 2);
}

// fault: rejected-token
#[test]
fn a_refused_token_is_replaced_and_the_request_sent_again() {
    for expired in [Expired::Unauthorized, Expired::Forbidden] {
        let edge = LocalEdge::start_with(Options::default().expired_as(expired)).unwrap();
        let source = with_expired_token(&edge);
        let request = Request::get(settings(&edge)).body(Vec::new()).unwrap();
        assert_eq!(block_on(source.send(&request)).unwrap().status(), 200);
        assert_eq!(
            (edge.served().token_requests, edge.served().api_requests),
            (2, 2)
        );
    }
}

#[test]
fn a_call_brings_what_the_api_has() {
    let edge = LocalEdge::start().unwrap();
    let source = with_expired_token(&edge);
    let api = ExperienceEdge::at(edge.base_url()).unwrap();
    let settings = block_on(source.call(&api.settings())).unwrap();
    assert!(settings.content_cache_ttl().is_some());
    assert_eq!(edge.served().token_requests, 2);
    let nowhere = ExperienceEdge::at(&format!("{}/nowhere", edge.base_url())).unwrap();
    let error = block_on(source.call(&nowhere.settings())).unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
}

/// What authorises requests to this server.
fn middleware(edge: &LocalEdge, source: TokenSource) -> BearerMiddleware {
    BearerMiddleware::new(source, Origin::from_url(edge.base_url()).unwrap())
}

#[test]
fn the_middleware_does_the_same() {
    for expired in [Expired::Unauthorized, Expired::Forbidden] {
        let edge = LocalEdge::start_with(Options::default().expired_as(expired)).unwrap();
        let client = surf::Client::with_http_client(Hyper1Client::new());
        let client = client.with(middleware(&edge, with_expired_token(&edge)));
        assert_eq!(
            block_on(client.get(settings(&edge)).send())
                .unwrap()
                .status(),
            200
        );
        assert_eq!(
            (edge.served().token_requests, edge.served().api_requests),
            (2, 2)
        );
    }
}

/// The ways to call an API.
const CALLERS: [(&str, StartCaller); 3] = [
    ("send", |edge| {
        let source = source(edge);
        let request = Request::get(settings(edge)).body(Vec::new()).unwrap();
        Box::new(move || block_on(source.send(&request)).unwrap().status().into())
    }),
    ("call", |edge| {
        let source = source(edge);
        let operation = ExperienceEdge::at(edge.base_url()).unwrap().settings();
        Box::new(move || match block_on(source.call(&operation)) {
            Ok(_) => 200,
            // Without another token, the error is why there is none, and the API rejected this one.
            Err(CallError::Token(_)) => 401,
            Err(error) => error.status().unwrap().into(),
        })
    }),
    ("BearerMiddleware", |edge| {
        let client = surf::Client::with_http_client(Hyper1Client::new());
        let client = client.with(middleware(edge, source(edge)));
        let settings = settings(edge);
        Box::new(move || {
            block_on(client.get(&settings).send())
                .unwrap()
                .status()
                .into()
        })
    }),
];

// fault: rejected-token-sent-twice
#[test]
fn rejected_token_costs_every_caller_the_same_requests() {
    check_rejected_tokens(&CALLERS);
}

#[test]
fn the_middleware_sends_the_token_to_its_api_only() {
    let (edge, other) = (LocalEdge::start().unwrap(), LocalEdge::start().unwrap());
    let client = surf::Client::with_http_client(Hyper1Client::new()).with(Redirect::new(3));
    let client = client.with(middleware(&edge, source(&edge)));
    assert_eq!(
        block_on(client.get(settings(&other)).send())
            .unwrap()
            .status(),
        401
    );
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn a_busy_server_is_asked_again() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(503), Fault::status(503)])
        .unwrap();
    block_on(source(&edge).token()).unwrap();
    assert_eq!(edge.served().token_requests, 3);
}

#[test]
fn try_token_starts_one_request_and_waits_for_none() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let hold = edge.hold();
    assert!(source.try_token().is_none());
    edge.wait_for_token_requests(1);
    assert!(source.try_token().is_none());
    drop(hold);
    assert!(block_on(source.settle(Duration::from_secs(60))));
    assert!(source.try_token().is_some());
    assert_eq!(edge.served().token_requests, 1);
}
