//! The layer: a source of tokens, the API that they are for, and the bodies that are kept.

use std::fmt;
use std::sync::Arc;

use edge_oauth_driver::nonblocking::{Runtime, TokenSource};
use edge_oauth_no_io::Origin;
use http::request::Parts;
use tower_layer::Layer;

use crate::exchange::Exchange;
use crate::service::BearerService;

/// Authorizes requests to one API; requests to other origins pass as they are.
///
/// If the API rejects the token, the service invalidates exactly that token and sends the request once more with
/// another, if its body was kept. By default a body is kept if all of it is ready when the request is sent and has at
/// most 64 KiB, as the body of a unary gRPC call is. A stream that waits for its data is sent once.
///
/// If status and headers of a response do not tell whether the API rejects the token, as a 401 without
/// `WWW-Authenticate`, the service waits for the beginning of its body, at most for
/// [`CHALLENGE_BODY_TIMEOUT`](edge_oauth_no_io::CHALLENGE_BODY_TIMEOUT). A body that is late rejects no token: the caller
/// gets the response, the part that has arrived, and the rest as it comes. The layer has no time limit for the response
/// itself: put `TimeoutLayer` of tower outside of it.
///
/// A URL without scheme and host, as in the requests of a tonic client, gets those of the API. All clones and all
/// services of a layer share one token.
///
/// ```
/// use bytes::Bytes;
/// use edge_oauth_tower::{BearerLayer, Config, HyperTransport, Origin, Secret, Tenant, TokenSource, hardened_client};
/// use http_body_util::Full;
/// use tower::{ServiceBuilder, ServiceExt};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .to_builder().endpoint(edge.token_url()).build()?;
/// # let api = edge.base_url();
/// let source = TokenSource::new(HyperTransport::new()?, config);
/// let layer = BearerLayer::new(source, Origin::from_url(api)?);
/// let client = ServiceBuilder::new().layer(layer).service(hardened_client()?);
///
/// let request = http::Request::get(format!("{api}/api/admin/v1/settings")).body(Full::<Bytes>::default())?;
/// assert_eq!(client.oneshot(request).await?.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
/// # }).map_err(|error| error as Box<dyn std::error::Error>)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct BearerLayer<R> {
    exchange: Arc<Exchange<R>>,
}

impl<R: Runtime> BearerLayer<R> {
    /// Authorizes requests to `api` with the tokens of this source.
    pub fn new(source: TokenSource<R>, api: Origin) -> Self {
        let exchange = Exchange {
            source,
            api,
            max_kept: Arc::new(|_| Some(MAX_KEPT)),
        };
        Self {
            exchange: Arc::new(exchange),
        }
    }

    /// Sets which bodies are kept for a second attempt: for the head of a request, the most bytes that its body may
    /// have. With `None` a request is sent once, and the response that rejects its token goes to the caller.
    ///
    /// A body that is kept stays in memory until the response to the first attempt arrives.
    ///
    /// ```
    /// use edge_oauth_tower::{BearerLayer, Origin};
    /// # use edge_oauth_tower::TokenSource;
    ///
    /// # fn layer(source: TokenSource, api: Origin) -> BearerLayer<edge_oauth_tower::Tokio> {
    /// BearerLayer::new(source, api).keep_bodies(|request| request.method.is_safe().then_some(1024))
    /// # }
    /// ```
    #[must_use]
    pub fn keep_bodies(
        mut self,
        max: impl Fn(&Parts) -> Option<usize> + Send + Sync + 'static,
    ) -> Self {
        Arc::make_mut(&mut self.exchange).max_kept = Arc::new(max);
        self
    }
}

impl<S, R> Layer<S> for BearerLayer<R> {
    type Service = BearerService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        BearerService::new(inner, Arc::clone(&self.exchange))
    }
}

impl<R> Clone for BearerLayer<R> {
    fn clone(&self) -> Self {
        Self {
            exchange: Arc::clone(&self.exchange),
        }
    }
}

impl<R> fmt::Debug for BearerLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerLayer")
            .field("source", &self.exchange.source)
            .field("api", &self.exchange.api)
            .finish_non_exhaustive()
    }
}

const MAX_KEPT: usize = 64 * 1024;
