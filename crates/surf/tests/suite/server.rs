//! Servers on the loopback, and requests to them.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use async_std::task::block_on;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{
    AccessToken, Config, RequestLimits, Secret, SecretBytes, TokenError, TransportError,
    TransportErrorKind, token_request,
};
use edge_oauth_surf::SurfTransport;
use http::Response;

/// A time limit that is far longer than any request of these tests.
pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) const SECRET: &str = "s3cret-of-the-tests";

pub(crate) fn config(edge: &LocalEdge) -> Config {
    Config::experience_edge(
        edge_oauth_no_io::Tenant::Current,
        edge.client_id(),
        Secret::new(edge.client_secret()),
    )
    .unwrap()
    .to_builder()
    .endpoint(edge.token_url())
    .build()
    .unwrap()
}

pub(crate) fn config_at(url: &str) -> Config {
    Config::builder(url, "my-client")
        .client_secret(Secret::new(SECRET))
        .build()
        .unwrap()
}

pub(crate) fn fetch(transport: &SurfTransport, config: &Config) -> Result<AccessToken, TokenError> {
    block_on(transport.fetch(config, LONG))
}

pub(crate) fn send(
    transport: &SurfTransport,
    url: &str,
) -> Result<Response<SecretBytes>, TransportError> {
    block_on(transport.send(
        token_request(&config_at(url)).unwrap(),
        RequestLimits::token(LONG),
    ))
}

pub(crate) fn kind(error: &TokenError) -> TransportErrorKind {
    match error {
        TokenError::Transport(error) => error.kind(),
        other => panic!("not of the wire: {other:?}"),
    }
}

/// A server that sends these bytes to one request, and then closes.
pub(crate) struct Once {
    pub(crate) address: SocketAddr,
    thread: JoinHandle<String>,
}

impl Once {
    pub(crate) fn with(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let thread = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read_request(&mut stream);
            // The client may close before it has read everything.
            let _ = stream.write_all(&response);
            request
        });
        Self { address, thread }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// Returns the received request.
    pub(crate) fn request(self) -> String {
        self.thread.join().unwrap()
    }
}

/// Reads the head of a request and the body of its `Content-Length`.
pub(crate) fn read_request(stream: &mut impl Read) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        request.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    request + &String::from_utf8(body).unwrap()
}

/// A listener that must receive no connection.
pub(crate) struct Sink(TcpListener);

impl Sink {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/token", self.0.local_addr().unwrap())
    }

    pub(crate) fn saw_nothing(&self) -> bool {
        matches!(self.0.accept(), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }
}
