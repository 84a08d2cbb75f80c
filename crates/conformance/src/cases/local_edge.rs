//! Token requests and API calls against a local Experience Edge.

use std::sync::Mutex;
use std::time::Duration;

use edge_oauth_driver::blocking::{Runtime, TokenSource};
use edge_oauth_driver::{CallError, Notified, system_time};
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{
    ApiError, Config, Moment, Operation, RequestLimits, Secret, SecretBytes, Tenant, token_request,
    token_response,
};
use http::{Request, Response};

use crate::exchange::SubjectTransport;
use crate::exchange::{LONG, send_request};
use crate::secrecy::watch::watch;
use crate::subject::Subject;

pub(super) fn right_secret_gets_a_token<S: Subject>() {
    let edge = LocalEdge::start().unwrap();
    let config = edge_config(&edge, edge.client_secret());
    let bounds = RequestLimits::token(LONG);
    let response = send_request(&S::new(), token_request(&config).unwrap(), bounds).unwrap();
    assert!(token_response(&config, &response).is_ok());
    assert_eq!(edge.served().token_requests, 1);
}

pub(super) fn wrong_secret_gets_an_error_response<S: Subject>() {
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

// fault: rejected-token-sent-twice
pub(super) fn rejected_token_is_replaced_once_by_send_and_by_call<S: Subject>() {
    for call in CALLS {
        let edge = LocalEdge::start().unwrap();
        let source = source::<S>(&edge);
        edge.script_api([Fault::status(401)]).unwrap();
        assert_eq!(call(&source, &edge).unwrap(), 200);
        assert_eq!(requests(&edge), (2, 2));
    }
}

// fault: rejected-token-sent-twice
pub(super) fn api_that_rejects_every_token_costs_one_request_for_each_call<S: Subject>() {
    for call in CALLS {
        let edge = LocalEdge::start().unwrap();
        let source = source::<S>(&edge);
        edge.script_api((0..30).map(|_| Fault::status(401)))
            .unwrap();
        for _ in 0..10 {
            assert_eq!(call(&source, &edge).unwrap(), 401);
        }
        // Only the first call could replace its token.
        assert_eq!(requests(&edge), (2, 11));
    }
}

// fault: rejected-token-sent-twice
pub(super) fn rejected_token_without_a_replacement_is_sent_once<S: Subject>() {
    let outcomes = CALLS.map(|call| {
        let edge = LocalEdge::start().unwrap();
        let source = source::<S>(&edge);
        let busy = Fault::status(503).header("retry-after", "3600");
        edge.script([Fault::none(), busy]).unwrap();
        edge.script_api([Fault::status(401)]).unwrap();
        let outcome = call(&source, &edge);
        assert_eq!(requests(&edge), (2, 1));
        outcome
    });
    // `send` returns the response; `call` returns the error of the token request.
    let [Ok(401), Err(CallError::Token(error))] = outcomes else {
        panic!("{outcomes:?}")
    };
    assert_eq!(error.status().unwrap(), 503);
}

type Source = TokenSource<Still>;

/// Requests the settings, and returns the status.
type Call = fn(&Source, &LocalEdge) -> Result<u16, CallError>;

const CALLS: [Call; 2] = [
    |source, edge| {
        let response = source.send(&settings(edge).request())?;
        Ok(response.status().as_u16())
    },
    |source, edge| match source.call(&settings(edge)) {
        Ok(_) => Ok(200),
        Err(CallError::Api(error)) => Ok(error.status().as_u16()),
        Err(error) => Err(error),
    },
];

/// An operation of the local Edge's API: reads the settings at this URL.
struct ReadSettings(String);

impl Operation for ReadSettings {
    type Output = ();

    fn request(&self) -> Request<SecretBytes> {
        let request = Request::get(&self.0);
        request.body(SecretBytes::new(Vec::new())).unwrap()
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<(), ApiError> {
        match response.status().is_success() {
            true => Ok(()),
            false => Err(ApiError::from_response(response, &[])),
        }
    }
}

fn settings(edge: &LocalEdge) -> ReadSettings {
    ReadSettings(format!("{}/api/admin/v1/settings", edge.base_url()))
}

fn source<S: Subject>(edge: &LocalEdge) -> Source {
    watch().plant("the client secret of the local Edge", edge.client_secret());
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)
        .and_then(|config| config.to_builder().endpoint(edge.token_url()).build())
        .unwrap();
    let still = Still(Mutex::new(system_time()));
    TokenSource::builder(config)
        .runtime(still)
        .build(SubjectTransport(S::new()))
}

/// Returns the number of token requests and of API requests.
fn requests(edge: &LocalEdge) -> (u64, u64) {
    let served = edge.served();
    (served.token_requests, served.api_requests)
}

/// A clock that only waiting moves, so that the number of requests does not depend on the machine's speed.
struct Still(Mutex<Moment>);

impl Runtime for Still {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }

    fn wait(&self, _: Notified, at_most: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.after(at_most);
    }
}
