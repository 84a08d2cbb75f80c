//! Operations of a protected API, called by threads and by tasks.

use std::time::Duration;

use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use edge_oauth_driver::{CallError, blocking, nonblocking};
use edge_oauth_no_io::{ApiError, Culprit, Operation, SecretBytes, TransportErrorKind};
use http::{Method, Request, Response};

use crate::stage::{self, Answer, Stage};

/// Makes a thing, and is told its number.
pub(crate) struct MakeThing;

impl Operation for MakeThing {
    type Output = u32;

    fn request(&self) -> Request<SecretBytes> {
        let mut request = Request::new(SecretBytes::new(b"thing".to_vec()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = http::Uri::from_static("https://api.example/things");
        request
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<u32, ApiError> {
        let status = response.status();
        if !status.is_success() || response.body().as_ref().starts_with(b"false") {
            return Err(ApiError::from_response(response, &["thing"]));
        }
        let text = std::str::from_utf8(response.body().as_ref()).unwrap();
        let number = text.parse();
        number.map_err(|_| ApiError::malformed(status, "the body", "is not a number"))
    }
}

/// Calls once from a thread and once from a task, each on a stage of its own that holds a token, and
/// returns what was sent too.
fn call(answers: impl Fn() -> Vec<Answer>) -> (Result<u32, CallError>, Vec<String>) {
    let stage = |answers: Vec<Answer>| Stage::new([Answer::Token(900)].into_iter().chain(answers));
    let later = Duration::from_secs(2);

    let threads = stage(answers());
    let source = stage::threads(&threads);
    source.token().unwrap();
    threads.clock().advance(later);
    let by_thread = source.call(&MakeThing);

    let futures = stage(answers());
    let source = stage::tasks(&futures);
    block_on(source.token()).unwrap();
    futures.clock().advance(later);
    let by_task = block_on(source.call(&MakeThing));

    assert_eq!(by_thread, by_task, "both loops do the same");
    assert_eq!(threads.seen(), futures.seen());
    (by_thread, threads.seen())
}

fn error(answers: impl Fn() -> Vec<Answer>) -> CallError {
    call(answers).0.unwrap_err()
}

#[test]
fn call_returns_the_result_of_its_operation() {
    assert_eq!(call(|| vec![Answer::Status(201, "", "7")]).0, Ok(7));
}

// fault: rejected-token
#[test]
fn rejected_token_is_replaced_and_the_call_is_repeated_once() {
    for (status, body) in [(401, ""), (403, "Token has expired")] {
        let refused = || Answer::Status(status, "", body);
        let made = || vec![refused(), Answer::Token(900), Answer::Status(201, "", "7")];
        assert_eq!(call(made).0, Ok(7));

        let never = || vec![refused(), Answer::Token(900), refused()];
        let (outcome, seen) = call(never);
        let error = outcome.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.culprit(), Culprit::Config);
        let CallError::Api(response) = &error else {
            panic!("{error}")
        };
        assert_eq!(error.hint(), response.hint());
        assert!(error.hint().is_some() && !error.is_transient());
        assert_eq!(seen[1], "POST /things Bearer t1 thing");
        assert_eq!(seen[3], "POST /things Bearer t3 thing");
        assert_eq!(seen.len(), 4);
    }
}

// fault: rejected-token
#[test]
fn rejected_token_without_a_replacement_is_the_error_of_the_token_server() {
    // A pause longer than the caller's deadline, and a verdict.
    let busy = Answer::Status(503, "retry-after: 3600", "");
    let wrong = Answer::Status(400, "", r#"{"error":"invalid_client"}"#);
    for (failure, status, transient) in [(busy, 503, true), (wrong, 400, false)] {
        let answers = || vec![Answer::Status(401, "", "Expired"), failure];
        let error = error(answers);
        assert!(matches!(error, CallError::Token(_)), "{error}");
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.is_transient(), transient);

        // A caller that sends by hand gets the API's response.
        let stage = Stage::new([Answer::Token(900)].into_iter().chain(answers()));
        let by_thread = stage::threads(&stage);
        by_thread.token().unwrap();
        stage.clock().advance(Duration::from_secs(2));
        let stage = Stage::new([Answer::Token(900)].into_iter().chain(answers()));
        let by_task = stage::tasks(&stage);
        block_on(by_task.token()).unwrap();
        stage.clock().advance(Duration::from_secs(2));
        let request = MakeThing.request();
        for answer in [by_thread.send(&request), block_on(by_task.send(&request))] {
            assert_eq!(answer.unwrap().status(), 401);
        }
    }
}

#[test]
fn error_response_is_an_error_with_its_words() {
    let busy = error(|| {
        vec![Answer::Status(
            503,
            "retry-after: 7",
            r#"{"message":"Busy"}"#,
        )]
    });
    assert_eq!(busy.to_string(), "the API responded with status 503: Busy");
    assert_eq!(busy.message(), Some("Busy"));
    assert_eq!(
        busy.retry_after().unwrap().wait(Duration::ZERO),
        Duration::from_secs(7)
    );
    assert!(busy.is_transient());
    assert_eq!(busy.culprit(), Culprit::Server);

    let wrong = error(|| vec![Answer::Status(400, "", "no such label")]);
    assert_eq!(wrong.culprit(), Culprit::Config);
    assert!(!wrong.is_transient());

    let unread = error(|| vec![Answer::Status(200, "", "seven")]);
    assert_eq!(
        unread,
        CallError::Api(ApiError::malformed(
            http::StatusCode::OK,
            "the body",
            "is not a number"
        ))
    );
}

#[test]
fn call_without_a_response_names_the_failure() {
    let fault = error(|| vec![Answer::Fault(TransportErrorKind::Closed)]);
    assert!(matches!(fault, CallError::Transport(_)));
    assert_eq!((fault.culprit(), fault.status()), (Culprit::Network, None));
    assert!(fault.is_transient());

    let stage = Stage::new([Answer::Status(401, "", r#"{"error":"invalid_client"}"#)]);
    let source = stage::threads(&stage);
    let error = source.call(&MakeThing).unwrap_err();
    assert!(matches!(error, CallError::Token(_)));
    assert_eq!(error.status().unwrap(), 401);
}

#[test]
fn token_or_request_repeated_in_a_response_is_not_in_the_error() {
    // A success that the operation reads as a refusal is an error too.
    for status in [200, 400, 503] {
        for echo in [
            "false: no thing for Bearer t1, not t1",
            r"false: no \u0074hing for Bearer \u00741, not t\u0031",
            "false: no thin%67 for Bearer t%31, not %741",
        ] {
            let error = error(|| vec![Answer::Status(status, "", echo)]);
            assert_eq!(
                error.message(),
                Some("[withheld: it repeats a credential]"),
                "{status} {echo}"
            );
        }
    }
    // The token of the second request, where there was one.
    let twice = || {
        vec![
            Answer::Status(401, "", "not t1"),
            Answer::Token(900),
            Answer::Status(401, "", "not t3"),
        ]
    };
    assert_eq!(
        error(twice).message(),
        Some("[withheld: it repeats a credential]")
    );
}

#[test]
fn response_of_send_is_unchanged_and_its_error_has_no_token() {
    let answers = || [Answer::Token(900), Answer::Status(400, "", "not t1")];
    let by_thread = stage::threads(&Stage::new(answers()));
    let by_task = stage::tasks(&Stage::new(answers()));
    let request = MakeThing.request();
    for answer in [by_thread.send(&request), block_on(by_task.send(&request))] {
        let answer = answer.unwrap();
        assert_eq!(answer.body().as_ref(), b"not t1");
        assert!(!format!("{answer:?}").contains("t1"));
        let error = MakeThing.parse(&answer).unwrap_err();
        assert_eq!(error.message(), Some("[withheld: it repeats a credential]"));
    }
}

/// Marks its request for a transport that knows it.
struct MakeMarkedThing;

#[derive(Clone)]
struct Mark;

impl Operation for MakeMarkedThing {
    type Output = u32;

    fn request(&self) -> Request<SecretBytes> {
        let mut request = MakeThing.request();
        request.extensions_mut().insert(Mark);
        request
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<u32, ApiError> {
        MakeThing.parse(response)
    }
}

#[test]
fn request_of_an_operation_keeps_its_extensions() {
    let transport = ScriptedTransport::new(|request| {
        let body = match request.uri().host() {
            Some("login.example") => r#"{"access_token":"abc"}"#,
            _ if request.extensions().get::<Mark>().is_some() => "7",
            _ => "no mark",
        };
        Ok(Response::new(body.into()))
    });
    let threads = blocking::TokenSource::new(transport.clone(), stage::config());
    assert_eq!(threads.call(&MakeMarkedThing), Ok(7));
    let tasks = nonblocking::TokenSource::<Clock>::new(transport, stage::config());
    assert_eq!(block_on(tasks.call(&MakeMarkedThing)), Ok(7));
}

#[test]
fn waiting_call_holds_no_lock() {
    let stage = Stage::new([]);
    let source = stage::tasks(&stage);
    block_on(source.token()).unwrap();
    stage.close();
    let mut calling = Box::pin(source.call(&MakeThing));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(calling.as_mut().poll(&mut context).is_pending());
    // Each of these takes the lock.
    assert!(source.export().is_some());
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    stage.open();
    assert!(
        block_on(calling).is_err(),
        "an answer that is a token is no number"
    );
}

#[test]
fn future_of_a_call_is_send() {
    fn assert_send(_: impl Send) {}
    let source = stage::tasks(&Stage::new([]));
    assert_send(source.call(&MakeThing));
    assert_send(source.send(&Request::new("text")));
}
