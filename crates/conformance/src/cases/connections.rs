//! Connections that are kept: an answer belongs to the request that asked for it.

use std::thread;

use edge_oauth_no_io::{RequestLimits, TransportErrorKind, token_request};

use crate::exchange::{LONG, SHORT, answered, config, failed, ok, send, send_request, send_within};
use crate::server::test_server::Peer;
use crate::subject::Subject;

pub(super) fn one_client_sends_three_requests<S: Subject>() {
    let peer = Peer::answering::<S>(|_| ok("one"));
    let subject = S::new();
    for _ in 0..3 {
        assert_eq!(
            answered(send(&subject, &peer.url())),
            (200, "one".to_owned())
        );
    }
    assert_eq!(peer.requests().len(), 3);
}

// fault: a-hundred-requests-at-once
pub(super) fn concurrent_requests_get_their_own_responses<S: Subject>() {
    let peer = Peer::answering::<S>(|request| ok(&String::from_utf8_lossy(&request.body)));
    let subject = S::new();
    thread::scope(|scope| {
        for number in 0..100 {
            let (subject, url) = (&subject, peer.url());
            scope.spawn(move || {
                for time in 0..2 {
                    let who = format!("{number}-{time}");
                    let config = config(&url).to_builder().audience(who).build().unwrap();
                    let request = token_request(&config).unwrap();
                    let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
                    let result = send_request(subject, request, RequestLimits::token(LONG));
                    assert_eq!(answered(result), (200, body));
                }
            });
        }
    });
    assert_eq!(peer.requests().len(), 200);
}

// fault: stale-connection
// The end arrives while nobody looks
pub(super) fn idle_connection_closed_by_the_server_is_replaced_or_a_closed_error<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        connection.request()?;
        connection.write(ok(&format!("answer {}", connection.number())))
    });
    let subject = S::new();
    assert_eq!(answered(send(&subject, &peer.url())).1, "answer 0");
    peer.ended(0);
    fresh_or_closed(&subject, &peer);
}

// fault: stale-connection
// The end arrives when the next request does
pub(super) fn idle_connection_reset_by_the_server_is_replaced_or_a_closed_error<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        connection.request()?;
        connection.write(ok(&format!("answer {}", connection.number())))?;
        connection.byte()?;
        connection.reset()
    });
    let subject = S::new();
    assert_eq!(answered(send(&subject, &peer.url())).1, "answer 0");
    fresh_or_closed(&subject, &peer);
}

// fault: stale-connection
pub(super) fn connection_with_close_is_not_reused<S: Subject>() {
    for head in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 8\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 8\r\n\r\n",
        "HTTP/1.0 200 OK\r\ncontent-length: 8\r\n\r\n",
    ] {
        let peer = Peer::of::<S>(move |connection| {
            connection.request()?;
            connection.write(format!("{head}answer {}", connection.number()))?;
            connection.until_closed()
        });
        let subject = S::new();
        for answer in ["answer 0", "answer 1"] {
            assert_eq!(answered(send(&subject, &peer.url())).1, answer);
        }
        assert_eq!(peer.connections(), 2);
    }
}

// fault: bytes-after-a-response
pub(super) fn bytes_after_a_response_are_ignored<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        loop {
            connection.request()?;
            connection.write([ok("right"), ok("wrong")].concat())?;
        }
    });
    let subject = S::new();
    for _ in 0..4 {
        assert_eq!(answered(send(&subject, &peer.url())).1, "right");
    }
}

// fault: bytes-after-a-response
pub(super) fn late_bytes_after_a_response_are_ignored<S: Subject>() {
    let peer = Peer::of::<S>(move |connection| {
        connection.request()?;
        connection.write(ok("right"))?;
        // The client has its answer and waits for nothing. Its next request finds this.
        connection.until_raised(1);
        connection.write(ok("wrong"))?;
        connection.raise();
        connection.request()?;
        connection.write(ok("right"))?;
        connection.until_closed()
    });
    let subject = S::new();
    assert_eq!(answered(send(&subject, &peer.url())).1, "right");
    peer.raise();
    peer.until_raised(2);
    // A client on a runtime sees it when that next looks at its sockets, as it has to do here. One that has
    // not looked yet, such as hyper, may take it for an answer.
    let elsewhere = Peer::answering::<S>(|_| ok("elsewhere"));
    assert_eq!(answered(send(&subject, &elsewhere.url())).1, "elsewhere");
    match send(&subject, &peer.url()) {
        Ok(response) => assert_eq!(response.body().as_ref(), b"right"),
        Err(error) => assert!(error.is_transient(), "{error}"),
    }
}

// fault: bytes-after-a-response, late-response
pub(super) fn response_after_a_timeout_is_dropped<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        connection.request()?;
        if connection.number() == 0 {
            connection.until_raised(1);
            connection.write(ok("late"))?;
            connection.raise();
            connection.request()?;
        }
        connection.write(ok("right"))
    });
    let subject = S::new();
    let kind = failed(send_within(
        &subject,
        &peer.url(),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, TransportErrorKind::Timeout);
    peer.raise();
    assert_eq!(answered(send(&subject, &peer.url())).1, "right");
}

// fault: body-too-large, bytes-after-a-response
pub(super) fn rest_of_a_body_over_the_limit_is_dropped<S: Subject>() {
    let peer = Peer::of::<S>(|connection| {
        connection.request()?;
        if connection.number() == 0 {
            let wrong = ok("wrong");
            let length = 10 + wrong.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n0123456789");
            connection.write([head.as_bytes(), &wrong].concat())?;
            // A client that has read all of it may go on with this connection.
            connection.request()?;
        }
        connection.write(ok("right"))
    });
    let subject = S::new();
    let bounds = RequestLimits {
        max_body: 9,
        ..RequestLimits::token(LONG)
    };
    let kind = failed(send_within(&subject, &peer.url(), bounds));
    assert_eq!(kind, TransportErrorKind::BodyTooLarge);
    assert_eq!(answered(send(&subject, &peer.url())).1, "right");
}

/// A new connection and its answer, or one error; never the answer of before.
fn fresh_or_closed<S: Subject>(subject: &S, peer: &Peer) {
    match send(subject, &peer.url()) {
        Ok(response) => assert_eq!(response.body().as_ref(), b"answer 1"),
        Err(error) => assert_eq!(error.kind(), TransportErrorKind::Closed),
    }
    assert!(peer.connections() <= 2);
}
