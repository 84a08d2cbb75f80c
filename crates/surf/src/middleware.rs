//! Middleware for surf that adds a token to a client's requests to one API.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_std::io::{self, BufReader, Cursor, Read, ReadExt};
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{
    CHALLENGE_BODY_LIMIT, CHALLENGE_BODY_TIMEOUT, Challenge, Origin, Provider, Replay, challenge,
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
/// If status and headers of a response do not tell whether the API rejects the token, waits for the beginning of its body,
/// at most for [`CHALLENGE_BODY_TIMEOUT`]. A body that is late rejects no token: the caller gets the response, the part
/// that has arrived, and the rest as it comes.
///
/// An error of the token source is a [`surf::Error`] with a [`CallError`] inside. Like every error of surf it has a
/// status that surf makes up.
///
/// surf's `Redirect` copies all headers of a request to the target, the token included. If a client has both, add
/// `Redirect` first; then its requests to other URLs carry no token.
///
/// ```
/// use edge_oauth_surf::{BearerMiddleware, Hyper1Client, Origin, SurfTransport, TokenSource};
/// # use edge_oauth_surf::{Config, Secret, Tenant};
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
        let token = self.source.token().await.map_err(|error| {
            surf::Error::new(StatusCode::InternalServerError, CallError::from(error))
        })?;
        let mut replay = Replay::new(token);
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
            let time = CHALLENGE_BODY_TIMEOUT;
            let challenge = look(&mut response, &provider, &self.source, time).await?;
            if !replay.is_rejected(challenge) {
                return Ok(response);
            }
            self.source.invalidate(replay.token());
            if !replay.again_with(self.source.token().await) {
                return Ok(response);
            }
        }
    }
}

/// Returns what the response says about the token. Puts the part of the body that it reads back, and an error after it.
async fn look(
    response: &mut Response,
    provider: &Provider,
    source: &TokenSource,
    at_most: Duration,
) -> surf::Result<Challenge> {
    let mut seen = http::Response::new(Vec::new());
    *seen.status_mut() = http::StatusCode::from_u16(response.status().into())?;
    for value in response.header("www-authenticate").into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(value.as_str()) {
            seen.headers_mut().append(WWW_AUTHENTICATE, value);
        }
    }
    if !challenge_needs_body(seen.status(), seen.headers(), provider) {
        return Ok(challenge(&seen, provider));
    }
    let kind = response.header("content-type").cloned();
    let body = response.take_body();
    let length = body.len();
    let mut reader = body.into_reader();
    let mut beginning = (&mut reader).take(CHALLENGE_BODY_LIMIT as u64 + 1);
    let read = beginning.read_to_end(seen.body_mut());
    let read = source.within(read, at_most).await;
    let is_late = read.is_none();
    let broken = Broken(read.and_then(Result::err));
    let whole = Cursor::new(seen.body().clone()).chain(broken).chain(reader);
    response.set_body(Body::from_reader(BufReader::new(whole), length));
    match kind {
        Some(kind) => response.insert_header("content-type", &kind),
        None => drop(response.remove_header("content-type")),
    }
    Ok(match is_late {
        // The body is late, and so it rejects no token.
        true => Challenge::None,
        false => challenge(&seen, provider),
    })
}

/// Fails once with the error of a body, if there was one.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.take().map_or(Ok(0), Err))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use async_std::task::block_on;
    use edge_oauth_no_io::{Config, Secret};

    use super::*;
    use crate::transport::SurfTransport;

    /// A body that does not end.
    struct Endless;

    impl Read for Endless {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Pending
        }
    }

    /// Looks at a 401 with a body of `part` and the rest.
    fn look_at(rest: impl Read + Unpin + Send + Sync + 'static) -> (Challenge, Response) {
        let config = Config::builder("https://login.example/token", "id")
            .client_secret(Secret::new("s3cret"))
            .build()
            .unwrap();
        let source = TokenSource::new(SurfTransport::new(), config);
        let body = BufReader::new(Cursor::new("part").chain(rest));
        let mut response = surf::http::Response::new(StatusCode::Unauthorized);
        response.set_body(Body::from_reader(body, None));
        let mut response = response.into();
        let (provider, time) = (Provider::standard(), Duration::from_millis(1));
        let challenge = block_on(look(&mut response, &provider, &source, time));
        (challenge.unwrap(), response)
    }

    // fault: body-of-a-401-that-never-comes
    #[test]
    fn late_body_of_an_undecided_response_rejects_no_token_and_is_the_callers() {
        let (challenge, mut response) = look_at(Endless);
        assert_eq!(challenge, Challenge::None);
        let mut part = [0; 4];
        block_on(response.take_body().read_exact(&mut part)).unwrap();
        assert_eq!(&part, b"part");
    }

    // fault: body-of-a-401-that-breaks-off
    #[test]
    fn undecided_response_whose_body_breaks_off_is_the_callers_with_the_error() {
        let reset = io::ErrorKind::ConnectionReset;
        let (challenge, mut response) = look_at(Broken(Some(reset.into())));
        assert_eq!(challenge, Challenge::InvalidToken);
        let mut text = Vec::new();
        let error = block_on(response.take_body().read_to_end(&mut text)).unwrap_err();
        assert_eq!((text.as_slice(), error.kind()), (&b"part"[..], reset));
    }
}
