//! The service: adds the token, and replaces one that the API rejects.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, mem};

use edge_oauth_driver::BoxFuture;
use edge_oauth_driver::nonblocking::Runtime;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::body::PeekedBody;
use crate::exchange::{BoxError, Exchange};

/// A service that a [`BearerLayer`](crate::BearerLayer) authorizes. Clones share one token.
///
/// Each request goes to the service that [`poll_ready`](Service::poll_ready) found ready, so limits and backpressure of
/// the services inside hold. A second attempt polls the same service for readiness again.
///
/// A future that is dropped drops the request. A token request that it started goes on in the background, and the next
/// caller finds the token.
///
/// ```
/// use edge_oauth_driver::nonblocking::TokenSource;
/// use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
/// use edge_oauth_no_io::{Config, Origin, Secret};
/// use edge_oauth_tower::{BearerLayer, PeekedBody};
/// use http::{Request, Response};
/// use http_body_util::Empty;
/// use tower::{Layer, ServiceExt, service_fn};
///
/// let transport = ScriptedTransport::new(|_| Ok(Response::new(r#"{"access_token":"abc"}"#.into())));
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let layer = BearerLayer::new(TokenSource::<Clock>::new(transport, config), Origin::from_url("https://api.example")?);
///
/// type Body = Empty<bytes::Bytes>;
/// let service = layer.layer(service_fn(async |request: Request<PeekedBody<Body>>| {
///     assert_eq!(request.headers()["authorization"], "Bearer abc");
///     Ok::<_, std::convert::Infallible>(Response::new(Body::new()))
/// }));
/// let request = Request::get("https://api.example/things").body(Body::new())?;
/// assert_eq!(block_on(service.oneshot(request)).unwrap().status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct BearerService<S, R> {
    inner: S,
    exchange: Arc<Exchange<R>>,
}

impl<S, R> BearerService<S, R> {
    pub(crate) fn new(inner: S, exchange: Arc<Exchange<R>>) -> Self {
        Self { inner, exchange }
    }
}

impl<S, R, B, D> Service<Request<B>> for BearerService<S, R>
where
    S: Service<Request<PeekedBody<B>>, Response = Response<D>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    R: Runtime,
    B: Body + Send + 'static,
    B::Error: Send,
    D: Body + Send + 'static,
    D::Error: Send,
{
    type Response = Response<PeekedBody<D>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that is ready makes the call; its clone has to be polled first.
        let next = self.inner.clone();
        let ready = mem::replace(&mut self.inner, next);
        let exchange = Arc::clone(&self.exchange);
        Box::pin(async move { exchange.run(ready, request).await })
    }
}

impl<S: Clone, R> Clone for BearerService<S, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            exchange: Arc::clone(&self.exchange),
        }
    }
}

impl<S, R> fmt::Debug for BearerService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerService")
            .field("source", &self.exchange.source)
            .field("api", &self.exchange.api)
            .finish_non_exhaustive()
    }
}
