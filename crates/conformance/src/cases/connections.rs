//! Connections that are kept open: a response belongs to its request.

use std::thread;

use edge_oauth_no_io::{RequestLimits, TransportErrorKind, token_request};

use crate::exchange::{
    LONG, SHORT, config, error_kind, ok, send, send_request, send_within, status_and_body,
};
use crate::server::test_server::TestServer;
use crate::subject::Subject;

pub(super) fn one_client_sends_three_requests<S: Subject>() {
    let server = TestServer::responding::<S>(|_| ok("one"));
    let subject = S::new();
    for _ in 0..3 {
        assert_eq!(
            status_and_body(send(&subject, &server.url())),
            (200, "one".to_owned())
        );
    }
    assert_eq!(server.requests().len(), 3);
}

// fault: a-hundred-requests-at-once
pub(super) fn concurrent_requests_get_their_own_responses<S: Subject>() {
    let server = TestServer::responding::<S>(|request| ok(&String::from_utf8_lossy(&request.body)));
    let subject = S::new();
    thread::scope(|scope| {
        for number in 0..100 {
            let (subject, url) = (&subject, server.url());
            scope.spawn(move || {
                for time in 0..2 {
                    let audience = format!("{number}-{time}");
                    let config = config(&url)
                        .to_builder()
                        .audience(audience)
                        .build()
                        .unwrap();
                    let request = token_request(&config).unwrap();
                    let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
                    let result = send_request(subject, request, RequestLimits::token(LONG));
                    assert_eq!(status_and_body(result), (200, body));
                }
            });
        }
    });
    assert_eq!(server.requests().len(), 200);
}

// fault: stale-connection
// The end arrives between two requests
pub(super) fn idle_connection_closed_by_the_server_is_replaced_or_a_closed_error<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        connection.write(ok(&format!("response {}", connection.number())))
    });
    let subject = S::new();
    assert_eq!(
        status_and_body(send(&subject, &server.url())).1,
        "response 0"
    );
    server.wait_for_end(0);
    assert_fresh_or_closed(&subject, &server);
}

// fault: stale-connection
// The end arrives together with the next request
pub(super) fn idle_connection_reset_by_the_server_is_replaced_or_a_closed_error<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        connection.write(ok(&format!("response {}", connection.number())))?;
        connection.byte()?;
        connection.reset()
    });
    let subject = S::new();
    assert_eq!(
        status_and_body(send(&subject, &server.url())).1,
        "response 0"
    );
    assert_fresh_or_closed(&subject, &server);
}

// fault: stale-connection
pub(super) fn connection_with_close_is_not_reused<S: Subject>() {
    for head in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 10\r\n\r\n",
        "HTTP/1.0 200 OK\r\ncontent-length: 10\r\n\r\n",
    ] {
        let server = TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(format!("{head}response {}", connection.number()))?;
            connection.read_until_closed()
        });
        let subject = S::new();
        for body in ["response 0", "response 1"] {
            assert_eq!(status_and_body(send(&subject, &server.url())).1, body);
        }
        assert_eq!(server.connections(), 2);
    }
}

// fault: bytes-after-a-response
pub(super) fn bytes_after_a_response_are_ignored<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        loop {
            connection.request()?;
            connection.write([ok("right"), ok("wrong")].concat())?;
        }
    });
    let subject = S::new();
    for _ in 0..4 {
        assert_eq!(status_and_body(send(&subject, &server.url())).1, "right");
    }
}

// fault: bytes-after-a-response
pub(super) fn late_bytes_after_a_response_are_ignored<S: Subject>() {
    let server = TestServer::start::<S>(move |connection| {
        connection.request()?;
        connection.write(ok("right"))?;
        // The client has read its response. Its next request finds these bytes.
        connection.wait_for_signals(1);
        connection.write(ok("wrong"))?;
        connection.signal();
        connection.request()?;
        connection.write(ok("right"))?;
        connection.read_until_closed()
    });
    let subject = S::new();
    assert_eq!(status_and_body(send(&subject, &server.url())).1, "right");
    server.signal();
    server.wait_for_signals(2);
    // An asynchronous client reads them when its runtime next polls its sockets, which this exchange makes it do. Before
    // that, a library such as hyper may read them as a response.
    let elsewhere = TestServer::responding::<S>(|_| ok("elsewhere"));
    assert_eq!(
        status_and_body(send(&subject, &elsewhere.url())).1,
        "elsewhere"
    );
    match send(&subject, &server.url()) {
        Ok(response) => assert_eq!(response.body().as_ref(), b"right"),
        Err(error) => assert!(error.is_transient(), "{error}"),
    }
}

// fault: bytes-after-a-response, late-response
pub(super) fn response_after_a_timeout_is_dropped<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        if connection.number() == 0 {
            connection.wait_for_signals(1);
            connection.write(ok("late"))?;
            connection.signal();
            connection.request()?;
        }
        connection.write(ok("right"))
    });
    let subject = S::new();
    let kind = error_kind(send_within(
        &subject,
        &server.url(),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, TransportErrorKind::Timeout);
    server.signal();
    assert_eq!(status_and_body(send(&subject, &server.url())).1, "right");
}

// fault: body-too-large, bytes-after-a-response
pub(super) fn rest_of_a_body_over_the_limit_is_dropped<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        if connection.number() == 0 {
            let wrong = ok("wrong");
            let length = 10 + wrong.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n0123456789");
            connection.write([head.as_bytes(), &wrong].concat())?;
            // A client that has read the whole body may reuse this connection.
            connection.request()?;
        }
        connection.write(ok("right"))
    });
    let subject = S::new();
    let bounds = RequestLimits {
        max_body: 9,
        ..RequestLimits::token(LONG)
    };
    let kind = error_kind(send_within(&subject, &server.url(), bounds));
    assert_eq!(kind, TransportErrorKind::BodyTooLarge);
    assert_eq!(status_and_body(send(&subject, &server.url())).1, "right");
}

/// Asserts the response of a new connection or a closed error, and never the previous response.
fn assert_fresh_or_closed<S: Subject>(subject: &S, server: &TestServer) {
    match send(subject, &server.url()) {
        Ok(response) => assert_eq!(response.body().as_ref(), b"response 1"),
        Err(error) => assert_eq!(error.kind(), TransportErrorKind::Closed),
    }
    assert!(server.connections() <= 2);
}
