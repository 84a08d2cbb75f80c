//! A tunnel through a proxy to an https server (RFC 9110 §9.3.6).

use async_std::io::{ReadExt, WriteExt};
use async_std::net::TcpStream;
use edge_oauth_no_io::{Proxy, ProxyScheme, TransportError, TransportErrorKind as Kind};
use zeroize::Zeroizing;

use crate::message::USER_AGENT;
use crate::transport_error;

/// Asks the proxy for a tunnel, on a connection to it. The bytes after its answer are the server's.
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

    // Byte by byte: a byte too many would be missed by TLS.
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
        // With another status, the server behind the proxy may be back the next time.
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

/// Limits the head of a response, and the part of its body that is read at a time. In bytes.
pub(super) const HEAD_LIMIT: usize = 32 * 1024;
