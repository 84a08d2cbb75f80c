//! For clients of reqwest-middleware: the requests that go through one to an API are authorised.

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{AccessToken, Origin, TransportError, TransportErrorKind, token_rejected};
use http::{Extensions, StatusCode, Uri, header};
use reqwest::{Request, Response, ResponseBuilderExt, Url};
use reqwest_middleware::{Error, Middleware, Next};

use crate::source::TokenSource;

/// Authorises requests to one API; those to other origins pass as they are.
///
/// Where the API refuses the token, drops exactly that token and sends the request once more with
/// another, if its body can be copied; a body that is a stream cannot. An error of ours arrives as
/// [`Error::Middleware`] with a [`CallError`] in it.
///
/// ```
/// use edge_oauth_no_io::Origin;
/// use edge_oauth_reqwest::{BearerMiddleware, ReqwestTransport, TokenSource, hardened_client};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .endpoint(edge.token_url())?;
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
    /// Authorises requests to `api` with the tokens of this source.
    pub fn new(source: TokenSource, api: Origin) -> Self {
        Self { source, api }
    }

    fn covers(&self, url: &Url) -> bool {
        let uri: Option<Uri> = url.as_str().parse().ok();
        uri.is_some_and(|uri| self.api.covers(&uri))
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
        if !self.covers(request.url()) {
            return next.run(request, extensions).await;
        }
        let asked = request.url().clone();
        let again = request.try_clone();
        let token = self.authorize(&mut request).await?;
        let response = next.clone().run(request, extensions).await?;
        // After a redirect, which may take the token off, a refusal says nothing about it.
        if *response.url() != asked {
            return Ok(response);
        }
        let (refused, response) = look(response).await?;
        if !refused {
            return Ok(response);
        }
        self.source.invalidate(&token);
        let Some(mut again) = again else {
            return Ok(response);
        };
        self.authorize(&mut again).await?;
        next.run(again, extensions).await
    }
}

/// A 403 has to be read to know whether it is about the token; it is put together again after.
async fn look(mut response: Response) -> Result<(bool, Response), Error> {
    if response.status() != StatusCode::FORBIDDEN {
        let mut seen = http::Response::new([]);
        *seen.status_mut() = response.status();
        return Ok((token_rejected(&seen), response));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LOOKED_AT {
            let why = "a 403 larger than what is read of one";
            let error = TransportError::new(TransportErrorKind::BodyTooLarge, why);
            return Err(ours(error.into()));
        }
    }
    let mut rebuilt = http::Response::builder()
        .status(response.status())
        .version(response.version())
        .url(response.url().clone());
    if let Some(headers) = rebuilt.headers_mut() {
        *headers = response.headers().clone();
    }
    let rebuilt = rebuilt.body(body).map_err(Error::middleware)?;
    Ok((token_rejected(&rebuilt), rebuilt.into()))
}

fn ours(error: CallError) -> Error {
    Error::middleware(error)
}

/// The largest body of a 403, in bytes.
const LOOKED_AT: usize = 1024 * 1024;
