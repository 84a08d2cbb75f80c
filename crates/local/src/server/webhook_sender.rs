//! Sends the requests of webhooks, and reads their responses.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::api::webhooks::delivery::{Delivery, DeliveryOutcome};
use crate::http::loopback;
use crate::server::shared::Shared;

/// Sends each run on its own connection, only to the loopback.
#[derive(Clone, Copy)]
pub(crate) struct WebhookSender {
    timeout: Duration,
}

impl WebhookSender {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }

    /// Sends a request, and returns its outcome. Dropping the future closes the connection.
    pub(crate) async fn deliver(self, delivery: Delivery, shared: Arc<Shared>) {
        let outcome = self.send(delivery.request).await;
        shared.record_delivery(delivery.pending, outcome);
    }

    async fn send(self, request: Request<Vec<u8>>) -> DeliveryOutcome {
        let mut outcome = DeliveryOutcome::TimedOut(self.timeout);
        let run = async {
            // The connection lives as long as the set.
            let mut connection = JoinSet::new();
            match exchange(request, &mut connection).await {
                Ok(response) => {
                    outcome = DeliveryOutcome::Responded(response.status());
                    // Read the rest of the response, since receivers expect it. Ignore errors.
                    read_to_end(response.into_body()).await;
                }
                Err(failure) => outcome = failure,
            }
        };
        let _ = timeout(self.timeout, run).await;
        outcome
    }
}

async fn exchange(
    request: Request<Vec<u8>>,
    connection: &mut JoinSet<hyper::Result<()>>,
) -> Result<Response<Incoming>, DeliveryOutcome> {
    let stream = connect(request.uri())
        .await
        .ok_or(DeliveryOutcome::NotConnected)?;
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, driver) = handshake.map_err(|_| DeliveryOutcome::ConnectionClosed)?;
    connection.spawn(driver);
    let response = sender.send_request(in_origin_form(request)).await;
    response.map_err(|_| DeliveryOutcome::ConnectionClosed)
}

async fn connect(uri: &Uri) -> Option<TcpStream> {
    for address in loopback::addresses(uri) {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Some(stream);
        }
    }
    None
}

fn in_origin_form(request: Request<Vec<u8>>) -> Request<Full<Bytes>> {
    let mut request = request.map(|body| Full::new(body.into()));
    // The request target is the path and the query; the host has its own header (RFC 9112 §3.2.1).
    let target = request.uri().path_and_query().cloned();
    *request.uri_mut() = target.map(Uri::from).unwrap_or_default();
    let close = HeaderValue::from_static("close");
    request.headers_mut().insert(CONNECTION, close);
    request
}

async fn read_to_end(mut body: Incoming) {
    while let Some(Ok(_)) = body.frame().await {}
}
