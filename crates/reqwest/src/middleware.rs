//! Middleware for reqwest-middleware that adds a token to a client's requests to one API.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{
    AccessToken, CHALLENGE_BODY_LIMIT, Challenge, Origin, Provider, Replay, challenge,
    challenge_by_head, challenge_needs_body,
};
use http::{Extensions, header};
use http_body_util::BodyExt;
use hyper::body::Frame;
use reqwest::{Body, Request, Response, ResponseBuilderExt, Url};
use reqwest_middleware::{Error, Middleware, Next};

use crate::source::TokenSource;

/// Adds a token to requests to one API. Requests to other origins pass unchanged.
///
/// If the API rejects the token, invalidates it and sends the request once more with a new one. A request whose body
/// is a stream is sent once, since its body cannot be copied.
///
/// An error of the token source is [`Error::Middleware`] with a [`CallError`] inside.
///
/// ```
/// use edge_oauth_no_io::Origin;
/// use edge_oauth_reqwest::{BearerMiddleware, ReqwestTransport, TokenSource, hardened_client};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .to_builder().endpoint(edge.token_url()).build()?;
/// # let api = edge.base_url();
///
/// let source = TokenSource::new(ReqwestTransport::new()?, config);
/// let middleware = BearerMiddleware::new(source, Origin::from_url(api)?);
/// let client = hardened_client()?.no_proxy().build()?;
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

    async fn token(&self) -> Result<AccessToken, Error> {
        self.source
            .token()
            .await
            .map_err(|error| ours(error.into()))
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
        let mut replay = Replay::new(self.token().await?);
        loop {
            // A body that is a stream cannot be copied, so its request is sent once.
            let again = request.try_clone();
            let only_url = again.is_none().then(|| request.url().clone());
            let authorization = replay.token().authorization();
            request
                .headers_mut()
                .insert(header::AUTHORIZATION, authorization);
            let response = next.clone().run(request, extensions).await?;
            let by_head = challenge_by_head(response.status(), response.headers());
            if by_head.is_some_and(|challenge| !replay.is_rejected(challenge)) {
                return Ok(response);
            }
            // A redirect may remove the token, so a rejection after a redirect is no statement about the token.
            let asked = again.as_ref().map(Request::url).or(only_url.as_ref());
            if asked != Some(response.url()) {
                return Ok(response);
            }
            let (challenge, response) = match by_head {
                Some(challenge) => (challenge, response),
                // Boxed, since few responses need it.
                None => Box::pin(self.look(response)).await?,
            };
            if !replay.is_rejected(challenge) {
                return Ok(response);
            }
            self.source.invalidate(replay.token());
            match again {
                Some(again) if replay.again_with(self.source.token().await) => request = again,
                _ => return Ok(response),
            }
        }
    }
}

impl BearerMiddleware {
    /// Returns what a response says about the token whose head does not tell. Puts the part of the body that it reads
    /// back.
    async fn look(&self, response: Response) -> Result<(Challenge, Response), Error> {
        let config = self.source.config();
        look(response, config.provider()).await
    }
}

async fn look(response: Response, provider: &Provider) -> Result<(Challenge, Response), Error> {
    let mut seen = http::Response::new(Vec::new());
    *seen.status_mut() = response.status();
    if !challenge_needs_body(response.status(), response.headers(), provider) {
        *seen.headers_mut() = response.headers().clone();
        return Ok((challenge(&seen, provider), response));
    }
    let url = response.url().clone();
    let (mut parts, mut body) = http::Response::<Body>::from(response).into_parts();
    seen.headers_mut().clone_from(&parts.headers);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            seen.body_mut().extend_from_slice(&data);
        }
        if seen.body().len() > CHALLENGE_BODY_LIMIT {
            break;
        }
    }
    let challenge = challenge(&seen, provider);
    let whole = Prefixed {
        start: Some(Bytes::from(seen.into_body())),
        rest: body,
    };
    let mut rebuilt = http::Response::builder().url(url);
    parts.extensions.extend(
        rebuilt
            .extensions_mut()
            .map(std::mem::take)
            .unwrap_or_default(),
    );
    Ok((
        challenge,
        http::Response::from_parts(parts, Body::wrap(whole)).into(),
    ))
}

/// A body whose beginning was read already.
struct Prefixed {
    start: Option<Bytes>,
    rest: Body,
}

impl hyper::body::Body for Prefixed {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        match self.start.take().filter(|start| !start.is_empty()) {
            Some(start) => Poll::Ready(Some(Ok(Frame::data(start)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }
}

fn ours(error: CallError) -> Error {
    Error::middleware(error)
}
