//! The layer around a service that a test plays: backpressure, cancellation, and bodies that are sent again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use edge_oauth_driver::nonblocking::{Builder, TokenSource};
use edge_oauth_driver::testing::{Clock, ScriptedTransport};
use edge_oauth_no_io::CHALLENGE_BODY_TIMEOUT;
use edge_oauth_tower::{
    BearerLayer, BearerService, BoxError, CallError, Config, Origin, PeekedBody, Provider, Secret,
};
use http::{HeaderMap, Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tokio::sync::oneshot;
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service, ServiceExt};
use tower_test::mock::{self, Handle, Mock};

type Sent = Request<PeekedBody<Frames>>;
type Api = Handle<Sent, Response<Frames>>;
type Client = BearerService<Mock<Sent, Response<Frames>>, Clock>;

/// A body that is made of these polls.
#[derive(Debug, Default)]
struct Frames(VecDeque<Step>);

#[derive(Debug)]
enum Step {
    Data(&'static [u8]),
    Trailers(HeaderMap),
    /// Not ready at the first poll.
    Later,
    /// Not ready until the sender is dropped.
    Held(oneshot::Receiver<()>),
    Error,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(Step::Held(held)) = self.0.front_mut() {
            let _ = std::task::ready!(Pin::new(held).poll(cx));
            self.0.pop_front();
        }
        Poll::Ready(match self.0.pop_front() {
            Some(Step::Data(data)) => Some(Ok(Frame::data(Bytes::from_static(data)))),
            Some(Step::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Some(Step::Held(_)) => unreachable!("one in a row"),
            Some(Step::Error) => Some(Err(io::Error::other("the body broke"))),
            Some(Step::Later) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            None => None,
        })
    }
}

fn body(steps: impl IntoIterator<Item = Step>) -> Frames {
    Frames(steps.into_iter().collect())
}

/// Tokens `t1`, `t2` and so on; or the errors with these statuses first.
fn source(statuses: &[u16]) -> TokenSource<Clock> {
    let mut statuses: VecDeque<_> = statuses.to_vec().into();
    let mut count = 0;
    with_transport(ScriptedTransport::new(move |_| {
        count += 1;
        let status = statuses.pop_front().unwrap_or(200);
        let response = Response::builder().status(status);
        let response = response.header("retry-after", "3600");
        let body = format!(r#"{{"access_token":"t{count}","expires_in":900}}"#);
        Ok(response.body(body.into_bytes()).unwrap())
    }))
}

fn with_transport(transport: ScriptedTransport) -> TokenSource<Clock> {
    with_clock(transport, Clock::new())
}

fn with_clock(transport: ScriptedTransport, clock: Clock) -> TokenSource<Clock> {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .provider(Provider::experience_edge());
    Builder::new(config.build().unwrap(), clock).build(transport)
}

fn layer(source: TokenSource<Clock>) -> BearerLayer<Clock> {
    BearerLayer::new(source, Origin::from_url("https://api.example").unwrap())
}

fn client(layer: &BearerLayer<Clock>) -> (Client, Api) {
    let (mock, api) = mock::pair();
    (layer.layer(mock), api)
}

fn request(steps: impl IntoIterator<Item = Step>) -> Request<Frames> {
    Request::post("https://api.example/things?page=2")
        .header("x-own", "1")
        .body(body(steps))
        .unwrap()
}

fn response(status: u16, steps: impl IntoIterator<Item = Step>) -> Response<Frames> {
    Response::builder()
        .status(status)
        .body(body(steps))
        .unwrap()
}

/// The request that arrived, as its token and its body.
async fn seen(sent: Sent) -> (String, String) {
    assert_eq!(sent.headers()["x-own"], "1");
    assert_eq!(sent.uri(), "https://api.example/things?page=2");
    let authorization = &sent.headers()["authorization"];
    assert!(authorization.is_sensitive());
    let token = authorization.to_str().unwrap().to_owned();
    (token, text(sent.into_body()).await)
}

/// The data of a body, its trailers in brackets, and a broken end as `!`.
async fn text<B: Body<Data = Bytes> + Unpin>(mut body: B) -> String {
    let mut text = String::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return text + "!";
        };
        match frame.into_data() {
            Ok(data) => text += std::str::from_utf8(&data).unwrap(),
            Err(frame) => text += &format!("[{}]", frame.into_trailers().ok().unwrap().len()),
        }
    }
    text
}

