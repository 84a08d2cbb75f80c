//! The server over a socket, with requests written by hand.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_local::{Fault, LocalEdge, MAX_BODY, Options, Simulator};
use http::Response;
use serde_json::Value;

use crate::peer::{FORM, encode, good, header, json};

/// One persistent connection.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn to(edge: &LocalEdge) -> Self {
        Self(BufReader::new(TcpStream::connect(edge.address()).unwrap()))
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn send_token_request(&mut self) {
        self.send(post(&encode(&good())));
    }

    pub(crate) fn receive(&mut self) -> Response<Vec<u8>> {
        let line = self.line();
        let status = &line[9..12];
        let mut response = Response::builder().status(status);
        let mut length = 0;
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            // A 304 may name the length of a body that it does not have (RFC 9110 §8.6).
            if name == "content-length" && status != "304" {
                length = value.parse().unwrap();
            }
            response = response.header(name, value);
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        response.body(body).unwrap()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits for the server, and returns whether it closed the connection without another response.
    pub(crate) fn is_closed(&mut self) -> bool {
        !matches!(self.0.read(&mut [0]), Ok(1))
    }
}

fn post(body: &str) -> String {
    format!(
        "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn tokens_that_are_signed_at_once_are_for_their_own_requests() {
    let edge = LocalEdge::start().unwrap();
    let tokens: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Connection::to(&edge);
                    for _ in 0..4 {
                        connection.send_token_request();
                    }
                    let responses = (0..4).map(|_| json(&connection.receive()));
                    responses
                        .map(|body| body["access_token"].as_str().unwrap().to_owned())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|client| client.join().unwrap())
            .collect()
    });
    assert_eq!(edge.served().tokens_issued, 32);
    let ids: BTreeSet<u64> = tokens
        .iter()
        .map(|token| {
            let claims = URL_SAFE_NO_PAD
                .decode(token.split('.').nth(1).unwrap())
                .unwrap();
            let claims: Value = serde_json::from_slice(&claims).unwrap();
            claims["jti"].as_str().unwrap().parse().unwrap()
        })
        .collect();
    assert_eq!(ids, (1..=32).collect());
}

#[test]
fn two_requests_share_a_connection() {
    let edge = LocalEdge::start().unwrap();
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    let answer = connection.receive();
    assert_eq!(answer.status(), 200);
    let token = json(&answer)["access_token"].as_str().unwrap().to_owned();
    connection.send(format!(
        "GET /api/admin/v1/settings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    ));
    let answer = connection.receive();
    assert_eq!(answer.status(), 200);
    assert_eq!(json(&answer)["mediaCacheTtl"], "04:00:00");
    let served = edge.served();
    assert_eq!((served.tokens_issued, served.api_requests), (1, 1));
}

#[test]
fn the_metadata_names_the_port() {
    let edge = LocalEdge::start().unwrap();
    let mut connection = Connection::to(&edge);
    connection.send("GET /.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let body = json(&connection.receive());
    assert_eq!(body["token_endpoint"], edge.token_url());
    assert_eq!(body["issuer"], format!("{}/", edge.base_url()));
}

#[test]
fn a_given_port_is_used_and_a_taken_one_is_an_error() {
    let edge = LocalEdge::start().unwrap();
    let port = edge.address().port();
    let error = LocalEdge::start_with(Options::default().port(port)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn a_long_body_is_413_and_is_not_kept() {
    let edge = LocalEdge::start().unwrap();
    let mut connection = Connection::to(&edge);
    connection.send(post(&"x".repeat(4 * MAX_BODY)));
    let answer = connection.receive();
    assert_eq!(answer.status(), 413);
    assert_eq!(
        json(&answer)["message"],
        "The body has more than 1048576 bytes"
    );
    connection.send_token_request();
    assert_eq!(connection.receive().status(), 200);
}

#[test]
fn every_fault_can_be_sent() {
    let edge = LocalEdge::start().unwrap();
    let statuses = [204, 304, 200, 429, 503, 599, 999];
    let faults = statuses.map(|status| Fault::status(status).body("text").header("x", "y"));
    edge.script(faults).unwrap();
    let mut connection = Connection::to(&edge);
    for status in statuses {
        connection.send_token_request();
        let answer = connection.receive();
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "x"), "y");
    }
}

#[test]
fn what_is_not_http_harms_nobody() {
    let edge = LocalEdge::start().unwrap();
    for rubbish in [
        &b"\0\xff\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"POST / HTTP/9\r\n\r\n",
    ] {
        let mut connection = Connection::to(&edge);
        connection.send(rubbish);
        let mut rest = Vec::new();
        let _ = connection.0.read_to_end(&mut rest);
    }
    let mut connection = Connection::to(&edge);
    connection.send_token_request();
    assert_eq!(connection.receive().status(), 200);
}

#[test]
fn both_halves_can_cross_threads() {
    fn crosses<T: Send + 'static>() {}
    crosses::<Simulator>();
    crosses::<LocalEdge>();
    crosses::<edge_oauth_local::Hold>();
}

// fault: dns-rebinding
#[test]
fn request_to_another_host_than_the_loopback_is_refused() {
    let edge = LocalEdge::start().unwrap();
    let port = edge.address().port();
    let status = |host: &str| {
        let mut connection = Connection::to(&edge);
        let request = post(&encode(&good())).replace("Host: localhost", &format!("Host: {host}"));
        connection.send(request);
        connection.receive().status().as_u16()
    };
    for host in [
        "attacker.example",
        "127.0.0.1.attacker.example",
        "10.0.0.1",
        "",
        "localhost.x:80",
    ] {
        assert_eq!(status(host), 421, "{host}");
    }
    assert_eq!(edge.served().token_requests, 0);
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:7"] {
        assert_eq!(status(host), 200, "{host}");
    }
    assert_eq!(status(&format!("127.0.0.1:{port}")), 200);
}

// fault: request-body-without-end
#[test]
fn request_whose_body_does_not_end_is_408() {
    let options = Options::default().head_timeout(Duration::from_millis(100));
    let edge = LocalEdge::start_with(options).unwrap();
    let mut connection = Connection::to(&edge);
    let whole = post(&encode(&good()));
    connection.send(&whole[..whole.len() - 1]);
    let mut rest = String::new();
    // Without a limit this would wait forever. If the machine is slow, the head is late already.
    let _ = connection.0.read_to_string(&mut rest);
    assert!(
        rest.is_empty() || rest.starts_with("HTTP/1.1 408 "),
        "{rest}"
    );
    assert_eq!(edge.served().token_requests, 0);
}

// fault: request-head-without-end
#[test]
fn connection_whose_request_head_does_not_end_is_closed() {
    let options = Options::default().head_timeout(Duration::from_millis(1));
    let edge = LocalEdge::start_with(options).unwrap();
    let mut connection = Connection::to(&edge);
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
    let mut rest = Vec::new();
    // Without a limit this would wait forever.
    let _ = connection.0.read_to_end(&mut rest);
    assert_eq!(edge.served().token_requests, 0);
}
