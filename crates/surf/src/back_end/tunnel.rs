//! A tunnel through a proxy to an https server (RFC 9110 §9.3.6).

use async_std::io::{ReadExt, WriteExt};
use async_std::net::TcpStream;
use edge_oauth_no_io::{Proxy, ProxyScheme, TransportError, TransportErrorKind as Kind};
use zeroize::Zeroizing;

use crate::message::USER_AGENT;
use crate::transport_error;

/// Requests a tunnel on a connection to the proxy. The bytes after the proxy's response come from the server.
pub(super) async fn open(
    stream: &mut TcpStream,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Result<(), TransportError> {
    if proxy.scheme() != ProxyScheme::Http {
        return Err(proxy.unsupported());
    }
    let mut request = Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: {USER_AGENT}\r\n"
    ));
    if let Some(value) = proxy.authorization() {
        let value = value.to_str().unwrap_or_default();
        request.push_str("Proxy-Authorization: ");
        request.push_str(value);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    let io = |error| transport_error::from_io(&error);
    stream.write_all(request.as_bytes()).await.map_err(io)?;
    stream.flush().await.map_err(io)?;

    // Reads byte by byte, since TLS needs every byte after the response.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.map_err(io)? == 0 {
            return Err(TransportError::new(Kind::Closed, "by the proxy"));
        }
        head.push(byte[0]);
        if head.len() > HEAD_LIMIT {
            return Err(TransportError::new(
                Kind::Protocol,
                "the proxy's header is too large",
            ));
        }
    }
    match status(&head) {
        Some(200..=299) => Ok(()),
        Some(407) => Err(TransportError::new(Kind::Proxy, "it wants credentials")),
        // With another status, the server behind the proxy may work again at the next attempt.
        Some(_) => Err(TransportError::new(
            Kind::Connect,
            "the proxy did not connect to the server",
        )),
        None => Err(TransportError::new(
            Kind::Protocol,
            "the proxy does not speak HTTP",
        )),
    }
}

fn status(head: &[u8]) -> Option<u16> {
    let line = head.strip_prefix(b"HTTP/1.")?;
    let status = line.get(2..5)?;
    std::str::from_utf8(status).ok()?.parse().ok()
}

/// The limit of the head of a response, and of one read of its body, in bytes.
pub(super) const HEAD_LIMIT: usize = 32 * 1024;
