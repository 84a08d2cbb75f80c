//! A token endpoint on the loopback that sends one response to every request, after a delay.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Serves until the process ends.
pub(crate) struct Endpoint {
    scheme: &'static str,
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Endpoint {
    pub(crate) fn start(status: &'static str, body: String, delay: Duration) -> Self {
        Self::start_with(status, body, delay, None)
    }

    /// Starts an endpoint with a certificate for `127.0.0.1`, and returns the certificate as PEM.
    pub(crate) fn start_tls(body: String) -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])
            .expect("the name is an address");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .expect("the key fits the certificate");
        let endpoint = Self::start_with("200 OK", body, Duration::ZERO, Some(Arc::new(config)));
        (endpoint, made.cert.pem())
    }

    fn start_with(
        status: &'static str,
        body: String,
        delay: Duration,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        let response: Arc<str> = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (response, count) = (Arc::clone(&response), Arc::clone(&count));
                let tls = tls.clone();
                thread::spawn(move || {
                    stream.set_nodelay(true).ok()?;
                    match tls {
                        None => serve(stream, &response, &count, delay),
                        Some(config) => {
                            let connection = ServerConnection::new(config).ok()?;
                            serve(
                                StreamOwned::new(connection, stream),
                                &response,
                                &count,
                                delay,
                            )
                        }
                    }
                });
            }
        });
        Self {
            scheme,
            address,
            requests,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}/oauth/token", self.scheme, self.address)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn serve(
    stream: impl Read + Write,
    response: &str,
    count: &AtomicUsize,
    delay: Duration,
) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        count.fetch_add(1, Ordering::Relaxed);
        thread::sleep(delay);
        reader.get_mut().write_all(response.as_bytes()).ok()?;
    }
}
