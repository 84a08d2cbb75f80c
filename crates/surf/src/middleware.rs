//! Middleware for surf that adds a token to a client's requests to one API.

use async_std::io::{BufReader, Cursor, ReadExt};
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{
    AccessToken, CHALLENGE_BODY_LIMIT, Challenge, Origin, Provider, Replay, challenge,
    challenge_needs_body,
};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Uri};
use http_client::async_trait;
use surf::middleware::{Middleware, Next};
use surf::{Body, Client, Request, Response, StatusCode, Url};

use crate::source::TokenSource;

/// Adds a token to requests to one API. Requests to other origins pass unchanged.
///
/// If the API rejects the token, invalidates it and sends the request once more with a new one. For that it reads the
/// request's body into memory.
///
/// An error of the token source is a [`surf::Error`] with a [`CallError`] inside. Like every error of surf it has a
/// status that surf makes up.
///
/// surf's `Redirect` copies all headers of a request to the target, the token included. If a client has both, add
/// `Redirect` first; then its requests to other URLs carry no token.
///
/// ```
/// use edge_oauth_no_io::Origin;
/// use edge_oauth_surf::{BearerMiddleware, Hyper1Client, SurfTransport, TokenSource};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # async_std::task::block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .to_builder().endpoint(edge.token_url()).build()?;
/// # let api = edge.base_url();
///
/// let source = TokenSource::new(SurfTransport::new(), config);
/// let middleware = BearerMiddleware::new(source, Origin::from_url(api)?);
/// let client = surf::Client::with_http_client(Hyper1Client::new()).with(middleware);
/// assert_eq!(client.get(format!("{api}/api/admin/v1/settings")).await?.status(), 200);
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
    /// Creates a middleware that adds the tokens of this source to requests to `api`. The source sends with its own
    /// client, without this middleware.
    pub fn new(source: TokenSource, api: Origin) -> Self {
        Self { source, api }
    }

    fn covers(&self, url: &Url) -> bool {
        let uri: Option<Uri> = url.as_str().parse().ok();
        uri.is_some_and(|uri| self.api.covers(&uri))
    }

    async fn token(&self) -> surf::Result<AccessToken> {
        self.source
            .token()
            .await
            .map_err(|error| ours(error.into()))
    }
}

#[async_trait]
impl Middleware for BearerMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        client: Client,
        next: Next<'_>,
    ) -> surf::Result<Response> {
        if !self.covers(request.url()) {
            return next.run(request, client).await;
        }
        // surf adds a content type when a body is taken or set.
        let kind = request.header("content-type").cloned();
        let body = request.take_body().into_bytes().await?;
        let mut replay = Replay::new(self.token().await?);
        let provider = self.source.config().provider().clone();
        loop {
            let mut attempt = request.clone();
            attempt.body_bytes(&body);
            match &kind {
                Some(kind) => drop(attempt.insert_header("content-type", kind)),
                None => drop(attempt.remove_header("content-type")),
            }
            let token = replay.token().expose();
            attempt.insert_header("authorization", format!("Bearer {token}"));
            let mut response = next.run(attempt, client.clone()).await?;
            if !replay.is_rejected(look(&mut response, &provider).await?) {
                return Ok(response);
            }
            self.source.invalidate(replay.token());
            if !replay.again_with(self.source.token().await) {
                return Ok(response);
            }
        }
    }
}

/// Returns what the response says about the token. Puts the part of the body that it reads back.
async fn look(response: &mut Response, provider: &Provider) -> surf::Result<Challenge> {
    let mut seen = http::Response::new(Vec::new());
    *seen.status_mut() = http::StatusCode::from_u16(response.status().into())?;
    for value in response.header("www-authenticate").into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(value.as_str()) {
            seen.headers_mut().append(WWW_AUTHENTICATE, value);
        }
    }
    if challenge_needs_body(seen.status(), seen.headers(), provider) {
        let kind = response.header("content-type").cloned();
        let body = response.take_body();
        let length = body.len();
        let mut reader = body.into_reader();
        let limit = CHALLENGE_BODY_LIMIT as u64 + 1;
        (&mut reader)
            .take(limit)
            .read_to_end(seen.body_mut())
            .await?;
        let whole = Cursor::new(seen.body().clone()).chain(reader);
        response.set_body(Body::from_reader(BufReader::new(whole), length));
        match kind {
            Some(kind) => response.insert_header("content-type", &kind),
            None => drop(response.remove_header("content-type")),
        }
    }
    Ok(challenge(&seen, provider))
}

fn ours(error: CallError) -> surf::Error {
    surf::Error::new(StatusCode::InternalServerError, error)
}
