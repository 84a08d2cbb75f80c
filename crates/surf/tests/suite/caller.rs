//! A caller's client, with another back end or with middleware.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_std::io::{BufReader, Cursor, Read, repeat};
use async_std::task::block_on;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{BasicEncoding, TokenError, TransportErrorKind as Kind};
use edge_oauth_surf::{Hyper1Client, SurfTransport};
use http_client::async_trait;
use surf::http::{Body, Request, Response};
use surf::middleware::{Middleware, Next, Redirect};
use surf::{Client, HttpClient};

use crate::server::{Once, SECRET, config, config_at, fetch, kind};

/// A back end that returns a prepared result.
struct Canned<F>(F);

impl<F> std::fmt::Debug for Canned<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canned")
    }
}

#[async_trait]
impl<F> HttpClient for Canned<F>
where
    F: Fn() -> surf::Result<Response> + Unpin + Send + Sync + 'static,
{
    async fn send(&self, _: Request) -> surf::Result<Response> {
        self.0()
    }
}

fn canned<F>(response: F, time: Duration) -> TokenError
where
    F: Fn() -> surf::Result<Response> + Unpin + Send + Sync + 'static,
{
    let transport = SurfTransport::with_client(Client::with_http_client(Canned(response)));
    let config = config_at("https://login.example/token");
    block_on(transport.fetch(&config, time)).unwrap_err()
}

fn with(middleware: impl Middleware) -> SurfTransport {
    let client = Client::with_http_client(Hyper1Client::new());
    SurfTransport::with_client(client.with(middleware))
}

const LONG: Duration = crate::server::LONG;

// fault: cut-body
#[test]
fn short_body_accepted_by_a_back_end_is_a_closed_error() {
    let error = canned(
        || {
            let mut response = Response::new(200);
            response.set_body(Body::from_reader(Cursor::new("{}"), None));
            response.insert_header("content-length", "9");
            Ok(response)
        },
        LONG,
    );
    assert_eq!(kind(&error), Kind::Closed);
}

// fault: 1xx-as-the-final-status
#[test]
fn interim_response_returned_by_a_back_end_is_a_protocol_error() {
    for status in [100_u16, 103] {
        let error = canned(move || Ok(Response::new(status)), LONG);
        assert_eq!(kind(&error), Kind::Protocol);
    }
}

#[test]
fn status_of_a_back_ends_error_is_ignored() {
    let error = canned(
        || Err(surf::Error::from_str(401, "https://login.example")),
        LONG,
    );
    assert_eq!(kind(&error), Kind::Other);
    assert!(!error.to_string().contains("https://"), "{error}");
}

// async-h1 does this.
#[test]
fn malformed_date_made_up_by_a_back_end_is_ignored() {
    let error = canned(
        || {
            let mut response = Response::new(429);
            response.insert_header("date", "date: Fri, 01 Jan 2100 00:00:00 GMT\r\n");
            response.insert_header("retry-after", "7");
            Ok(response)
        },
        LONG,
    );
    let wait = error.retry_after().unwrap().wait(Duration::ZERO);
    assert_eq!(wait, Duration::from_secs(7));
}

#[test]
fn panic_of_a_back_end_is_an_error() {
    let error = canned(|| panic!("at what the server sent"), LONG);
    assert_eq!(kind(&error), Kind::Other);
}

// fault: body-too-large
#[test]
fn endless_body_of_a_back_end_is_too_large() {
    let error = canned(
        || {
            let mut response = Response::new(200);
            response.set_body(Body::from_reader(BufReader::new(repeat(b' ')), None));
            Ok(response)
        },
        LONG,
    );
    assert_eq!(kind(&error), Kind::BodyTooLarge);
}

// fault: slow-response
#[test]
fn silent_body_of_a_back_end_times_out() {
    struct Never;
    impl Read for Never {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut [u8],
        ) -> Poll<std::io::Result<usize>> {
            Poll::Pending
        }
    }
    let error = canned(
        || {
            let mut response = Response::new(200);
            response.set_body(Body::from_reader(BufReader::new(Never), None));
            Ok(response)
        },
        Duration::from_millis(10),
    );
    assert_eq!(kind(&error), Kind::Timeout);
}

/// Middleware that records everything that it can read.
struct Spy(Arc<Mutex<String>>);

