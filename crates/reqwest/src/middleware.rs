//! For clients of reqwest-middleware: every request that goes through one is authorised.

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{AccessToken, may_carry_token, token_refused};
use http::{Extensions, StatusCode, Uri, header};
use reqwest::{Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Error, Middleware, Next};

use crate::source::TokenSource;

/// Authorises each request. Where the API refuses the token, drops exactly that token and sends the
/// request once more with another, if its body can be copied; a body that is a stream cannot.
///
/// An error of ours arrives as [`Error::Middleware`] with a [`CallError`] in it.
///
/// ```
/// use edge_oauth_reqwest::{BearerMiddleware, ReqwestTransport, TokenSource, hardened_client};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::New, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .endpoint(edge.token_url())?;
/// # let url = format!("{}/api/admin/v1/settings", edge.base_url());
///
/// let source = TokenSource::new(ReqwestTransport::new()?, config);
/// let client = reqwest_middleware::ClientBuilder::new(hardened_client()?).with(BearerMiddleware::new(source)).build();
/// assert_eq!(client.get(url).send().await?.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BearerMiddleware {
    source: TokenSource,
}

impl BearerMiddleware {
    /// Authorises with the tokens of this source.
    pub fn new(source: TokenSource) -> Self {
        Self { source }
    }

    async fn authorize(&self, request: &mut Request) -> Result<AccessToken, Error> {
        let token = self
            .source
            .token()
            .await
            .map_err(|error| ours(error.into()))?;
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, token.authorization());
        Ok(token)
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
        let uri: Option<Uri> = request.url().as_str().parse().ok();
        if !uri.is_some_and(|uri| may_carry_token(&uri)) {
            return Err(ours(CallError::InsecureUrl));
        }
        let again = request.try_clone();
        let token = self.authorize(&mut request).await?;
        let (refused, response) = look(next.clone().run(request, extensions).await?).await?;
        if !refused {
            return Ok(response);
        }
        self.source.reject(&token);
        let Some(mut again) = again else {
            return Ok(response);
        };
        self.authorize(&mut again).await?;
        next.run(again, extensions).await
    }
}

/// A 403 has to be read to know whether it is about the token; it is put together again after.
async fn look(response: Response) -> Result<(bool, Response), Error> {
    if response.status() != StatusCode::FORBIDDEN {
        let mut seen = http::Response::new([]);
        *seen.status_mut() = response.status();
        return Ok((token_refused(&seen), response));
    }
    let mut rebuilt = http::Response::builder()
        .status(response.status())
        .version(response.version())
        .url(response.url().clone());
    if let Some(headers) = rebuilt.headers_mut() {
        *headers = response.headers().clone();
    }
    let body = response.bytes().await?;
    let rebuilt = rebuilt.body(body).map_err(Error::middleware)?;
    Ok((token_refused(&rebuilt), rebuilt.into()))
}

fn ours(error: CallError) -> Error {
    Error::middleware(error)
}
