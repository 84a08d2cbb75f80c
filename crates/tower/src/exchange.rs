//! One request: the token, the attempts, and what the response says about the token.

use std::future::poll_fn;
use std::sync::Arc;

use edge_oauth_driver::CallError;
use edge_oauth_driver::nonblocking::{Runtime, TokenSource};
use edge_oauth_no_io::{
    CHALLENGE_BODY_LIMIT, CHALLENGE_BODY_TIMEOUT, Challenge, Origin, Replay, challenge,
    challenge_by_head, challenge_needs_body,
};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::body::{PeekedBody, Wait};

/// The error of a [`BearerService`](crate::BearerService): a [`CallError`] if there is no token, or the error of the
/// service inside.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The state that the services of a layer share.
pub(crate) struct Exchange<R> {
    pub(crate) source: TokenSource<R>,
    pub(crate) api: Origin,
    pub(crate) max_kept: Arc<MaxKept>,
}

/// Returns how many bytes a request's body may have to be kept for a second attempt; `None` if it is sent once.
pub(crate) type MaxKept = dyn Fn(&Parts) -> Option<usize> + Send + Sync;

impl<R: Runtime> Exchange<R> {
    pub(crate) async fn run<S, B, D>(
        &self,
        mut ready: S,
        request: Request<B>,
    ) -> Result<Response<PeekedBody<D>>, BoxError>
    where
        S: Service<Request<PeekedBody<B>>, Response = Response<D>>,
        S::Error: Into<BoxError>,
        B: Body,
        D: Body,
    {
        let (mut head, body) = request.into_parts();
        head.uri = self.api.complete(head.uri);
        if !self.api.covers(&head.uri) {
            let request = Request::from_parts(head, body.into());
            let response = ready.call(request).await.map_err(Into::into)?;
            return Ok(response.map(Into::into));
        }
        let token = self.source.token().await.map_err(CallError::from)?;
        let mut replay = Replay::new(token);
        let max_kept = (self.max_kept)(&head);
        let mut body = PeekedBody::from(body);
        if let Some(max) = max_kept {
            body.read(max, Wait::No).await;
        }
        loop {
            let kept = max_kept.and_then(|_| body.copy());
            let mut request = Request::from_parts(head.clone(), body);
            replay.token().authorize(&mut request);
            let response = ready.call(request).await.map_err(Into::into)?;
            let (challenge, response) = self.look(response).await;
            if !replay.is_rejected(challenge) {
                return Ok(response);
            }
            self.source.invalidate(replay.token());
            let Some(again) = kept else {
                return Ok(response);
            };
            if !replay.again_with(self.source.token().await) {
                return Ok(response);
            }
            body = again;
            // The connection of the first response may be the one that the second attempt waits for.
            drop(response);
            poll_fn(|cx| ready.poll_ready(cx))
                .await
                .map_err(Into::into)?;
        }
    }

    /// Reads what the response says about the token. The part of its body that is read for it is put back.
    async fn look<D: Body>(&self, response: Response<D>) -> (Challenge, Response<PeekedBody<D>>) {
        if let Some(challenge) = challenge_by_head(response.status(), response.headers()) {
            return (challenge, response.map(PeekedBody::from));
        }
        let config = self.source.config();
        let (head, body) = response.into_parts();
        let mut body = PeekedBody::from(body);
        if challenge_needs_body(head.status, &head.headers, config.provider()) {
            let read = body.read(CHALLENGE_BODY_LIMIT, Wait::Yes);
            let read = self.source.within(read, CHALLENGE_BODY_TIMEOUT).await;
            if read.is_none() {
                return (Challenge::None, Response::from_parts(head, body));
            }
        }
        let mut seen = Response::new(body.data());
        *seen.status_mut() = head.status;
        seen.headers_mut().clone_from(&head.headers);
        let challenge = challenge(&seen, config.provider());
        (challenge, Response::from_parts(head, body))
    }
}

impl<R> Clone for Exchange<R> {
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            api: self.api.clone(),
            max_kept: Arc::clone(&self.max_kept),
        }
    }
}
