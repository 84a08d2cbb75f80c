//! One connection, for one request and its response.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use async_std::future::timeout;
use async_std::io::{Read, Write};
use async_std::net::{TcpStream, ToSocketAddrs};
use edge_oauth_no_io::{
    LimitedBody, Proxy, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
};
use futures_rustls::TlsConnector;
use futures_rustls::pki_types::ServerName;
use http::{HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use smol_hyper::rt::FuturesIo;

use crate::back_end::fair::Fair;
use crate::back_end::tunnel;
use crate::message::{USER_AGENT, unfit};
use crate::transport_error;

/// The caller applies the time limit.
pub(crate) async fn exchange(
    tls: &TlsConnector,
    proxy: Option<&Proxy>,
    request: Request<SecretBytes>,
    bounds: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    let uri = request.uri().clone();
    let (is_tls, default_port) = match uri.scheme_str() {
        Some("https") => (true, 443),
        Some("http") => (false, 80),
        _ => return Err(unfit("the URL is neither https nor http")),
    };
    let host = uri.host().ok_or_else(|| unfit("the URL has no host"))?;
    let port = uri.port_u16().unwrap_or(default_port);
    let mut request = complete(request, host, (port != default_port).then_some(port))?;

    let address = host.trim_matches(['[', ']']);
    let mut stream = match proxy {
        Some(proxy) => {
            let address = proxy.host().trim_matches(['[', ']']);
            connect(address, proxy.port(), bounds.timeout).await?
        }
        None => connect(address, port, bounds.timeout).await?,
    };
    if !is_tls {
        if let Some(proxy) = proxy {
            // A proxy gets the whole URL (RFC 9112 §3.2.2).
            *request.uri_mut() = uri.clone();
            let authorization = proxy.authorization();
            let headers = request.headers_mut();
            headers.extend(authorization.map(|value| (header::PROXY_AUTHORIZATION, value)));
        }
        return Box::pin(talk(stream, request, bounds)).await;
    }
    if let Some(proxy) = proxy {
        tunnel::open(&mut stream, proxy, host, port).await?;
    }
    let name = ServerName::try_from(address.to_owned())
        .map_err(|_| unfit("the host is no name that TLS could check"))?;
    let stream = Box::pin(tls.connect(name, stream)).await;
    let stream = stream.map_err(|error| transport_error::from_io(&error))?;
    Box::pin(talk(stream, request, bounds)).await
}

/// Adds the headers that a request on a connection needs (RFC 9112 §3.2).
fn complete(
    request: Request<SecretBytes>,
    host: &str,
    port: Option<u16>,
) -> Result<Request<Full<Bytes>>, TransportError> {
    let is_empty = request.body().as_ref().is_empty();
    let mut request = request.map(|body| Full::new(Bytes::from(body)));
    let host = match port {
        Some(port) => HeaderValue::try_from(format!("{host}:{port}")),
        None => HeaderValue::try_from(host),
    };
    let host = host.map_err(|_| unfit("the URL's host is malformed"))?;
    let target = match request.uri().path_and_query() {
        Some(target) => Uri::from(target.clone()),
        None => Uri::from_static("/"),
    };
    *request.uri_mut() = target;
    let expects_body = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    let headers = request.headers_mut();
    headers.entry(header::HOST).or_insert(host);
    headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static(USER_AGENT));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if is_empty && expects_body {
        // A request without a body has to say so (RFC 9110 §8.6). hyper sets the length only if there is a body.
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(0));
    }
    Ok(request)
}

/// Connects to the first address that responds. Each address has an equal share of the time, so a dead one cannot use
/// it up.
async fn connect(host: &str, port: u16, time: Duration) -> Result<TcpStream, TransportError> {
    let addresses = (host, port).to_socket_addrs().await;
    let addresses: Vec<_> = match addresses {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            let why = error.kind();
            let error = TransportError::new(TransportErrorKind::Resolve, why);
            return Err(error.with_source(std::io::Error::from(why)));
        }
    };
    let share = time / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut failure = TransportError::new(TransportErrorKind::Resolve, "no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without this option a small request may wait until the server acknowledges its head.
                let set = stream.set_nodelay(true);
                return set
                    .map(|()| stream)
                    .map_err(|error| transport_error::from_io(&error));
            }
            Ok(Err(error)) => {
                let cause = TransportError::from_io(&error);
                failure = match cause.kind() {
                    TransportErrorKind::Connect => cause,
                    _ => TransportError::new(TransportErrorKind::Connect, error.kind()),
                };
            }
            Err(_) => failure = TransportError::new(TransportErrorKind::Timeout, "connecting"),
        }
    }
    Err(failure)
}

/// Runs the connection in the same task as the request. If the caller drops this future, the connection is closed.
async fn talk(
    stream: impl Read + Write + Unpin,
    request: Request<Full<Bytes>>,
    bounds: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    let handshake = http1::Builder::new()
        .max_buf_size(tunnel::HEAD_LIMIT)
        .handshake(FuturesIo::new(Fair::new(stream)))
        .await;
    let (mut sender, connection) =
        handshake.map_err(|error| transport_error::from_hyper(&error))?;
    let method = request.method().clone();
    let mut answer = pin!(async {
        let response = sender.send_request(request).await;
        let (parts, body) = response
            .map_err(|error| transport_error::from_hyper(&error))?
            .into_parts();
        let buffer = LimitedBody::for_response(bounds, &method, parts.status, &parts.headers);
        Ok(Response::from_parts(parts, read(body, buffer).await?))
    });
    let mut connection = Some(connection);
    let mut failure = None;
    let result: Result<_, TransportError> = poll_fn(|cx| {
        if let Some(running) = connection.as_mut() {
            if let Poll::Ready(ended) = Pin::new(running).poll(cx) {
                failure = ended.err();
                // If the response has begun, it gets the error of the connection. A dropped connection reports only
                // that it ended.
                connection = None;
            }
        }
        answer.as_mut().poll(cx)
    })
    .await;
    // A request that had not begun gets only a cancellation. The cause may be TLS, such as an alert.
    match (result, failure) {
        (Err(error), Some(failure)) if error.kind() == TransportErrorKind::Closed => {
            let cause = transport_error::from_hyper(&failure);
            Err(match cause.kind() {
                TransportErrorKind::Other => error,
                _ => cause,
            })
        }
        (result, _) => result,
    }
}

async fn read(mut body: Incoming, mut buffer: LimitedBody) -> Result<SecretBytes, TransportError> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| transport_error::from_hyper(&error))?;
        if let Some(data) = frame.data_ref() {
            buffer.push(data)?;
        }
    }
    buffer.finish()
}
