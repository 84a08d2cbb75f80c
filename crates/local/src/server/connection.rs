//! Sockets in, answers out: the server thread's side.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::http::loopback;
use crate::http::response;
use crate::server::shared::Shared;
use crate::server::simulator::MAX_BODY;
use crate::server::webhook_sender::WebhookSender;

/// Accepts connections for as long as the runtime lives. Dropping the runtime closes them all.
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
            // The connection is gone, or there are too many: neither ends the server.
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
    // Without it an answer would only be slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, sender, &shared));
    // An error here is the client's: it went away, or it did not speak HTTP/1.1.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond(
    request: Request<Incoming>,
    sender: WebhookSender,
    shared: &Arc<Shared>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    if !has_loopback_host(&parts.headers) {
        let body = serde_json::json!({ "error": "misdirected_request" });
        let response = response::json(StatusCode::MISDIRECTED_REQUEST, &body);
        return Ok(response.map(|body| Full::new(body.into())));
    }
    let body = read_body(body).await?;
    let mut pending = shared.respond(&Request::from_parts(parts, body));
    for delivery in pending.simulated.deliveries.drain(..) {
        tokio::spawn(sender.deliver(delivery, Arc::clone(shared)));
    }
    pending.wait_until_due().await;
    Ok(pending
        .simulated
        .response
        .map(|body| Full::new(body.into())))
}

/// A page of the web can have its own name resolved to the loopback (DNS rebinding), and would then reach this
/// server, and through webhooks every other one of this machine. Its requests name its own host.
fn has_loopback_host(headers: &HeaderMap) -> bool {
    headers.get_all(header::HOST).iter().all(|host| {
        let authority = Authority::try_from(host.as_bytes());
        authority.is_ok_and(|authority| loopback::is_host(authority.host()))
    })
}

/// Reads a body to its end, and keeps of a long one just enough to tell that it is too long.
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
