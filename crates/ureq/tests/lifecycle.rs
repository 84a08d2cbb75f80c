//! One token for many threads, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use edge_oauth_conformance::{StartCaller, check_rejected_tokens};
use edge_oauth_driver::CallError;
use edge_oauth_local::{Expired, Fault, LocalEdge, Options};
use edge_oauth_no_io::{Config, Origin, Provider, Secret, Tenant};
use edge_oauth_ureq::{AuthorizedAgent, BearerMiddleware, TokenSource, UreqTransport};
use experience_edge_api::ExperienceEdge;
use http::Request;

fn source(edge: &LocalEdge) -> TokenSource {
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret).unwrap();
    TokenSource::new(
        UreqTransport::new(),
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
    source.token().unwrap();
    edge.advance(Duration::from_secs(2 * 86_400));
    source
}

// fault: thousand-callers-without-a-token
#[test]
fn thousand_concurrent_threads_share_one_token_request() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let hold = edge.hold();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..1000).map(|_| scope.spawn(|| source.token())).collect();
        edge.wait_for_token_requests(1);
        drop(hold);
        let first = source.token().unwrap();
        for caller in callers {
            assert_eq!(caller.join().unwrap().unwrap().expose(), first.expose());
        }
    });
    assert_eq!(edge.served().token_requests, 1);
}

// fault: rejected-token
#[test]
fn request_with_a_rejected_token_is_sent_again_with_a_new_token() {
    for expired in [Expired::Unauthorized, Expired::Forbidden] {
        let edge = LocalEdge::start_with(Options::default().expired_as(expired)).unwrap();
        let source = with_expired_token(&edge);
        let request = Request::get(settings(&edge)).body(Vec::new()).unwrap();
        assert_eq!(source.send(&request).unwrap().status(), 200);
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
    let settings = source.call(&api.settings()).unwrap();
    assert!(settings.content_cache_ttl().is_some());
    assert_eq!(edge.served().token_requests, 2);
    let nowhere = ExperienceEdge::at(&format!("{}/nowhere", edge.base_url())).unwrap();
    let error = source.call(&nowhere.settings()).unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
}

#[test]
fn authorized_agent_sends_a_request_again_with_a_new_token() {
    for expired in [Expired::Unauthorized, Expired::Forbidden] {
        let edge = LocalEdge::start_with(Options::default().expired_as(expired)).unwrap();
        let agent = AuthorizedAgent::new(with_expired_token(&edge), ureq::agent());
        let request = Request::get(settings(&edge)).body(Vec::new()).unwrap();
        let mut response = agent.run(&request).unwrap();
        assert!(
            response
                .body_mut()
                .read_to_string()
                .unwrap()
                .contains("contentCacheTtl")
        );
        assert_eq!(
            (edge.served().token_requests, edge.served().api_requests),
            (2, 2)
        );

        let missing = Request::get(format!("{}/none", edge.base_url()))
            .body(Vec::new())
            .unwrap();
        assert!(matches!(
            agent.run(&missing),
            Err(ureq::Error::StatusCode(404))
        ));
        let insecure = Request::get("http://api.example/")
            .body(Vec::new())
            .unwrap();
        assert!(
            agent
                .run(&insecure)
                .unwrap_err()
                .to_string()
                .contains("https")
        );
    }
}

/// Returns an agent that returns every status as a response.
fn agent(source: TokenSource) -> AuthorizedAgent {
    let agent = ureq::Agent::config_builder().http_status_as_error(false);
    AuthorizedAgent::new(source, agent.build().new_agent())
}

/// The ways to call an API.
const CALLERS: [(&str, StartCaller); 3] = [
    ("send", |edge| {
        let source = source(edge);
        let request = Request::get(settings(edge)).body(Vec::new()).unwrap();
        Box::new(move || source.send(&request).unwrap().status().into())
    }),
    ("call", |edge| {
        let source = source(edge);
        let operation = ExperienceEdge::at(edge.base_url()).unwrap().settings();
        Box::new(move || match source.call(&operation) {
            Ok(_) => 200,
            // If there is no replacement, `call` returns the error of the token request. The API rejected the token.
            Err(CallError::Token(_)) => 401,
            Err(error) => error.status().unwrap().into(),
        })
    }),
    ("AuthorizedAgent", |edge| {
        let agent = agent(source(edge));
        let request = Request::get(settings(edge)).body(Vec::new()).unwrap();
        Box::new(move || agent.run(&request).unwrap().status().into())
    }),
];

// fault: rejected-token-sent-twice
#[test]
fn rejected_token_costs_every_caller_the_same_requests() {
    check_rejected_tokens(&CALLERS);
}

/// Starts an API whose responses are a 401 with a part of its body. Returns its URL.
fn api_with_half_of_a_body(closes: bool) -> String {
    let api = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", api.local_addr().unwrap());
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in api.incoming() {
            let mut stream = stream.unwrap();
            let mut head = BufReader::new(&stream).lines().map_while(Result::ok);
            assert!(head.any(|line| line.is_empty()));
            let answer = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\n\r\npart";
            stream.write_all(answer.as_bytes()).unwrap();
            open.extend((!closes).then_some(stream));
        }
    });
    url
}

