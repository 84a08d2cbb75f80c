//! Holding, delaying, advancing and stopping a running server.

use std::thread;
use std::time::Duration;

use edge_oauth_local::{Fault, LocalEdge};

use crate::peer::json;
use crate::sockets::Connection;

const FOREVER: Duration = Duration::MAX;

fn settings(token: &str) -> String {
    format!(
        "GET /api/admin/v1/settings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
}

#[test]
fn a_held_answer_is_counted_and_comes_when_the_guard_is_dropped() {
    let edge = LocalEdge::start().unwrap();
    let hold = edge.hold();
    let mut connections = [Connection::to(&edge), Connection::to(&edge)];
    for connection in &mut connections {
        connection.send_token_request();
    }
    edge.wait_for_token_requests(2);
    assert_eq!(edge.served().tokens_issued, 2);

    // Other responses are not held, and this one overtakes the held ones.
    let mut other = Connection::to(&edge);
    other.send(settings("none"));
    assert_eq!(other.receive().status(), 401);

    drop(hold);
    for connection in &mut connections {
        assert_eq!(connection.receive().status(), 200);
    }
}

#[test]
fn a_second_guard_does_not_hold_what_the_first_let_go() {
    let edge = LocalEdge::start().unwrap();
    let first = edge.hold();
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    edge.wait_for_token_requests(1);
    let second = edge.hold();
    drop(first);
    assert_eq!(connection.receive().status(), 200);
    drop(second);
    connection.send_token_request();
    assert_eq!(connection.receive().status(), 200);
}

#[test]
fn a_held_answer_is_held_until_the_server_ends() {
    let edge = LocalEdge::start().unwrap();
    let hold = edge.hold();
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    edge.wait_for_token_requests(1);
    drop(edge);
    assert!(connection.is_closed());
    drop(hold);
}

#[test]
fn lost_response_closes_the_connection_and_the_request_took_effect_without_a_status() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::status(503).lost(), Fault::none().lost()])
        .unwrap();
    for issued in [0, 1] {
        let mut connection = Connection::to(&edge);
        connection.send_token_request();
        assert!(connection.is_closed());
        assert_eq!(edge.served().tokens_issued, issued);
    }
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    assert_eq!(connection.receive().status(), 200);
}

#[test]
fn a_delayed_answer_does_not_outlive_the_server() {
    let edge = LocalEdge::start().unwrap();
    edge.script([Fault::delay(FOREVER)]).unwrap();
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    edge.wait_for_token_requests(1);
    drop(edge);
    assert!(connection.is_closed());
}

#[test]
fn a_delayed_answer_comes_and_delays_nobody_else() {
    let edge = LocalEdge::start().unwrap();
    edge.script([
        Fault::delay(FOREVER),
        Fault::delay(Duration::from_millis(20)),
    ])
    .unwrap();
    let mut late = Connection::to(&edge);
    late.send_token_request();
    edge.wait_for_token_requests(1);
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    assert_eq!(connection.receive().status(), 200);
}

#[test]
fn idle_and_half_sent_connections_do_not_keep_the_server() {
    let edge = LocalEdge::start().unwrap();
    let mut idle = Connection::to(&edge);
    let mut half = Connection::to(&edge);
    half.send("POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1234");
    drop(edge);
    assert!(idle.is_closed());
    assert!(half.is_closed());
}

#[test]
fn waiting_ends_with_the_request_that_was_waited_for() {
    let edge = LocalEdge::start().unwrap();
    edge.wait_for_token_requests(0);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| edge.wait_for_token_requests(3));
        let mut connection = Connection::to(&edge);
        for _ in 0..3 {
            connection.send_token_request();
            connection.receive();
        }
        waiting.join().unwrap();
    });
}

#[test]
fn an_advanced_clock_ends_tokens_without_a_sleep() {
    let edge = LocalEdge::start().unwrap();
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    let token = json(&connection.receive())["access_token"].clone();
    let token = token.as_str().unwrap();
    connection.send(settings(token));
    assert_eq!(connection.receive().status(), 200);
    edge.advance(Duration::from_secs(12 * 60 * 60));
    edge.advance(Duration::from_secs(12 * 60 * 60));
    connection.send(settings(token));
    assert_eq!(connection.receive().status(), 401);
    edge.advance(FOREVER);
    connection.send_token_request();
    assert_eq!(connection.receive().status(), 200);
}

#[test]
fn servers_do_not_disturb_each_other() {
    let (one, two) = (LocalEdge::start().unwrap(), LocalEdge::start().unwrap());
    assert_ne!(one.base_url(), two.base_url());
    drop(one);
    let mut connection = Connection::to(&two);
    connection.send_token_request();
    assert_eq!(connection.receive().status(), 200);
}