/// Calls once; the API gives these responses in turn. Returns what arrived, and the final response.
async fn exchange(
    layer: &BearerLayer<Clock>,
    request: Request<Frames>,
    responses: impl IntoIterator<Item = Response<Frames>>,
) -> (Vec<(String, String)>, Result<(u16, String), BoxError>) {
    let (client, mut api) = client(layer);
    let mut call = tokio::spawn(client.oneshot(request));
    let mut arrived = Vec::new();
    let mut responses = responses.into_iter();
    let result = loop {
        tokio::select! {
            biased;
            Some((request, respond)) = api.next_request() => {
                arrived.push(seen(request).await);
                // Without a response, the call has an error.
                if let Some(response) = responses.next() {
                    respond.send_response(response);
                }
            }
            result = &mut call => break result.unwrap(),
        }
    };
    let result = match result {
        Ok(response) => Ok((response.status().into(), text(response.into_body()).await)),
        Err(error) => Err(error),
    };
    drop(api);
    (arrived, result)
}

fn rejection() -> Response<Frames> {
    response(401, [])
}

#[tokio::test]
async fn body_that_is_ready_is_sent_again_with_another_token() {
    let trailers = HeaderMap::from_iter([("x-sum".parse().unwrap(), "1".parse().unwrap())]);
    for (steps, sent) in [
        (vec![], ""),
        (vec![Step::Data(b"abc")], "abc"),
        (
            vec![Step::Data(b"ab"), Step::Data(b""), Step::Data(b"c")],
            "abc",
        ),
        (vec![Step::Data(b"abc"), Step::Trailers(trailers)], "abc[1]"),
    ] {
        let layer = layer(source(&[]));
        let responses = [rejection(), response(200, [Step::Data(b"done")])];
        let (arrived, result) = exchange(&layer, request(steps), responses).await;
        let expected = [("Bearer t1", sent), ("Bearer t2", sent)];
        let expected = expected.map(|(token, body)| (token.to_owned(), body.to_owned()));
        assert_eq!(arrived, expected);
        assert_eq!(result.unwrap(), (200, "done".to_owned()));
    }
}

// fault: body-that-cannot-be-sent-again
#[tokio::test]
async fn body_that_is_a_stream_or_too_large_arrives_whole_and_is_sent_once() {
    for (steps, sent) in [
        (vec![Step::Data(b"a"), Step::Later, Step::Data(b"b")], "ab"),
        (vec![Step::Later, Step::Data(b"ab")], "ab"),
        (vec![Step::Data(b"ab"), Step::Later], "ab"),
        (vec![Step::Data(b"1234"), Step::Data(b"5678")], "12345678"),
        (vec![Step::Data(b"ab"), Step::Error], "ab!"),
        (vec![Step::Later, Step::Error], "!"),
    ] {
        let layer = layer(source(&[])).keep_bodies(|head| {
            assert_eq!(head.method, "POST");
            Some(7)
        });
        let (arrived, result) = exchange(&layer, request(steps), [rejection()]).await;
        assert_eq!(arrived, [("Bearer t1".to_owned(), sent.to_owned())]);
        assert_eq!(result.unwrap(), (401, String::new()), "{sent}");
        // The rejected token is not sent to the API again.
        let (arrived, _) = exchange(&layer, request([]), [response(200, [])]).await;
        assert_eq!(arrived[0].0, "Bearer t2");
    }
}

#[tokio::test]
async fn body_may_be_as_large_as_the_limit_and_a_policy_may_send_all_once() {
    for (limit, attempts) in [(Some(3), 2), (Some(2), 1), (None, 1)] {
        for (steps, is_empty) in [(vec![Step::Data(b"abc")], false), (vec![], true)] {
            let layer = layer(source(&[])).keep_bodies(move |_| limit);
            let attempts = if is_empty && limit.is_some() {
                2
            } else {
                attempts
            };
            let responses = (0..attempts).map(|_| rejection());
            let (arrived, result) = exchange(&layer, request(steps), responses).await;
            assert_eq!((arrived.len(), result.unwrap().0), (attempts, 401));
        }
    }
}

#[tokio::test]
async fn response_is_final_if_it_rejects_the_second_token_or_no_second_one_is_to_be_had() {
    let layer_of = |statuses: &[u16]| layer(source(statuses));
    let steps = || [Step::Data(b"abc")];
    let twice = [
        response(401, [Step::Data(b"1")]),
        response(401, [Step::Data(b"2")]),
    ];
    let (arrived, result) = exchange(&layer_of(&[]), request(steps()), twice).await;
    assert_eq!((arrived.len(), result.unwrap().1.as_str()), (2, "2"));
    let once = [response(401, [Step::Data(b"1")])];
    let (arrived, result) = exchange(&layer_of(&[200, 429]), request(steps()), once).await;
    assert_eq!((arrived.len(), result.unwrap().1.as_str()), (1, "1"));
}

