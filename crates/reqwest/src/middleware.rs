//! Middleware for reqwest-middleware that adds a token to a client's requests to one API.

use std::mem;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{
    CHALLENGE_BODY_LIMIT, CHALLENGE_BODY_TIMEOUT, Challenge, Origin, Replay, challenge,
    challenge_by_head, challenge_needs_body,
};
use http::{Extensions, header};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use reqwest::{Body, Request, Response, ResponseBuilderExt, Url};
use reqwest_middleware::{Error, Middleware, Next};

use crate::kept_request::KeptRequest;
use crate::source::TokenSource;

/// Adds a token to requests to one API. Requests to other origins pass unchanged.
///
/// If the API rejects the token, invalidates it and sends the request once more with a new one. A request whose body
/// is a stream is sent once, since its body cannot be copied.
///
/// If status and headers of a response do not tell whether the API rejects the token, as a 401 without
/// `WWW-Authenticate`, waits for the beginning of its body, at most for
/// [`CHALLENGE_BODY_TIMEOUT`](edge_oauth_no_io::CHALLENGE_BODY_TIMEOUT). A body that is late rejects no token: the caller
/// gets the response, the part that has arrived, and the rest as it comes.
///
/// An error of the token source is [`Error::Middleware`] with a [`CallError`] inside.
///
/// ```
/// use edge_oauth_reqwest::{BearerMiddleware, Origin, ReqwestTransport, TokenSource, hardened_client_builder};
/// # use edge_oauth_reqwest::{Config, Secret, Tenant};
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .to_builder().endpoint(edge.token_url()).build()?;
/// # let api = edge.base_url();
///
/// let source = TokenSource::new(ReqwestTransport::new()?, config);
/// let middleware = BearerMiddleware::new(source, Origin::from_url(api)?);
/// let client = hardened_client_builder()?.no_proxy().build()?;
/// let client = reqwest_middleware::ClientBuilder::new(client).with(middleware).build();
/// assert_eq!(client.get(format!("{api}/api/admin/v1/settings")).send().await?.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BearerMiddleware {
    source: TokenSource,
    api: Origin,
}

impl BearerMiddleware {
    /// Creates a middleware that adds the tokens of this source to requests to `api`.
    pub fn new(source: TokenSource, api: Origin) -> Self {
        Self { source, api }
    }

    fn covers(&self, url: &Url) -> bool {
        let has_user = !url.username().is_empty() || url.password().is_some();
        let parts = url.host_str().zip(url.port_or_known_default());
        !has_user
            && parts.is_some_and(|(host, port)| self.api.covers_parts(url.scheme(), host, port))
    }

    /// Returns the request for the second attempt if this response rejects the token. Otherwise returns the response.
    async fn again(
        &self,
        replay: &mut Replay,
        by_head: Option<Challenge>,
        response: Response,
        asked: &str,
        kept: Option<KeptRequest>,
    ) -> ControlFlow<Response, Request> {
        // A redirect may remove the token, so a rejection after a redirect is no statement about the token.
        if response.url().as_str() != asked {
            return ControlFlow::Break(response);
        }
        let (challenge, response) = match by_head {
            Some(challenge) => (challenge, response),
            None => self.look(response).await,
        };
        if !replay.is_rejected(challenge) {
            return ControlFlow::Break(response);
        }
        self.source.invalidate(replay.token());
        match kept {
            Some(kept) if replay.again_with(self.source.token().await) => {
                ControlFlow::Continue(kept.into_request(response.url().clone()))
            }
            _ => ControlFlow::Break(response),
        }
    }

    /// Returns what a response says about the token whose head does not tell. Puts the part of the body that it reads
    /// back.
    async fn look(&self, response: Response) -> (Challenge, Response) {
        let config = self.source.config();
        let provider = config.provider();
        let mut seen = http::Response::new(Vec::new());
        *seen.status_mut() = response.status();
        seen.headers_mut().clone_from(response.headers());
        if !challenge_needs_body(response.status(), response.headers(), provider) {
            return (challenge(&seen, provider), response);
        }
        let url = response.url().clone();
        let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
        let mut body = PeekedBody::from(body);
        let read = body.read(CHALLENGE_BODY_LIMIT);
        let read = self.source.within(read, CHALLENGE_BODY_TIMEOUT).await;
        let challenge = match read {
            Some(()) => {
                seen.body_mut().extend_from_slice(&body.read);
                challenge(&seen, provider)
            }
            // The body is late, and so it rejects no token.
            None => Challenge::None,
        };
        let mut rebuilt = http::Response::builder().url(url);
        let url = rebuilt.extensions_mut().map(mem::take);
        parts.extensions.extend(url.unwrap_or_default());
        let response = http::Response::from_parts(parts, Body::wrap(body));
        (challenge, response.into())
    }
}

#[async_trait::async_trait]
impl Middleware for BearerMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response, Error> {
        if !self.covers(request.url()) {
            return next.run(request, extensions).await;
        }
        let token = self.source.token().await;
        let token = token.map_err(|error| Error::middleware(CallError::from(error)))?;
        let mut replay = Replay::new(token);
        let asked = request.url().as_str().to_owned();
        let mut kept = KeptRequest::of(&mut request).await;
        loop {
            let authorization = replay.token().authorization();
            request
                .headers_mut()
                .insert(header::AUTHORIZATION, authorization);
            let response = next.clone().run(request, extensions).await?;
            let by_head = challenge_by_head(response.status(), response.headers());
            if by_head.is_some_and(|challenge| !replay.is_rejected(challenge)) {
                return Ok(response);
            }
            // Boxed, since few responses come this far.
            let again = self.again(&mut replay, by_head, response, &asked, kept.take());
            match Box::pin(again).await {
                ControlFlow::Continue(again) => request = again,
                ControlFlow::Break(response) => return Ok(response),
            }
        }
    }
}

/// A body whose beginning was read already.
struct PeekedBody {
    read: Vec<u8>,
    /// The frame or the error after the part that was read.
    next: Option<Result<Frame<Bytes>, reqwest::Error>>,
    rest: Body,
}

impl PeekedBody {
    /// Reads the data up to its end, or until it has more bytes than `limit`. If the future is dropped before it is ready,
    /// the part that was read is kept.
    async fn read(&mut self, limit: usize) {
        while self.read.len() <= limit {
            match self
                .rest
                .frame()
                .await
                .map(|frame| frame.map(Frame::into_data))
            {
                Some(Ok(Ok(data))) => self.read.extend_from_slice(&data),
                Some(Ok(Err(trailers))) => return self.next = Some(Ok(trailers)),
                Some(Err(error)) => return self.next = Some(Err(error)),
                None => return,
            }
        }
    }
}

impl From<Body> for PeekedBody {
    fn from(rest: Body) -> Self {
        Self {
            read: Vec::new(),
            next: None,
            rest,
        }
    }
}

impl hyper::body::Body for PeekedBody {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        if !self.read.is_empty() {
            let read = mem::take(&mut self.read);
            return Poll::Ready(Some(Ok(Frame::data(read.into()))));
        }
        match self.next.take() {
            Some(next) => Poll::Ready(Some(next)),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    /// `Response::content_length` is this.
    fn size_hint(&self) -> SizeHint {
        let (read, rest) = (self.read.len() as u64, self.rest.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(read));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint
    }
}
