//! The server thread: accepts connections, reads requests and sends responses.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::http::loopback;
use crate::http::response::{self, MAX_BODY};
use crate::server::shared::Shared;
use crate::server::webhook_sender::WebhookSender;

/// Accepts connections as long as the runtime lives. Dropping the runtime closes all connections.
pub(crate) async fn accept(
    listener: TcpListener,
    sender: WebhookSender,
    head_timeout: Duration,
    shared: Arc<Shared>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, sender, head_timeout, Arc::clone(&shared)));
            }
            // The connection is gone, or too many are open. The server continues in both cases.
            Err(_) => tokio::time::sleep(ACCEPT_BACKOFF).await,
        }
    }
}

async fn serve(
    stream: TcpStream,
    sender: WebhookSender,
    head_timeout: Duration,
    shared: Arc<Shared>,
) {
    // Without this option, responses are only slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, sender, head_timeout, &shared));
    // The error is the client's: it closed the connection, or does not speak HTTP/1.1.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    request: Request<Incoming>,
    sender: WebhookSender,
    body_timeout: Duration,
    shared: &Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
    let (parts, body) = request.into_parts();
    if !has_loopback_host(&parts.headers) {
        return Ok(response::misdirected().map(|body| Full::new(body.into())));
    }
    let Ok(body) = timeout(body_timeout, read_body(body)).await else {
        return Ok(response::late_body().map(|body| Full::new(body.into())));
    };
    let body = body?;
    let mut pending = shared.respond(&Request::from_parts(parts, body));
    for delivery in pending.unsigned.deliveries.drain(..) {
        tokio::spawn(sender.deliver(delivery, Arc::clone(shared)));
    }
    // The error closes the connection.
    let response = pending
        .complete()
        .await?
        .ok_or("a fault loses the response")?;
    Ok(response.map(|body| Full::new(body.into())))
}

/// Rejects a request for another host. A web page can resolve its own name to the loopback (DNS rebinding). It would
/// then reach this server, and through webhooks every other server of this machine. Its requests contain its own host
/// name.
fn has_loopback_host(headers: &HeaderMap) -> bool {
    headers.get_all(header::HOST).iter().all(|host| {
        let authority = Authority::try_from(host.as_bytes());
        authority.is_ok_and(|authority| loopback::is_host(authority.host()))
    })
}

/// Reads a body to its end. Keeps of a long body only as much as shows that it is too long.
async fn read_body(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut kept = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            let room = (MAX_BODY + 1).saturating_sub(kept.len());
            kept.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Ok(kept)
}

const ACCEPT_BACKOFF: Duration = Duration::from_millis(10);
