//! HTTP/2, which a caller's reqwest client may use.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use edge_oauth_conformance::Authority;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_interop::Nginx;
use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{
    BasicEncoding, Config, RequestLimits, Secret, SecretBytes, TransportError,
    TransportErrorKind as Kind, token_request,
};
use edge_oauth_reqwest::{ReqwestTransport, hardened_client_builder};
use h2::Reason;
use h2::server::{Connection, SendResponse};
use http::{Response, Version};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::clients::{LONG, SECRET, listening};

#[test]
fn client_that_offers_http2_gets_http2() {
    let edge = LocalEdge::start().unwrap();
    let authority = Authority::new("ours");
    let nginx = Nginx::before(edge.base_url(), &authority);
    let [_, url] = nginx.urls("/oauth/token");
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(offering(&authority))
        .build();
    let transport = ReqwestTransport::with_client(client.unwrap());
    let response = runtime().block_on(send(&transport, &url, LONG)).unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(response.headers()["x-protocol"], "HTTP/2.0");
}

#[test]
fn response_over_http2_is_read() {
    let asked = ask(LONG, |mut stream| {
        let mut body = stream.send_response(Response::new(()), false).unwrap();
        body.send_data("good".into(), true).unwrap();
    });
    assert_eq!(asked.result.unwrap().body().as_ref(), b"good");
}

// fault: http2-refused-stream
// reqwest retries such a request, unless its body cannot be copied
#[test]
fn refused_stream_is_not_retried() {
    let asked = ask(LONG, |mut stream| stream.send_reset(Reason::REFUSED_STREAM));
    assert_eq!(asked.failed(), RESET);
    assert_eq!(asked.requests, 1);
}

// fault: http2-goaway
#[test]
fn goaway_before_the_response_is_an_error() {
    for reason in [Reason::NO_ERROR, Reason::ENHANCE_YOUR_CALM] {
        let asked = ask_connection(LONG, move |connection, _| {
            connection.abrupt_shutdown(reason)
        });
        assert_eq!(asked.failed(), Kind::Closed, "{reason}");
        assert_eq!(asked.requests, 1, "{reason}");
    }
}

// fault: http2-goaway
#[test]
fn response_that_has_begun_outlives_a_goaway() {
    let asked = ask_connection(LONG, |connection, mut stream| {
        connection.graceful_shutdown();
        let mut body = stream.send_response(Response::new(()), false).unwrap();
        body.send_data("good".into(), true).unwrap();
    });
    assert_eq!(asked.result.unwrap().body().as_ref(), b"good");
}

// fault: http2-body-reset
#[test]
fn reset_body_is_an_error() {
    for reason in [
        Reason::INTERNAL_ERROR,
        Reason::CANCEL,
        Reason::ENHANCE_YOUR_CALM,
    ] {
        let asked = ask(LONG, move |mut stream| {
            let mut body = stream.send_response(Response::new(()), false).unwrap();
            body.send_data("half".into(), false).unwrap();
            body.send_reset(reason);
        });
        assert_eq!(asked.failed(), RESET, "{reason}");
        assert_eq!(asked.requests, 1, "{reason}");
    }
}

// fault: http2-body-reset, short-body-taken-for-whole
#[test]
fn body_reset_with_no_error_before_its_length_is_an_error() {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let server = thread::spawn(move || resets_half_way(&listener));
    let client = hardened_client_builder().unwrap().http2_prior_knowledge();
    let transport = ReqwestTransport::with_client(client.build().unwrap());
    let error = runtime()
        .block_on(send(&transport, &url, LONG))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Closed, "{error}");
    assert!(error.is_transient());
    drop(transport);
    server.join().unwrap().unwrap();
}

