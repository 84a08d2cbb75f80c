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

/// Returns a source with a token that has expired at the server.
fn with_expired_token(edge: &LocalEdge) -> TokenSource {
    let source = source(edge);
    block_on(source.token()).unwrap();
    edge.advance(Duration::from_secs(2 * 86_400));
    source
}

// fault: thousand-callers-without-a-token
#[test]
fn thousand_concurrent_tasks_share_one_token_request() {
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
fn hundred_cancelled_callers_leave_the_others_a_token() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    for _ in 0..100 {
        // Polled once, the first caller starts an acquisition. Dropped, it returns the acquisition to the keeper.
        let mut leader = Box::pin(source.token());
        assert!(
            leader
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    block_on(source.token()).unwrap();
    // The acquisition of the second caller runs in the background, and its token goes to every caller.
    assert!(edge.served().token_requests <= 2);
}

// fault: rejected-token
#[test]
fn request_with_a_rejected_token_is_sent_again_with_a_new_token() {
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
fn call_returns_the_response_or_the_error_of_the_api() {
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

/// Returns the middleware that adds tokens to requests to this server.
fn middleware(edge: &LocalEdge, source: TokenSource) -> BearerMiddleware {
    BearerMiddleware::new(source, Origin::from_url(edge.base_url()).unwrap())
}

#[test]
fn middleware_sends_a_request_again_with_a_new_token() {
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
            // If there is no replacement, `call` returns the error of the token request. The API rejected the token.
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
fn middleware_sends_the_token_only_to_its_api() {
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
fn token_request_to_a_busy_server_is_retried() {
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
