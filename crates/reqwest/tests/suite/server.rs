//! Servers on the loopback, and a runtime for requests to them.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use edge_oauth_local::{AUDIENCE, LocalEdge};
use edge_oauth_no_io::{
    AccessToken, Config, Secret, TokenError, TransportError, TransportErrorKind,
};
use edge_oauth_reqwest::ReqwestTransport;

/// A time limit that is far longer than any request of these tests.
pub(crate) const LONG: Duration = Duration::from_secs(60);
pub(crate) const SECRET: &str = "pa55-never-to-be-printed";
pub(crate) const TOKEN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
    Content-Length: 45\r\n\r\n{\"access_token\":\"good\",\"token_type\":\"Bearer\"}";

pub(crate) fn config(edge: &LocalEdge) -> Config {
    let secret = Secret::new(edge.client_secret());
    Config::builder(edge.token_url(), edge.client_id())
        .client_secret(secret)
        .audience(AUDIENCE)
        .build()
        .unwrap()
}

pub(crate) fn config_at(url: &str) -> Config {
    Config::builder(url, "my-client")
        .client_secret(Secret::new(SECRET))
        .build()
        .unwrap()
}

pub(crate) fn transport() -> ReqwestTransport {
    ReqwestTransport::new().unwrap()
}

pub(crate) fn block_on<T>(task: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(task)
}

pub(crate) fn fetch(
    transport: &ReqwestTransport,
    config: &Config,
) -> Result<AccessToken, TokenError> {
    block_on(transport.fetch(config, LONG))
}

/// Returns the transport's error, which contains no secret.
pub(crate) fn failure(transport: &ReqwestTransport, config: &Config) -> TransportError {
    match fetch(transport, config) {
        Err(TokenError::Transport(error)) => {
            let printed = format!("{error} {error:?} {transport:?}");
            assert!(!printed.contains(SECRET), "{printed}");
            assert!(!printed.contains("://"), "{printed}");
            error
        }
        other => panic!("no failure of the transport: {other:?}"),
    }
}

pub(crate) fn kind(transport: &ReqwestTransport, config: &Config) -> TransportErrorKind {
    failure(transport, config).kind()
}

/// Starts a server that accepts one connection, reads one request, sends these bytes and closes.
pub(crate) struct Once {
    pub(crate) address: SocketAddr,
    thread: JoinHandle<String>,
}

impl Once {
    pub(crate) fn responding(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::serving(move |mut stream| {
            let request = read_request(&mut stream);
            stream.write_all(&response).unwrap();
            request
        })
    }

    pub(crate) fn serving(
        serve: impl FnOnce(std::net::TcpStream) -> String + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = thread::spawn(move || serve(listener.accept().unwrap().0));
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

/// Starts a listener that must receive no request.
pub(crate) struct Sink(TcpListener);

impl Sink {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/token", self.0.local_addr().unwrap())
    }

    pub(crate) fn received_no_connection(&self) -> bool {
        self.0
            .accept()
            .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// Reads the header of a request and the body of its `Content-Length`.
pub(crate) fn read_request(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let header = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
    let length = header
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    header + &String::from_utf8(body).unwrap()
}