#[tokio::test]
async fn response_body_that_was_looked_at_is_the_callers_whole() {
    let trailers = HeaderMap::from_iter([("x-sum".parse().unwrap(), "1".parse().unwrap())]);
    let large: &[u8] = &[b' '; 65 * 1024];
    let whole = " ".repeat(large.len());
    for (status, steps, expected) in [
        (
            403,
            vec![Step::Data(b"Not "), Step::Later, Step::Data(b"yours")],
            "Not yours",
        ),
        (
            403,
            vec![Step::Data(b"Not"), Step::Trailers(trailers)],
            "Not[1]",
        ),
        (
            403,
            vec![Step::Data(b"Token has "), Step::Error],
            "Token has !",
        ),
        (
            403,
            vec![Step::Data(large), Step::Data(b"end")],
            &format!("{whole}end"),
        ),
        (
            401,
            vec![Step::Data(br#"{"message":"wrong PIN"}"#)],
            r#"{"message":"wrong PIN"}"#,
        ),
        (
            200,
            vec![Step::Later, Step::Data(b"ok"), Step::Error],
            "ok!",
        ),
    ] {
        let layer = layer(source(&[]));
        let (arrived, result) = exchange(&layer, request([]), [response(status, steps)]).await;
        assert_eq!(arrived.len(), 1);
        assert_eq!(result.unwrap(), (status, expected.to_owned()));
    }
    let expired = response(
        403,
        [
            Step::Data(b"Token has "),
            Step::Later,
            Step::Data(b"expired"),
        ],
    );
    let (layer, _) = with_cached_token().await;
    let (arrived, result) = exchange(&layer, request([]), [expired, response(200, [])]).await;
    assert_eq!((arrived.len(), result.unwrap().0), (2, 200));
}

/// A layer whose token `t1` is two seconds old, by a clock that only the test moves.
async fn with_cached_token() -> (BearerLayer<Clock>, Clock) {
    let clock = Clock::manual();
    let mut count = 0;
    let transport = ScriptedTransport::new(move |_| {
        count += 1;
        let body = format!(r#"{{"access_token":"t{count}","expires_in":900}}"#);
        Ok(Response::new(body.into_bytes()))
    });
    let source = with_clock(transport, clock.clone());
    source.token().await.unwrap();
    clock.advance(Duration::from_secs(2));
    (layer(source), clock)
}

// fault: body-of-a-401-that-never-comes
#[tokio::test]
async fn late_body_of_an_undecided_response_is_the_callers_with_its_rest() {
    let (layer, clock) = with_cached_token().await;
    for status in [401, 403, 401] {
        let (client, mut api) = client(&layer);
        let mut call = task::spawn(client.oneshot(request([])));
        assert_pending!(call.poll());
        let (request, respond) = api.next_request().await.unwrap();
        // The response before it did not reject the token.
        assert_eq!(seen(request).await.0, "Bearer t1");
        let (release, held) = oneshot::channel();
        let steps = [Step::Data(b"early "), Step::Held(held), Step::Data(b"late")];
        respond.send_response(response(status, steps));
        assert_pending!(call.poll());
        clock.advance(CHALLENGE_BODY_TIMEOUT - Duration::from_millis(1));
        assert_pending!(call.poll());
        clock.advance(Duration::from_millis(1));
        let response = assert_ready_ok!(call.poll());
        assert_eq!(response.status(), status);
        let mut body = task::spawn(text(response.into_body()));
        assert_pending!(body.poll());
        drop(release);
        assert_eq!(assert_ready!(body.poll()), "early late");
    }
}

// fault: body-of-a-401-that-never-comes
#[tokio::test]
async fn undecided_response_whose_body_comes_in_time_is_decided() {
    let (layer, clock) = with_cached_token().await;
    let (client, mut api) = client(&layer);
    let mut call = task::spawn(client.oneshot(request([])));
    assert_pending!(call.poll());
    let (_, respond) = api.next_request().await.unwrap();
    let (release, held) = oneshot::channel();
    respond.send_response(response(401, [Step::Held(held)]));
    assert_pending!(call.poll());
    clock.advance(CHALLENGE_BODY_TIMEOUT - Duration::from_millis(1));
    drop(release);
    let call = tokio::spawn(call.into_inner());
    let (request, respond) = api.next_request().await.unwrap();
    assert_eq!(seen(request).await.0, "Bearer t2");
    respond.send_response(response(200, []));
    assert_eq!(call.await.unwrap().unwrap().status(), 200);
}

// fault: grpc-call-unauthenticated
#[tokio::test]
async fn call_that_a_grpc_service_rejects_is_made_once_more() {
    let status = |code: &str| {
        let mut response = response(200, []);
        let headers = response.headers_mut();
        headers.insert("content-type", "application/grpc".parse().unwrap());
        headers.insert("grpc-status", code.parse().unwrap());
        response
    };
    let layer = layer(source(&[]));
    let steps = [Step::Data(b"\0\0\0\0\0")];
    let (arrived, _) = exchange(&layer, request(steps), [status("16"), status("0")]).await;
    assert_eq!((arrived.len(), arrived[1].0.as_str()), (2, "Bearer t2"));
    let (arrived, _) = exchange(&layer, request([]), [status("7")]).await;
    assert_eq!(arrived.len(), 1);
}

// fault: a-token-for-another-host
#[tokio::test]
async fn token_goes_to_its_api_only() {
    for (url, arrives, is_authorized) in [
        ("https://api.example/a", "https://api.example/a", true),
        (
            "https://API.example:443/a",
            "https://API.example:443/a",
            true,
        ),
        ("/a?b=c", "https://api.example:443/a?b=c", true),
        (
            "//evil.example/a",
            "https://api.example:443//evil.example/a",
            true,
        ),
        ("http://api.example/a", "http://api.example/a", false),
        (
            "https://api.example:8443/a",
            "https://api.example:8443/a",
            false,
        ),
        (
            "https://api.example.evil.example/",
            "https://api.example.evil.example/",
            false,
        ),
        ("evil.example:443", "evil.example:443", false),
    ] {
        let (client, mut api) = client(&layer(source(&[])));
        let mut request = request([Step::Data(b"abc")]);
        *request.uri_mut() = url.parse().unwrap();
        let own = "Basic own".parse().unwrap();
        request.headers_mut().insert("authorization", own);
        let call = tokio::spawn(client.oneshot(request));
        let (sent, respond) = api.next_request().await.unwrap();
        assert_eq!(*sent.uri(), arrives.parse::<Uri>().unwrap());
        let authorization = sent.headers()["authorization"].to_str().unwrap();
        let expected = if is_authorized {
            "Bearer t1"
        } else {
            "Basic own"
        };
        assert_eq!(authorization, expected, "{url}");
        assert_eq!(text(sent.into_body()).await, "abc");
        // The rejection of another server says nothing about the token.
        respond.send_response(response(if is_authorized { 200 } else { 401 }, []));
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn errors_are_the_sources_or_the_services() {
    let layer = layer(source(&[401]));
    let (arrived, result) = exchange(&layer, request([]), []).await;
    let error = result.unwrap_err().downcast::<CallError>().unwrap();
    assert!(matches!(*error, CallError::Token(error) if error.status().unwrap() == 401));
    assert!(arrived.is_empty());

    let layer = self::layer(source(&[]));
    let (client, mut api) = client(&layer);
    let call = tokio::spawn(client.oneshot(request([])));
    let (_, respond) = api.next_request().await.unwrap();
    respond.send_error(io::Error::other("of the service"));
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(
        error.downcast::<io::Error>().unwrap().to_string(),
        "of the service"
    );

    // It fails between the attempts.
    let (client, mut api) = self::client(&layer);
    let call = tokio::spawn(client.oneshot(request([])));
    let (_, respond) = api.next_request().await.unwrap();
    api.allow(0);
    respond.send_response(rejection());
    api.send_error(io::Error::other("closed"));
    assert!(call.await.unwrap().is_err());
}

// fault: readiness-of-a-clone
#[tokio::test]
async fn backpressure_of_the_service_is_that_of_the_layer() {
    let layer = layer(source(&[]));
    layer_has_token(&layer).await;
    let (client, mut api) = client(&layer);
    let mut client = task::spawn(client);
    api.allow(0);
    assert_pending!(client.enter(|cx, mut client| client.poll_ready(cx)));
    api.allow(1);
    assert!(client.is_woken());
    assert_ready_ok!(client.enter(|cx, mut client| client.poll_ready(cx)));
    // The mock panics if another service than the one that is ready is called.
    let mut call = task::spawn(client.enter(|_, mut client| client.call(request([]))));
    assert_pending!(call.poll());
    assert_pending!(client.enter(|cx, mut client| client.poll_ready(cx)));
}

#[tokio::test]
async fn second_attempt_waits_until_the_service_is_ready_again() {
    let layer = layer(source(&[]));
    layer_has_token(&layer).await;
    let (client, mut api) = client(&layer);
    api.allow(1);
    let mut call = task::spawn(client.oneshot(request([])));
    assert_pending!(call.poll());
    let (_, respond) = api.next_request().await.unwrap();
    respond.send_response(rejection());
    // Until the other token is there, and then until the service is ready.
    let mut next = task::spawn(api.next_request());
    for _ in 0..2 {
        layer_has_token(&layer).await;
        assert_pending!(call.poll());
        assert_pending!(next.poll());
    }
    drop(next);
    api.allow(1);
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let (sent, respond) = api.next_request().await.unwrap();
    assert_eq!(seen(sent).await.0, "Bearer t2");
    respond.send_response(response(200, []));
    assert_eq!(assert_ready!(call.poll()).unwrap().status(), 200);
}

/// A call through another service of the layer, which shares the token.
async fn layer_has_token(layer: &BearerLayer<Clock>) {
    exchange(layer, request([]), [response(200, [])])
        .await
        .1
        .unwrap();
}

/// A transport that waits for a word before it responds with a token.
fn held() -> (ScriptedTransport, Receiver<()>, Sender<()>) {
    let (asked, is_asked) = mpsc::channel();
    let (go, goes) = mpsc::channel::<()>();
    let transport = ScriptedTransport::new(move |_| {
        asked.send(()).unwrap();
        goes.recv().unwrap();
        Ok(Response::new(
            br#"{"access_token":"t1","expires_in":900}"#.to_vec(),
        ))
    });
    (transport, is_asked, go)
}

#[tokio::test]
async fn call_that_is_dropped_gives_its_place_back_and_loses_no_token_request() {
    let (transport, is_asked, go) = held();
    let layer = layer(with_transport(transport));
    let (mock, mut api) = mock::pair::<Sent, Response<Frames>>();
    api.allow(10);
    let mut client = layer.layer(ConcurrencyLimit::new(mock, 1));
    let mut waiting = task::spawn(client.ready().await.unwrap().call(request([])));
    assert_pending!(waiting.poll());
    is_asked.recv().unwrap();
    // The place is that of the call that waits for a token.
    let mut second = client.clone();
    {
        let mut second = task::spawn(second.ready());
        assert_pending!(second.poll());
        drop(waiting);
        assert!(second.is_woken());
        assert!(assert_ready!(second.poll()).is_ok());
    }
    drop(second);

    go.send(()).unwrap();
    let call = tokio::spawn(client.oneshot(request([])));
    let (sent, respond) = api.next_request().await.unwrap();
    assert_eq!(seen(sent).await.0, "Bearer t1");
    respond.send_response(response(200, []));
    assert_eq!(call.await.unwrap().unwrap().status(), 200);
    assert!(is_asked.try_recv().is_err(), "one token request");
}

#[tokio::test]
async fn place_is_held_through_both_attempts() {
    let (mock, mut api) = mock::pair::<Sent, Response<Frames>>();
    let limited = ConcurrencyLimit::new(mock, 1);
    for _ in 0..3 {
        let client = layer(source(&[])).layer(limited.clone());
        let call = tokio::spawn(client.oneshot(request([])));
        for status in [401, 200] {
            let (_, respond) = api.next_request().await.unwrap();
            respond.send_response(response(status, []));
        }
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn size_of_a_body_is_known_as_before() {
    let whole = PeekedBody::from(Full::new(Bytes::from("abc")));
    assert_eq!(whole.size_hint().exact(), Some(3));
    assert!(PeekedBody::from(Full::<Bytes>::default()).is_end_stream());
    let unknown = PeekedBody::from(body([Step::Data(b"abc")]));
    assert_eq!(unknown.size_hint().upper(), SizeHint::new().upper());
    assert!(!unknown.is_end_stream());
    assert_eq!(text(unknown).await, "abc");
    let infallible: Result<Bytes, Infallible> = whole.collect().await.map(|body| body.to_bytes());
    assert_eq!(infallible.unwrap(), "abc");
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let layer = layer(source(&[]));
    layer_has_token(&layer).await;
    let (client, _api) = client(&layer);
    let body = PeekedBody::from(Full::new(Bytes::from("planted")));
    let printed = format!("{layer:?} {client:?} {body:?}");
    for secret in ["s3cret", "t1", "planted"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