/// Written by hand, so that the reset follows the data: three bytes of six, and `NO_ERROR` (RFC 9113 §8.1).
fn resets_half_way(listener: &StdListener) -> io::Result<()> {
    let (mut socket, _) = listener.accept()?;
    socket.read_exact(&mut [0; PREFACE])?;
    socket.write_all(&frame(SETTINGS, 0, 0, b""))?;
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        socket.read_exact(&mut payload)?;
        match (head[3], head[4] & 1) {
            (SETTINGS, 0) => socket.write_all(&frame(SETTINGS, ACK, 0, b""))?,
            (DATA, END_STREAM) => break,
            _ => {}
        }
    }
    // RFC 7541: `:status: 200`, and `content-length: 6`.
    let headers = frame(HEADERS, END_HEADERS, 1, b"\x88\x5c\x016");
    let (data, reset) = (frame(DATA, 0, 1, b"abc"), frame(RST_STREAM, 0, 1, &[0; 4]));
    socket.write_all(&[headers, data, reset].concat())?;
    io::copy(&mut socket, &mut io::sink()).map(drop)
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

const PREFACE: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

// fault: http2-body-reset
#[test]
fn endless_stream_times_out() {
    let asked = ask(SHORT, |mut stream| {
        let mut body = stream.send_response(Response::new(()), false).unwrap();
        body.send_data("half".into(), false).unwrap();
        tokio::spawn(async move {
            let _ = poll_fn(|context| body.poll_reset(context)).await;
        });
    });
    assert_eq!(asked.failed(), Kind::Timeout);
}

/// The result of a request, and the number of requests at the server.
struct Asked {
    result: Result<Response<SecretBytes>, TransportError>,
    requests: usize,
}

impl Asked {
    #[track_caller]
    fn failed(&self) -> Kind {
        let error = self.result.as_ref().unwrap_err();
        assert!(error.is_transient(), "{error}");
        listening().assert_no_secret_in_error(error);
        error.kind()
    }
}

type Stream = SendResponse<bytes::Bytes>;

/// Sends a request to a server that handles each request with this function.
fn ask(time: Duration, answer: impl Fn(Stream) + Send + Sync + 'static) -> Asked {
    ask_connection(time, move |_, stream| answer(stream))
}

fn ask_connection(
    time: Duration,
    answer: impl Fn(&mut Connection<TcpStream, bytes::Bytes>, Stream) + Send + Sync + 'static,
) -> Asked {
    let runtime = runtime();
    let requests = Arc::new(AtomicUsize::new(0));
    let result = runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let mut connection = h2::server::handshake(socket).await.unwrap();
                while let Some(Ok((_, stream))) = connection.accept().await {
                    seen.fetch_add(1, Ordering::SeqCst);
                    answer(&mut connection, stream);
                }
            }
        });
        let client = hardened_client_builder()
            .unwrap()
            .http2_prior_knowledge()
            .no_proxy()
            .build();
        let transport = ReqwestTransport::with_client(client.unwrap());
        send(&transport, &format!("http://{address}/token"), time).await
    });
    Asked {
        result,
        requests: requests.load(Ordering::SeqCst),
    }
}

async fn send(
    transport: &ReqwestTransport,
    url: &str,
    time: Duration,
) -> Result<Response<SecretBytes>, TransportError> {
    let watch = listening();
    let config = Config::builder(url, "my-client")
        .client_secret(Secret::new(SECRET))
        .build()
        .unwrap();
    let config = config
        .to_builder()
        .basic_auth(BasicEncoding::Percent)
        .build()
        .unwrap();
    let result = transport
        .send(token_request(&config).unwrap(), RequestLimits::token(time))
        .await;
    watch.assert_no_secret_logged();
    result
}

/// Returns a TLS configuration of this authority that offers both versions of HTTP.
fn offering(authority: &Authority) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap())
        .unwrap();
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    tls
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

/// hyper reports a reset stream in a type of the crate h2, on which the adapter does not depend.
const RESET: Kind = Kind::Other;

const SHORT: Duration = Duration::from_millis(300);
