//! Calls inside and outside of a runtime.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use edge_oauth_driver::nonblocking::{Runtime, Transport};
use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{RequestLimits, TransportErrorKind, token_request};
use edge_oauth_reqwest::{TokenSource, Tokio};
use http::Request;
use tokio::runtime::Builder;

use crate::server::{LONG, block_on, config, transport};

#[test]
fn call_outside_of_a_runtime_does_not_panic() {
    let edge = LocalEdge::start().unwrap();
    let transport = transport();
    let send = transport.send(
        token_request(&config(&edge)).unwrap(),
        RequestLimits::token(LONG),
    );
    match poll_once(send) {
        Poll::Ready(Err(error)) => assert_eq!(error.kind(), TransportErrorKind::Other),
        other => panic!("{other:?}"),
    }
    assert!(poll_once(Tokio.sleep(Duration::ZERO)).is_ready());
    Tokio.spawn(Box::pin(async { panic!("nothing runs it") }));
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn spawned_task_runs_concurrently_inside_a_runtime() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let response = block_on(async {
        Tokio.spawn(Box::pin(async move {
            let _ = sender.send(7);
        }));
        receiver.await
    });
    assert_eq!(response, Ok(7));
}

#[test]
fn sleep_ends_inside_a_runtime() {
    block_on(async { Tokio.sleep(Duration::from_millis(1)).await });
}

#[test]
fn dropped_send_leaves_the_transport_usable() {
    let edge = LocalEdge::start().unwrap();
    let held = edge.hold();
    let transport = transport();
    block_on(async {
        let (config, asking) = (config(&edge), transport.clone());
        let dropped = config.clone();
        let task = tokio::spawn(async move { asking.fetch(&dropped, LONG).await });
        while edge.served().token_requests == 0 {
            tokio::task::yield_now().await;
        }
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        drop(held);
        transport.fetch(&config, LONG).await.unwrap();
    });
}

// fault: connection-of-another-runtime
#[test]
fn source_serves_a_second_runtime_while_the_first_is_not_driven() {
    let edge = LocalEdge::start().unwrap();
    let source = TokenSource::new(transport(), config(&edge));
    let runtimes = [(); 2].map(|()| Builder::new_current_thread().enable_all().build().unwrap());
    let settings = format!("{}/api/admin/v1/settings", edge.base_url());
    for runtime in [&runtimes[0], &runtimes[1], &runtimes[0]] {
        let token = runtime.block_on(source.token()).unwrap();
        let request = Request::get(&settings).body(Vec::new()).unwrap();
        let response = runtime.block_on(source.send(&request)).unwrap();
        assert_eq!(response.status(), 200);
        source.invalidate(&token);
    }
}

fn poll_once<T>(task: impl Future<Output = T>) -> Poll<T> {
    pin!(task).poll(&mut Context::from_waker(Waker::noop()))
}