#[async_trait]
impl Middleware for Spy {
    async fn handle(
        &self,
        mut request: surf::Request,
        client: Client,
        next: Next<'_>,
    ) -> surf::Result<surf::Response> {
        let body = request.take_body().into_string().await?;
        let mut seen = format!("{request:?} {body}");
        request.insert_header("x-gateway", "open");
        let mut response = next.run(request, client).await?;
        seen += &format!("{response:?} {}", response.body_string().await?);
        *self.0.lock().unwrap() += &seen;
        Ok(response)
    }
}

// fault: most-verbose-logs
#[test]
fn middleware_see_neither_secret_nor_token() {
    let seen = Arc::new(Mutex::new(String::new()));
    let server = Once::with(
        "HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 24\r\n\r\n{\"access_token\":\"t0ken\"} ",
    );
    let config = config_at(&server.url())
        .to_builder()
        .basic_auth(BasicEncoding::Percent)
        .build()
        .unwrap();
    let token = fetch(&with(Spy(Arc::clone(&seen))), &config).unwrap();
    assert_eq!(token.expose(), "t0ken");
    let request = server.request();
    assert!(request.contains("\r\nx-gateway: open\r\n"), "{request}");
    let seen = seen.lock().unwrap();
    for hidden in [SECRET, "bXktY2xpZW50", "t0ken"] {
        assert!(!seen.contains(hidden), "{seen}");
    }
    assert!(seen.contains("/token"), "{seen}");
}

/// Middleware as surf's users write it.
struct Meddler(fn(&mut surf::Request), Then);

enum Then {
    Run,
    RunTwice,
    Respond,
    RefuseErrors,
}

#[async_trait]
impl Middleware for Meddler {
    async fn handle(
        &self,
        mut request: surf::Request,
        client: Client,
        next: Next<'_>,
    ) -> surf::Result<surf::Response> {
        (self.0)(&mut request);
        match self.1 {
            Then::Run => next.run(request, client).await,
            Then::RunTwice => {
                let _ = next.run(request.clone(), client.clone()).await;
                next.run(request, client).await
            }
            Then::Respond => Ok(Response::new(200).into()),
            Then::RefuseErrors => {
                let response = next.run(request, client).await?;
                match response.status().is_success() {
                    true => Ok(response),
                    false => Err(surf::Error::from_str(response.status(), "refused")),
                }
            }
        }
    }
}

#[test]
fn request_sent_twice_by_a_middleware_is_sent_once() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(503)]).unwrap();
    let transport = with(Meddler(|_| (), Then::RunTwice));
    let error = fetch(&transport, &config(&edge)).unwrap_err();
    assert!(matches!(error, TokenError::ErrorResponse(_)), "{error:?}");
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn error_made_of_a_response_by_a_middleware_keeps_the_response() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(429).header("retry-after", "7")])
        .unwrap();
    let transport = with(Meddler(|_| (), Then::RefuseErrors));
    let error = fetch(&transport, &config(&edge)).unwrap_err();
    assert!(error.retry_after().is_some(), "{error:?}");
}

#[test]
fn response_of_a_middleware_is_an_error() {
    let transport = with(Meddler(|_| (), Then::Respond));
    let error = fetch(&transport, &config_at("https://login.example/")).unwrap_err();
    assert_eq!(kind(&error), Kind::Other);
}

#[test]
fn url_changed_by_a_middleware_is_an_error_without_a_request() {
    let edge = LocalEdge::start().unwrap();
    let transport = with(Meddler(
        |request| {
            AsMut::<Request>::as_mut(request)
                .url_mut()
                .set_path("/other")
        },
        Then::Run,
    ));
    let error = fetch(&transport, &config(&edge)).unwrap_err();
    assert_eq!(kind(&error), Kind::Other);
    assert_eq!(edge.served(), Default::default());
}

// fault: redirect-to-another-host
// surf's `Redirect` first sends its copy of the request, which contains no secret, and then resends it.
#[test]
fn redirect_middleware_resends_no_secret() {
    let edge = LocalEdge::start().unwrap();
    let elsewhere = Once::with("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    edge.script([Fault::redirect(307, elsewhere.url())])
        .unwrap();
    let config = config(&edge)
        .to_builder()
        .basic_auth(BasicEncoding::Percent)
        .build()
        .unwrap();
    let error = fetch(&with(Redirect::default()), &config).unwrap_err();
    assert_eq!(kind(&error), Kind::Other);
    assert_eq!(edge.served().token_requests, 1);
    let probe = elsewhere.request();
    assert!(!probe.contains("authorization"), "{probe}");
    assert!(probe.ends_with("\r\n\r\n"), "{probe}");
}