// fault: body-of-a-401-that-breaks-off, body-of-a-401-that-never-comes
#[test]
fn undecided_response_without_the_end_of_its_body_is_the_callers_with_the_error() {
    for (closes, timeout, token_requests) in [(true, 60_000, 2), (false, 500, 1)] {
        let edge = LocalEdge::start().unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_recv_body(Some(Duration::from_millis(timeout)));
        let agent = AuthorizedAgent::new(source(&edge), agent.build().new_agent());
        let url = api_with_half_of_a_body(closes);
        let request = Request::get(url).body(Vec::new()).unwrap();
        let mut response = agent.run(&request).unwrap();
        assert_eq!(response.status(), 401);
        let mut text = Vec::new();
        let mut body = response.body_mut().as_reader();
        assert!(body.read_to_end(&mut text).is_err());
        assert_eq!(text, b"part");
        assert_eq!(edge.served().token_requests, token_requests);
    }
}

// fault: token-of-another-configuration-at-an-api
#[test]
fn token_of_a_configuration_that_came_meanwhile_goes_to_its_own_api_alone() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let elsewhere = Origin::from_url("https://api.example").unwrap();
    let provider = Provider::standard().origin(elsewhere);
    let other = source.config().to_builder().provider(provider);
    let request = Request::get(settings(&edge)).body(Vec::new()).unwrap();
    let agent = agent(source.clone());
    let hold = edge.hold();
    thread::scope(|scope| {
        let caller = scope.spawn(|| agent.run(&request));
        edge.wait_for_token_requests(1);
        source.replace_config(other.build().unwrap());
        drop(hold);
        let error = caller.join().unwrap().unwrap_err();
        let ureq::Error::Other(error) = error else {
            panic!("{error}")
        };
        assert_eq!(error.downcast_ref(), Some(&CallError::UrlNotAllowed));
    });
    assert_eq!(edge.served().api_requests, 0);
}

#[test]
fn middleware_invalidates_a_rejected_token_for_the_next_request() {
    let edge = LocalEdge::start().unwrap();
    let api = Origin::from_url(edge.base_url()).unwrap();
    let middleware = BearerMiddleware::new(with_expired_token(&edge), api);
    let agent = ureq::Agent::config_builder()
        .middleware(middleware)
        .proxy(None)
        .build()
        .new_agent();
    assert!(matches!(
        agent.get(settings(&edge)).call(),
        Err(ureq::Error::StatusCode(401))
    ));
    assert_eq!(agent.get(settings(&edge)).call().unwrap().status(), 200);
    assert_eq!(
        (edge.served().token_requests, edge.served().api_requests),
        (2, 2)
    );
}

#[test]
fn middleware_sends_the_token_only_to_its_api() {
    let (edge, other) = (LocalEdge::start().unwrap(), LocalEdge::start().unwrap());
    let middleware =
        BearerMiddleware::new(source(&edge), Origin::from_url(edge.base_url()).unwrap());
    let agent = ureq::Agent::config_builder()
        .middleware(middleware)
        .proxy(None)
        .build()
        .new_agent();
    assert!(matches!(
        agent.get(settings(&other)).call(),
        Err(ureq::Error::StatusCode(401))
    ));
    assert_eq!(
        (edge.served().token_requests, other.served().api_requests),
        (0, 1)
    );
}

#[test]
fn rejection_after_a_redirect_keeps_the_token() {
    let (edge, other) = (LocalEdge::start().unwrap(), LocalEdge::start().unwrap());
    let agent = AuthorizedAgent::new(source(&edge), ureq::agent());
    edge.script([
        Fault::none(),
        Fault::redirect(302, settings(&other).as_str()),
    ])
    .unwrap();
    let request = Request::post(edge.token_url()).body(Vec::new()).unwrap();
    assert!(matches!(
        agent.run(&request),
        Err(ureq::Error::StatusCode(401))
    ));
    assert_eq!(
        other.served().api_requests,
        1,
        "sent once, without the token"
    );
    assert_eq!(edge.served().tokens_issued, 1, "and it is not replaced");
}

#[test]
fn token_request_to_a_busy_server_is_retried() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(503), Fault::status(503)])
        .unwrap();
    source(&edge).token().unwrap();
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
    assert!(source.settle(Duration::from_secs(60)));
    assert!(source.try_token().is_some());
    assert_eq!(edge.served().token_requests, 1);
}
