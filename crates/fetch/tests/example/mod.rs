//! The example `worker` in workerd.

use std::path::Path;

use edge_oauth_local::{Fault, LocalEdge};

use crate::engine::{Worker, variable};

fn start(edge: &LocalEdge) -> Option<Worker> {
    let folder = variable("EDGE_OAUTH_FETCH_WORKER")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/worker.mjs");
    let modules = [
        script,
        folder.join("worker.js"),
        folder.join("worker_bg.wasm"),
    ];
    let values = [
        ("EDGE_URL", edge.base_url()),
        ("TOKEN_URL", edge.token_url()),
        ("CLIENT_ID", edge.client_id()),
        ("CLIENT_SECRET", edge.client_secret()),
    ];
    Worker::start("worker.capnp", &values, &modules)
}

fn assert_settings(response: &str) {
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.contains("contentCacheTtl"), "{response}");
}

#[test]
fn requests_of_the_worker_take_over_the_token() {
    let edge = LocalEdge::start().unwrap();
    let Some(worker) = start(&edge) else { return };
    for _ in 0..3 {
        assert_settings(&worker.get().join().unwrap());
    }
    assert_eq!(
        (edge.served().token_requests, edge.served().api_requests),
        (1, 3)
    );

    edge.advance(std::time::Duration::from_secs(2 * 86_400));
    assert_settings(&worker.get().join().unwrap());
    assert_eq!(edge.served().token_requests, 2);
    let printed = worker.end();
    assert!(!printed.contains(edge.client_secret()), "{printed}");
}

// fault: worker-that-waits-for-another-request
#[test]
fn requests_of_the_worker_at_the_same_time_do_not_wait_for_each_other() {
    let edge = LocalEdge::start().unwrap();
    let Some(worker) = start(&edge) else { return };
    let hold = edge.hold();
    let requests = [worker.get(), worker.get(), worker.get()];
    edge.wait_for_token_requests(3);
    drop(hold);
    for request in requests {
        assert_settings(&request.join().unwrap());
    }
    assert_settings(&worker.get().join().unwrap());
    assert_eq!(edge.served().token_requests, 3);
}

#[test]
fn error_of_the_worker_has_no_secret() {
    let edge = LocalEdge::start().unwrap();
    let Some(worker) = start(&edge) else { return };
    edge.script([Fault::status(401).body(r#"{"error":"invalid_client"}"#)])
        .unwrap();
    let response = worker.get().join().unwrap();
    assert!(
        response.starts_with("HTTP/1.1 502") && response.contains("invalid_client"),
        "{response}"
    );
    assert!(!response.contains(edge.client_secret()));
}
