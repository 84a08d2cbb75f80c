//! For surf clients: the requests that go through one to an API are authorised.

use async_std::io::ReadExt;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{AccessToken, Origin, TransportError, TransportErrorKind, token_rejected};
use http::Uri;
use http_client::async_trait;
use surf::middleware::{Middleware, Next};
use surf::{Client, Request, Response, StatusCode, Url};

use crate::source::TokenSource;

/// Authorises requests to one API; those to other origins pass as they are.
///
/// Where the API refuses the token, drops exactly that token and sends the request once more with
/// another. The request's body is read into memory for that. An error of ours arrives as a
/// [`surf::Error`] with a [`CallError`] in it; its status is made up, as that of every error of surf.
///
/// surf's own `Redirect` copies all headers of a request, this one's too, to wherever it is sent. Where
/// a client has both, `Redirect` comes first: what it asks elsewhere is then without a token.
///
/// ```
/// use edge_oauth_no_io::Origin;
/// use edge_oauth_surf::{BearerMiddleware, Hyper1Client, SurfTransport, TokenSource};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # async_std::task::block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .endpoint(edge.token_url())?;
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
    /// Authorises requests to `api` with the tokens of this source. The source sends with a client of
    /// its own, without this middleware.
    pub fn new(source: TokenSource, api: Origin) -> Self {
        Self { source, api }
    }

    fn covers(&self, url: &Url) -> bool {
        let uri: Option<Uri> = url.as_str().parse().ok();
        uri.is_some_and(|uri| self.api.covers(&uri))
    }

    async fn authorize(&self, request: &mut Request) -> surf::Result<AccessToken> {
        let token = self
            .source
            .token()
            .await
            .map_err(|error| ours(error.into()))?;
        request.insert_header("authorization", format!("Bearer {}", token.expose()));
        Ok(token)
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
        // surf makes a content type up wherever a body is taken or set.
        let kind = request.header("content-type").cloned();
        let body = request.take_body().into_bytes().await?;
        let restore = |request: &mut Request| {
            request.body_bytes(&body);
            match &kind {
                Some(kind) => drop(request.insert_header("content-type", kind)),
                None => drop(request.remove_header("content-type")),
            }
        };
        let mut again = request.clone();
        restore(&mut request);
        let token = self.authorize(&mut request).await?;
        let mut response = next.run(request, client.clone()).await?;
        if !is_refused(&mut response).await? {
            return Ok(response);
        }
        self.source.invalidate(&token);
        restore(&mut again);
        self.authorize(&mut again).await?;
        next.run(again, client).await
    }
}

/// A 403 has to be read to know whether it is about the token; its body is put back.
async fn is_refused(response: &mut Response) -> surf::Result<bool> {
    let mut seen = http::Response::new(Vec::new());
    if response.status() == StatusCode::Forbidden {
        let kind = response.header("content-type").cloned();
        let body = response.take_body();
        body.take(LOOKED_AT + 1)
            .read_to_end(seen.body_mut())
            .await?;
        if seen.body().len() as u64 > LOOKED_AT {
            let why = "a 403 larger than what is read of one";
            let error = TransportError::new(TransportErrorKind::BodyTooLarge, why);
            return Err(ours(error.into()));
        }
        response.set_body(seen.body().as_slice());
        match kind {
            Some(kind) => response.insert_header("content-type", &kind),
            None => drop(response.remove_header("content-type")),
        }
    }
    *seen.status_mut() = http::StatusCode::from_u16(response.status().into())?;
    Ok(token_rejected(&seen))
}

fn ours(error: CallError) -> surf::Error {
    surf::Error::new(StatusCode::InternalServerError, error)
}

/// The largest body of a 403, in bytes.
const LOOKED_AT: u64 = 1024 * 1024;
