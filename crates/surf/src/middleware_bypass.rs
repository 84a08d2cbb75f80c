//! Hides a request and its response from a client's middleware.
//!
//! surf runs the middleware of a request after the middleware of the client. So the client gets a request with only a
//! URL. This middleware, the last one, fills in the headers and the body, and keeps the response.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError, TransportErrorKind};
use http::{Request, Response};
use http_client::async_trait;
use surf::middleware::{Middleware, Next};
use surf::{Client, Url};

use crate::message;
use crate::transport_error;

type Outcome = Result<Response<SecretBytes>, TransportError>;

/// The response, once the client is done.
pub(crate) struct Answer(Receiver<Outcome>);

/// Returns the request for the client, and the place of its response.
pub(crate) fn seal(
    client: &Client,
    request: Request<SecretBytes>,
    bounds: RequestLimits,
) -> Result<(surf::Request, Answer), TransportError> {
    let url = message::url(request.uri())?;
    let mut outside = surf::Request::new(message::method(request.method())?, url.clone());
    // surf does this for the requests that it makes itself.
    for (name, values) in &client.config().headers {
        outside.insert_header(name, values);
    }
    let (outcome, answer) = sync_channel(1);
    outside.middleware(Seal {
        inside: Mutex::new(Some(request)),
        url,
        bounds,
        outcome,
    });
    Ok((outside, Answer(answer)))
}

impl Answer {
    /// `result` is the result of the client. It counts only if the back end got no request.
    pub(crate) fn open(self, result: surf::Result<surf::Response>) -> Outcome {
        match (self.0.try_recv(), result) {
            (Ok(outcome), _) => outcome,
            (Err(_), Err(error)) => Err(transport_error::from_error(error)),
            (Err(_), Ok(_)) => Err(refused("a middleware responded in the server's place")),
        }
    }
}

struct Seal {
    inside: Mutex<Option<Request<SecretBytes>>>,
    url: Url,
    bounds: RequestLimits,
    outcome: SyncSender<Outcome>,
}

#[async_trait]
impl Middleware for Seal {
    async fn handle(
        &self,
        mut request: surf::Request,
        client: Client,
        next: Next<'_>,
    ) -> surf::Result<surf::Response> {
        if *request.url() != self.url {
            return Err(refused("a middleware changed the URL").into());
        }
        let inside = self
            .take()
            .ok_or_else(|| refused("a middleware sent it twice"))?;
        let method = inside.method().clone();
        message::fill(&mut request, inside, self.bounds)?;
        let outcome = caught(async {
            match next.run(request, client).await {
                Ok(response) => message::read(response, &method, self.bounds).await,
                Err(error) => Err(transport_error::from_error(error)),
            }
        })
        .await;
        let shown = match &outcome {
            Ok(answer) => Ok(surf::http::Response::new(message::closest(answer.status())).into()),
            Err(error) => Err(error.clone().into()),
        };
        // The channel has room for the one response. If the receiver is gone, the response is not needed.
        let _ = self.outcome.try_send(outcome);
        shown
    }
}

impl Seal {
    fn take(&self) -> Option<Request<SecretBytes>> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.take()
    }
}

/// surf's own back ends panic at some responses, and a server must not be able to make a caller panic.
async fn caught(exchange: impl Future<Output = Outcome>) -> Outcome {
    let mut exchange = pin!(exchange);
    poll_fn(|cx| {
        let poll = AssertUnwindSafe(|| exchange.as_mut().poll(cx));
        // A future that panicked is not polled again, and its state belongs to the back end.
        catch_unwind(poll).unwrap_or_else(|_| Poll::Ready(Err(refused("the back end panicked"))))
    })
    .await
}

fn refused(why: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Other, why)
}
