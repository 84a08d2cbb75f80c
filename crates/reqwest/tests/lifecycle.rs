//! One token for many tasks, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_conformance::{StartCaller, check_rejected_tokens};
use edge_oauth_driver::CallError;
use edge_oauth_local::{Expired, Fault, LocalEdge, Options};
use edge_oauth_no_io::{Config, Origin, Secret, Tenant};
use edge_oauth_reqwest::{
    BearerMiddleware, ReqwestTransport, TokenSource, hardened_client_builder,
};
use experience_edge_api::ExperienceEdge;
use http::Request;
use reqwest::redirect::Policy;
use reqwest_middleware::ClientWithMiddleware;
use tokio::runtime::Runtime;

fn source(edge: &LocalEdge) -> TokenSource {
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret).unwrap();
    let config = config
        .to_builder()
        .endpoint(edge.token_url())
        .build()
        .unwrap();
    TokenSource::new(ReqwestTransport::new().unwrap(), config)
}

fn settings(edge: &LocalEdge) -> String {
    format!("{}/api/admin/v1/settings", edge.base_url())
}

/// Makes the source cache a token that has expired at the server.
async fn expire(edge: &LocalEdge, source: &TokenSource) {
    source.token().await.unwrap();
    edge.advance(std::time::Duration::from_secs(2 * 86_400));
}

// fault: thousand-callers-without-a-token
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousand_concurrent_tasks_share_one_token_request() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let hold = edge.hold();
    let call = || {
        let source = source.clone();
        tokio::spawn(async move { source.token().await.map(|token| token.expose().to_owned()) })
    };
    let callers: Vec<_> = (0..1000).map(|_| call()).collect();
    edge.wait_for_token_requests(1);
    drop(hold);
    let first = source.token().await.unwrap();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), first.expose());
    }
    assert_eq!(edge.served().token_requests, 1);
}

// fault: caller-cancelled
#[tokio::test]
async fn hundred_cancelled_callers_leave_the_others_a_token() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let hold = edge.hold();
    for _ in 0..100 {
        // Polled once, the first caller starts an acquisition. Dropped, it returns the acquisition to the keeper.
        let mut leader = Box::pin(source.token());
        let polled = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(leader.as_mut().poll(cx).is_pending())
        });
        assert!(polled.await);
    }
    let callers: Vec<_> = (0..100)
        .map(|_| {
            tokio::spawn({
                let source = source.clone();
                async move { source.token().await }
            })
        })
        .collect();
    drop(hold);
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    // The acquisition of the second caller runs in the background, and its token goes to every caller.
    assert!(edge.served().token_requests <= 2);
}

// fault: rejected-token
#[tokio::test]
async fn request_with_a_rejected_token_is_sent_again_with_a_new_token() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    expire(&edge, &source).await;
    let request = Request::get(settings(&edge)).body(Vec::new()).unwrap();
    assert_eq!(source.send(&request).await.unwrap().status(), 200);
    assert_eq!(edge.served().token_requests, 2);
    assert_eq!(edge.served().api_requests, 2);
}

#[tokio::test]
async fn call_returns_the_response_or_the_error_of_the_api() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    expire(&edge, &source).await;
    let api = ExperienceEdge::at(edge.base_url()).unwrap();
    let settings = source.call(&api.settings()).await.unwrap();
    assert!(settings.content_cache_ttl().is_some());
    assert_eq!(edge.served().token_requests, 2);
    let nowhere = ExperienceEdge::at(&format!("{}/nowhere", edge.base_url())).unwrap();
    let error = source.call(&nowhere.settings()).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
}

/// Returns a client that adds tokens to requests to this server.
fn client(edge: &LocalEdge, source: TokenSource, redirect: Policy) -> ClientWithMiddleware {
    let client = hardened_client_builder()
        .unwrap()
        .no_proxy()
        .redirect(redirect)
        .build()
        .unwrap();
    let middleware = BearerMiddleware::new(source, Origin::from_url(edge.base_url()).unwrap());
    reqwest_middleware::ClientBuilder::new(client)
        .with(middleware)
        .build()
}

#[tokio::test]
async fn middleware_sends_a_request_again_with_a_new_token() {
    for expired in [Expired::Unauthorized, Expired::Forbidden] {
        let edge = LocalEdge::start_with(Options::default().expired_as(expired)).unwrap();
        let source = source(&edge);
        expire(&edge, &source).await;
        let client = client(&edge, source, Policy::none());
        assert_eq!(
            client.get(settings(&edge)).send().await.unwrap().status(),
            200
        );
        assert_eq!(
            (edge.served().token_requests, edge.served().api_requests),
            (2, 2)
        );
    }
}

fn runtime() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap()
}

/// The ways to call an API.
const CALLERS: [(&str, StartCaller); 3] = [
    ("send", |edge| {
        let (runtime, source) = (runtime(), source(edge));
        let request = Request::get(settings(edge)).body(Vec::new()).unwrap();
        Box::new(move || {
            let response = runtime.block_on(source.send(&request)).unwrap();
            response.status().into()
        })
    }),
    ("call", |edge| {
        let (runtime, source) = (runtime(), source(edge));
        let operation = ExperienceEdge::at(edge.base_url()).unwrap().settings();
        Box::new(move || match runtime.block_on(source.call(&operation)) {
            Ok(_) => 200,
            // If there is no replacement, `call` returns the error of the token request. The API rejected the token.
            Err(CallError::Token(_)) => 401,
            Err(error) => error.status().unwrap().into(),
        })
    }),
    ("BearerMiddleware", |edge| {
        let (runtime, client) = (runtime(), client(edge, source(edge), Policy::none()));
        let settings = settings(edge);
        Box::new(move || {
            let response = runtime.block_on(client.get(&settings).send()).unwrap();
            response.status().into()
        })
    }),
];

// fault: rejected-token-sent-twice
#[test]
fn rejected_token_costs_every_caller_the_same_requests() {
    check_rejected_tokens(&CALLERS);
}

#[tokio::test]
async fn middleware_sends_the_token_only_to_its_api() {
    let (edge, other) = (LocalEdge::start().unwrap(), LocalEdge::start().unwrap());
    let client = client(&edge, source(&edge), Policy::limited(5));
    assert_eq!(
        client.get(settings(&other)).send().await.unwrap().status(),
        401
    );
    assert_eq!(edge.served().token_requests, 0);

    // The redirect removes the token, so the rejection is no statement about the token.
    edge.script([
        Fault::none(),
        Fault::redirect(302, settings(&other).as_str()),
    ])
    .unwrap();
    let answer = client.post(edge.token_url()).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.url().as_str()),
        (401, settings(&other).as_str())
    );
    assert_eq!(other.served().api_requests, 2);
}

#[tokio::test]
async fn token_request_to_a_busy_server_is_retried() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(503), Fault::status(503)])
        .unwrap();
    source(&edge).token().await.unwrap();
    assert_eq!(edge.served().token_requests, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn try_token_starts_one_request_and_waits_for_none() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let hold = edge.hold();
    assert!(source.try_token().is_none());
    edge.wait_for_token_requests(1);
    assert!(source.try_token().is_none());
    drop(hold);
    assert!(source.settle(std::time::Duration::from_secs(60)).await);
    assert!(source.try_token().is_some());
    assert_eq!(edge.served().token_requests, 1);
}
