//! The body of an API request on its way to the transport.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use edge_oauth_driver::nonblocking::Runtime;
use edge_oauth_driver::testing::{ScriptedTransport, block_on};
use edge_oauth_driver::{BoxFuture, blocking, nonblocking};
use edge_oauth_no_io::{Config, RequestBody, Secret, SecretBytes};
use http::{Request, Response};

/// Rejects the token of the first API request. Notes where the bodies of API requests are.
fn transport() -> (ScriptedTransport, Arc<Mutex<Vec<usize>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (addresses, mut tokens) = (Arc::clone(&seen), 0);
    let transport = ScriptedTransport::new(move |request| {
        if request.uri().path() == "/token" {
            tokens += 1;
            let body = format!(r#"{{"access_token":"t{tokens}","expires_in":900}}"#);
            return Ok(Response::new(body.into_bytes()));
        }
        let mut addresses = addresses.lock().unwrap();
        addresses.push(request.body().as_ref().as_ptr() as usize);
        let mut response = Response::new(Vec::new());
        if addresses.len() == 1 {
            *response.status_mut() = http::StatusCode::UNAUTHORIZED;
        }
        Ok(response)
    });
    (transport, seen)
}

fn config() -> Config {
    let builder = Config::builder("https://login.example/token", "id");
    builder.client_secret(Secret::new("s")).build().unwrap()
}

#[derive(Default)]
struct Bare;

impl Runtime for Bare {
    fn sleep(&self, _: std::time::Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        block_on(task);
    }
}

/// Returns where the body of each attempt was.
fn sent_by_thread(request: &Request<impl RequestBody>) -> Vec<usize> {
    let (transport, seen) = transport();
    let source = blocking::TokenSource::new(transport, config());
    assert_eq!(source.send(request).unwrap().status(), 200);
    let seen = seen.lock().unwrap();
    seen.clone()
}

fn sent_by_task(request: &Request<impl RequestBody>) -> Vec<usize> {
    let (transport, seen) = transport();
    let source = nonblocking::TokenSource::<Bare>::new(transport, config());
    assert_eq!(block_on(source.send(request)).unwrap().status(), 200);
    let seen = seen.lock().unwrap();
    seen.clone()
}

fn put<B>(body: B) -> Request<B> {
    Request::put("https://api.example/things")
        .body(body)
        .unwrap()
}

// fault: body-of-a-request-copied
#[test]
fn shared_body_is_sent_twice_without_a_copy() {
    let request = put(Bytes::from(vec![7; 1_000_000]));
    let here = request.body().as_ptr() as usize;
    assert_eq!(sent_by_thread(&request), [here, here]);
    assert_eq!(sent_by_task(&request), [here, here]);

    let request = put(SecretBytes::new(b"s3cret".to_vec()));
    let here = request.body().as_ref().as_ptr() as usize;
    assert_eq!(sent_by_thread(&request), [here, here]);
    assert_eq!(sent_by_task(&request), [here, here]);
}

// fault: body-of-a-request-copied
#[test]
fn borrowed_body_is_copied_once_for_both_attempts() {
    let request = put("text");
    for addresses in [sent_by_thread(&request), sent_by_task(&request)] {
        assert_eq!(addresses.len(), 2);
        assert_eq!(addresses[0], addresses[1]);
    }
}

#[test]
fn bodies_of_common_types_are_taken() {
    fn sent(body: impl RequestBody) -> Vec<u8> {
        body.to_secret_bytes().as_ref().to_vec()
    }
    assert_eq!(sent(()), b"");
    assert_eq!(sent(""), b"");
    for body in [
        sent("text"),
        sent(String::from("text")),
        sent(b"text"),
        sent(*b"text"),
        sent(b"text".as_slice()),
        sent(b"text".to_vec()),
        sent(&[b"text".to_vec()][0]),
        sent(Bytes::from("text")),
        sent(std::borrow::Cow::from(b"text".as_slice())),
        sent(SecretBytes::new(b"text".to_vec())),
    ] {
        assert_eq!(body, b"text");
    }
}
