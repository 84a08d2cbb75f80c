//! The wait of the middleware for a body that has to tell whether the token is rejected, in virtual time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_no_io::{CHALLENGE_BODY_TIMEOUT, Config, Origin, Secret};
use edge_oauth_reqwest::{BearerMiddleware, TokenSource, hardened_client_builder};
use http::Extensions;
use hyper::body::Frame;
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep};

/// A body that arrives when the test sends it.
struct Sent(UnboundedReceiver<&'static str>);

impl hyper::body::Body for Sent {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let part = self.0.poll_recv(cx);
        part.map(|part| part.map(|part| Ok(Frame::data(Bytes::from(part)))))
    }
}

/// Responds in place of the network: a 401 with this body.
struct Api(Mutex<Option<Body>>);

#[async_trait::async_trait]
impl Middleware for Api {
    async fn handle(
        &self,
        request: Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> Result<Response, Error> {
        // The response of another URL would be one after a redirect.
        let response = http::Response::builder().url(request.url().clone());
        let body = self.0.lock().unwrap().take();
        let response = response.status(401).body(body.unwrap_or_default());
        Ok(response.unwrap().into())
    }
}

fn client() -> (ClientWithMiddleware, UnboundedSender<&'static str>) {
    let (sender, body) = unbounded_channel();
    (client_of(Body::wrap(Sent(body))), sender)
}

fn client_of(body: Body) -> ClientWithMiddleware {
    let transport = ScriptedTransport::new(|_| {
        Ok(http::Response::new(
            br#"{"access_token":"abc","expires_in":900}"#.to_vec(),
        ))
    });
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build();
    let source = TokenSource::new(transport, config.unwrap());
    let api = Origin::from_url("http://127.0.0.1").unwrap();
    ClientBuilder::new(
        hardened_client_builder()
            .unwrap()
            .no_proxy()
            .build()
            .unwrap(),
    )
    .with(BearerMiddleware::new(source, api))
    .with(Api(Mutex::new(Some(body))))
    .build()
}

// fault: body-of-a-401-that-never-comes
#[tokio::test(start_paused = true)]
async fn late_body_of_an_undecided_response_is_the_callers_with_its_rest() {
    let (client, body) = client();
    body.send("early ").unwrap();
    let start = Instant::now();
    let response = client.get("http://127.0.0.1/things").send().await.unwrap();
    assert_eq!(start.elapsed(), CHALLENGE_BODY_TIMEOUT);
    assert_eq!(response.status(), 401);
    body.send("late").unwrap();
    drop(body);
    assert_eq!(response.text().await.unwrap(), "early late");
}

// fault: body-of-a-401-that-never-comes
#[tokio::test(start_paused = true)]
async fn undecided_response_whose_body_comes_in_time_is_decided() {
    let (client, body) = client();
    let start = Instant::now();
    let call = tokio::spawn(client.get("http://127.0.0.1/things").send());
    let in_time = CHALLENGE_BODY_TIMEOUT - Duration::from_millis(2);
    sleep(in_time).await;
    body.send(r#"{"message":"wrong PIN"}"#).unwrap();
    drop(body);
    let response = call.await.unwrap().unwrap();
    assert_eq!(start.elapsed(), in_time);
    assert_eq!(response.status(), 401);
    let text = response.text().await.unwrap();
    assert_eq!(text, r#"{"message":"wrong PIN"}"#);
}

// fault: middleware-hides-the-length-of-a-body
#[tokio::test(start_paused = true)]
async fn response_whose_body_was_read_for_a_challenge_keeps_its_length() {
    let text = r#"{"message":"wrong PIN"}"#;
    let client = client_of(text.into());
    let response = client.get("http://127.0.0.1/things").send().await.unwrap();
    assert_eq!(response.content_length(), Some(text.len() as u64));
    assert_eq!(response.text().await.unwrap(), text);
}
