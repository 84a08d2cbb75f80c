//! Webhooks over sockets.

use std::io::Read;
use std::time::Duration;

use edge_oauth_local::{Fault, LocalEdge, Options};
use serde_json::{Value, json};

use crate::receiver::{Client, Receiver};

const FOREVER: Duration = Duration::MAX;

#[test]
fn on_end_arrives_as_it_was_written() {
    let edge = LocalEdge::start().unwrap();
    let receiver = Receiver::new();
    let mut webhook = receiver.webhook();
    webhook["headers"] = json!({ "X-Key": "k", "Connection": "keep-alive" });
    webhook["body"] = json!("{\"rebuild\":true}");
    let mut client = Client::of(&edge);
    client.create(&webhook);
    client.clear("cache");
    let (lines, body) = receiver.answer("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(lines[0], "POST /hook?a=b HTTP/1.1");
    let host = format!("host: {}", receiver.0.local_addr().unwrap());
    for line in [
        "x-key: k",
        "connection: close",
        "content-type: application/json",
        &host,
    ] {
        assert!(lines.iter().any(|l| l == line), "{line}: {lines:?}");
    }
    assert_eq!(body, "{\"rebuild\":true}");
    edge.wait_for_webhook_runs(1);
    assert_eq!(edge.served().webhook_runs, 1);
    assert_eq!(client.webhook()["lastRuns"][0]["success"], true);
}

#[test]
fn a_get_without_a_body_arrives_without_one() {
    let edge = LocalEdge::start().unwrap();
    let receiver = Receiver::new();
    let mut webhook = receiver.webhook();
    webhook["method"] = json!("GET");
    let mut client = Client::of(&edge);
    client.create(&webhook);
    client.clear("cache");
    let (lines, body) = receiver.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(lines[0], "GET /hook?a=b HTTP/1.1");
    assert!(!lines.iter().any(|line| line.starts_with("content-")));
    assert_eq!(body, "");
    edge.wait_for_webhook_runs(1);
    assert_eq!(client.webhook()["lastRuns"][0]["success"], true);
}

#[test]
fn on_update_arrives_with_its_payload() {
    let edge = LocalEdge::start().unwrap();
    let receiver = Receiver::new();
    let mut webhook = receiver.webhook();
    webhook["executionMode"] = json!("OnUpdate");
    webhook["bodyInclude"] = json!({ "site": "acme" });
    let mut client = Client::of(&edge);
    client.create(&webhook);
    client.clear("content");
    let (_, body) = receiver.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let payload: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(payload["site"], "acme");
    assert_eq!(payload["updates"].as_array().unwrap().len(), 3);
    edge.wait_for_webhook_runs(1);
}

#[test]
fn what_is_no_2xx_is_a_failure_and_no_redirect_is_followed() {
    let edge = LocalEdge::start().unwrap();
    let (receiver, elsewhere) = (Receiver::new(), Receiver::new());
    elsewhere.0.set_nonblocking(true).unwrap();
    let mut client = Client::of(&edge);
    client.create(&receiver.webhook());
    let location = format!("http://{}/", elsewhere.0.local_addr().unwrap());
    let redirect = format!("HTTP/1.1 307 T\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let runs = [
        (redirect.as_str(), "the receiver responded with 307"),
        (
            "HTTP/1.1 500 E\r\nContent-Length: 0\r\n\r\n",
            "the receiver responded with 500",
        ),
        ("rubbish\r\n\r\n", "the connection ended before a response"),
        ("", "the connection ended before a response"),
    ];
    for (number, (answer, message)) in (1..).zip(runs) {
        client.clear("cache");
        receiver.answer(answer);
        edge.wait_for_webhook_runs(number);
        let run = client.webhook()["lastRuns"][0].clone();
        assert_eq!(
            (&run["success"], &run["message"]),
            (&json!(false), &json!(message))
        );
    }
    let nobody = elsewhere.0.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn ten_refused_connections_disable_it() {
    let edge = LocalEdge::start().unwrap();
    let mut client = Client::of(&edge);
    // Port 0 has no listener.
    client.create(&json!({ "label": "l", "uri": "http://127.0.0.1:0/" }));
    for run in 1..=10 {
        assert_eq!(client.webhook()["disabled"], false);
        client.clear("cache");
        edge.wait_for_webhook_runs(run);
    }
    let webhook = client.webhook();
    assert_eq!(webhook["disabled"], true);
    let message = &webhook["lastRuns"][9]["message"];
    assert_eq!(message, "nobody took the connection");
    client.clear("cache");
    assert_eq!(edge.served().webhook_runs, 10);
}

#[test]
fn a_receiver_that_hangs_holds_up_nobody_and_fails() {
    let options = Options::default().webhook_timeout(Duration::from_millis(50));
    let edge = LocalEdge::start_with(options).unwrap();
    let receiver = Receiver::new();
    let mut client = Client::of(&edge);
    client.create(&receiver.webhook());
    client.clear("cache");
    let (_, _, mut stream) = receiver.take();
    edge.wait_for_webhook_runs(1);
    let message = &client.webhook()["lastRuns"][0]["message"];
    assert_eq!(message, "no response within 50ms");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn the_answer_does_not_wait_for_the_run_nor_the_run_for_the_answer() {
    let edge = LocalEdge::start_with(Options::default().webhook_timeout(FOREVER)).unwrap();
    let receiver = Receiver::new();
    let mut client = Client::of(&edge);
    client.create(&receiver.webhook());
    // The receiver reads nothing yet.
    client.clear("cache");
    assert_eq!(edge.served().webhook_runs, 0);
    receiver.answer("HTTP/1.1 204 N\r\n\r\n");
    edge.wait_for_webhook_runs(1);

    edge.script_api([Fault::delay(FOREVER)]).unwrap();
    let mut late = Client::of(&edge);
    late.connection.send(format!(
        "DELETE /api/admin/v1/cache HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        late.token,
    ));
    receiver.answer("HTTP/1.1 204 N\r\n\r\n");
    edge.wait_for_webhook_runs(2);
}

#[test]
fn a_run_ends_with_the_server() {
    let edge = LocalEdge::start_with(Options::default().webhook_timeout(FOREVER)).unwrap();
    let receiver = Receiver::new();
    let mut client = Client::of(&edge);
    client.create(&receiver.webhook());
    client.clear("cache");
    let (_, _, mut stream) = receiver.take();
    drop(edge);
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn a_long_answer_is_taken_to_its_end() {
    let edge = LocalEdge::start_with(Options::default().webhook_timeout(FOREVER)).unwrap();
    let receiver = Receiver::new();
    let mut client = Client::of(&edge);
    client.create(&receiver.webhook());
    client.clear("cache");
    // More than the socket buffers hold, so the receiver has to read.
    let body = "x".repeat(16 * 1024 * 1024);
    receiver.answer(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    ));
    edge.wait_for_webhook_runs(1);
}

#[test]
fn an_answer_that_breaks_off_is_an_answer() {
    let edge = LocalEdge::start_with(Options::default().webhook_timeout(FOREVER)).unwrap();
    let receiver = Receiver::new();
    let mut client = Client::of(&edge);
    client.create(&receiver.webhook());
    client.clear("cache");
    receiver.answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort");
    edge.wait_for_webhook_runs(1);
    assert_eq!(client.webhook()["lastRuns"][0]["success"], true);
}

#[test]
fn two_servers_draw_different_keys_and_ids() {
    let webhook = Receiver::new().webhook();
    let ids = [(), ()].map(|()| {
        let edge = LocalEdge::start().unwrap();
        let mut client = Client::of(&edge);
        client.create(&webhook);
        client.webhook()["id"].clone()
    });
    assert_ne!(ids[0], ids[1]);
}
