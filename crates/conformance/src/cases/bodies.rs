//! Bodies: their framing and their size.

use edge_oauth_no_io::{BODY_LIMIT, RequestLimits, TransportErrorKind};

use crate::exchange::{LONG, SOCKETS, error_kind, send, send_within, status_and_body};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

pub(super) fn empty_body_is_returned<S: Subject>() {
    let server =
        TestServer::responding::<S>(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_eq!(
        status_and_body(send(&S::new(), &server.url())),
        (200, String::new())
    );
}

pub(super) fn chunked_body_is_joined<S: Subject>() {
    let server = TestServer::responding::<S>(|_| {
        let (first, second) = TOKEN.split_at(5);
        format!(
            "{CHUNKED}5\r\n{first}\r\n{:X};of=two\r\n{second}\r\n0\r\nx-trailer: a\r\n\r\n",
            second.len()
        )
        .into_bytes()
    });
    let subject = S::new();
    for _ in 0..2 {
        assert_eq!(
            status_and_body(send(&subject, &server.url())),
            (200, TOKEN.to_owned())
        );
    }
}

// fault: access-token-size, body-too-large
pub(super) fn body_at_the_limit_is_returned<S: Subject>() {
    for limit in [1, 1000, BODY_LIMIT, 1024 * 1024] {
        for framing in framings::<S>() {
            let server = framed::<S>(framing, limit);
            let result = send_within(&S::new(), &server.url(), limits(limit));
            let (status, body) = status_and_body(result);
            assert_eq!((status, body.len()), (200, limit), "{framing:?}");
        }
    }
}

// fault: access-token-size, nesting-without-end, body-too-large
pub(super) fn body_one_byte_over_the_limit_is_too_large<S: Subject>() {
    for limit in [0, 1, 1000, BODY_LIMIT, 1024 * 1024] {
        for framing in framings::<S>() {
            let server = framed::<S>(framing, limit + 1);
            let kind = error_kind(send_within(&S::new(), &server.url(), limits(limit)));
            assert_eq!(
                kind,
                TransportErrorKind::BodyTooLarge,
                "{framing:?}, {limit}"
            );
            assert_eq!(server.connections(), 1);
        }
    }
}

// fault: nesting-without-end, body-too-large
pub(super) fn large_body_is_not_read_to_its_end<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        connection.write(length(64 * MIB))?;
        for _ in 0..64 {
            connection.write(vec![b'a'; MIB])?;
        }
        connection.read_until_closed()
    });
    let kind = error_kind(send(&S::new(), &server.url()));
    assert_eq!(kind, TransportErrorKind::BodyTooLarge);
    assert!(server.wait_for_end(0) < BODY_LIMIT + SOCKETS);
    assert_eq!(server.connections(), 1);
}

// fault: body-too-large
pub(super) fn endless_body_is_cut_off_at_the_limit<S: Subject>() {
    for framing in framings::<S>() {
        let server = TestServer::start::<S>(move |connection| {
            connection.request()?;
            connection.write(framing.head(u32::MAX as usize))?;
            match framing {
                Framing::Chunked => connection.flood(b"4\r\naaaa\r\n".repeat(1000).as_slice()),
                _ => connection.flood(&[b'a'; 10_000]),
            }
        });
        let kind = error_kind(send(&S::new(), &server.url()));
        assert_eq!(kind, TransportErrorKind::BodyTooLarge, "{framing:?}");
        assert!(server.wait_for_end(0) < BODY_LIMIT + SOCKETS);
        assert_eq!(server.connections(), 1);
    }
}

// fault: body-ended-by-close
pub(super) fn body_without_a_length_ends_with_its_connection<S: Subject>() {
    let server = TestServer::start::<S>(|connection| {
        connection.request()?;
        connection.write(format!("HTTP/1.1 200 OK\r\n\r\n{TOKEN}"))
    });
    let result = send(&S::new(), &server.url());
    if S::close_delimited_bodies_work() {
        assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
    } else {
        error_kind(result);
    }
    assert_eq!(server.connections(), 1);
}

// fault: compressed-body
// No encoding was requested; if a library decompresses nevertheless, the limit applies to the decompressed bytes
pub(super) fn compressed_body_stays_within_the_limit<S: Subject>() {
    let server = TestServer::responding::<S>(|_| {
        let head = length(ZIPPED.len()).replace("\r\n\r\n", "\r\ncontent-encoding: gzip\r\n\r\n");
        [head.as_bytes(), ZIPPED].concat()
    });
    match send(&S::new(), &server.url()) {
        Ok(response) => assert_eq!(response.body().as_ref(), ZIPPED),
        Err(error) => assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge),
    }
    assert_eq!(server.connections(), 1);
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunked,
    Close,
}

impl Framing {
    fn head(self, bytes: usize) -> String {
        match self {
            Self::Length => length(bytes),
            Self::Chunked => CHUNKED.to_owned(),
            Self::Close => "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
        }
    }
}

fn framings<S: Subject>() -> impl Iterator<Item = Framing> {
    let close = S::close_delimited_bodies_work().then_some(Framing::Close);
    [Framing::Length, Framing::Chunked].into_iter().chain(close)
}

/// Starts a server that sends a body of this many bytes.
fn framed<S: Subject>(framing: Framing, bytes: usize) -> TestServer {
    TestServer::start::<S>(move |connection| {
        connection.request()?;
        connection.write(framing.head(bytes))?;
        let body = vec![b'a'; bytes];
        match framing {
            Framing::Chunked => {
                for chunk in body.chunks(1000) {
                    connection.write(format!("{:x}\r\n", chunk.len()))?;
                    connection.write(chunk)?;
                    connection.write("\r\n")?;
                }
                connection.write("0\r\n\r\n")
            }
            Framing::Length | Framing::Close => connection.write(body),
        }
    })
}

fn length(bytes: usize) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n")
}

fn limits(max_body: usize) -> RequestLimits {
    RequestLimits {
        max_body,
        ..RequestLimits::token(LONG)
    }
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// A mebibyte of zeros, by `gzip -9`.
const ZIPPED: &[u8] = include_bytes!("one-mebibyte-of-zeros.gz");

const MIB: usize = 1024 * 1024;
