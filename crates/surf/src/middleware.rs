//! For surf clients: every request that goes through one is authorised.

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{AccessToken, may_carry_token, token_refused};
use http::Uri;
use http_client::async_trait;
use surf::middleware::{Middleware, Next};
use surf::{Client, Request, Response, StatusCode};

use crate::source::TokenSource;

/// Authorises each request. Where the API refuses the token, drops exactly that token and sends the
/// request once more with another. The request's body is read into memory for that.
///
/// An error of ours arrives as a [`surf::Error`] with a [`CallError`] in it; its status is made up, as
/// that of every error of surf.
///
/// ```
/// use edge_oauth_surf::{BearerMiddleware, Hyper1Client, SurfTransport, TokenSource};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # async_std::task::block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::New, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .endpoint(edge.token_url())?;
///
/// let source = TokenSource::new(SurfTransport::new(), config);
/// let client = surf::Client::with_http_client(Hyper1Client::new()).with(BearerMiddleware::new(source));
/// let settings = client.get(format!("{}/api/admin/v1/settings", edge.base_url())).await?;
/// assert_eq!(settings.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BearerMiddleware {
    source: TokenSource,
}

impl BearerMiddleware {
    /// Authorises with the tokens of this source. The source sends with a client of its own, without
    /// this middleware.
    pub fn new(source: TokenSource) -> Self {
        Self { source }
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
        let uri: Option<Uri> = request.url().as_str().parse().ok();
        if !uri.is_some_and(|uri| may_carry_token(&uri)) {
            return Err(ours(CallError::InsecureUrl));
        }
        let body = request.take_body().into_bytes().await?;
        let kind = request.content_type();
        let restore = |request: &mut Request| {
            request.body_bytes(&body);
            match &kind {
                Some(kind) => request.set_content_type(kind.clone()),
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
        self.source.reject(&token);
        restore(&mut again);
        self.authorize(&mut again).await?;
        next.run(again, client).await
    }
}

/// A 403 has to be read to know whether it is about the token; its body is put back.
async fn is_refused(response: &mut Response) -> surf::Result<bool> {
    let mut seen = http::Response::new(Vec::new());
    if response.status() == StatusCode::Forbidden {
        *seen.body_mut() = response.body_bytes().await?;
        response.set_body(seen.body().as_slice());
    }
    *seen.status_mut() = http::StatusCode::from_u16(response.status().into())?;
    Ok(token_refused(&seen))
}

fn ours(error: CallError) -> surf::Error {
    surf::Error::new(StatusCode::InternalServerError, error)
}
