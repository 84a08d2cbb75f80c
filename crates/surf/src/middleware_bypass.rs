//! Takes a request and its response past a client's middleware, unseen.
//!
//! surf runs the middleware of a request after those of the client. So the client is given a request
//! with a URL and nothing else, and the last middleware, this one, puts in what belongs there, and
//! keeps what comes back.

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

/// The request to give to a client, and where its response will be.
pub(crate) fn seal(
    client: &Client,
    request: Request<SecretBytes>,
    bounds: RequestLimits,
) -> Result<(surf::Request, Answer), TransportError> {
    let url = message::url(request.uri())?;
    let mut outside = surf::Request::new(message::method(request.method())?, url.clone());
    // surf does this for requests that it makes itself.
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
    /// `result` is what the client made of it. It counts only where the back end was not asked.
    pub(crate) fn open(self, result: surf::Result<surf::Response>) -> Outcome {
        match (self.0.try_recv(), result) {
            (Ok(outcome), _) => outcome,
            (Err(_), Err(error)) => Err(transport_error::from_error(error)),
            (Err(_), Ok(_)) => Err(refused("a middleware answered in the server's place")),
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
        // There is room for one, and one is sent. Where nobody waits any more, nobody needs it.
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

/// surf's own back ends panic at some responses, and no server should be able to do that to a caller.
async fn caught(exchange: impl Future<Output = Outcome>) -> Outcome {
    let mut exchange = pin!(exchange);
    poll_fn(|cx| {
        let poll = AssertUnwindSafe(|| exchange.as_mut().poll(cx));
        // What panicked is not polled again, and what it leaves behind is the back end's.
        catch_unwind(poll).unwrap_or_else(|_| Poll::Ready(Err(refused("the back end panicked"))))
    })
    .await
}

fn refused(why: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Other, why)
}
