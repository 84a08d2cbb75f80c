//! Sends a request with a hyper client and returns its response, without decisions.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, Bytes};
use edge_oauth_driver::nonblocking::{Transport, fetch};
use edge_oauth_driver::{BoxFuture, proxy_environment};
use edge_oauth_no_io::{
    AccessToken, Config, LimitedBody, ProxyEnvironment, RequestLimits, SecretBytes, TokenError,
    TransportError, TransportErrorKind,
};
use http::{HeaderValue, Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use rustls::ClientConfig;
use tokio::runtime::{Handle, Id};
use tokio::time::timeout;
use tower_service::Service;

use crate::hyper::client::{self, Connector};
use crate::hyper::transport_error;

/// Sends token requests with hyper-util's client, or with your service.
///
/// A request ends at its timeout, body included, and returns every status as a response: hyper follows no redirect. A
/// `Config` has an `https` endpoint or one on the loopback, and a source sends API requests to no other.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_tower::{Config, HyperTransport, Secret};
///
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let (url, id, secret) = (edge.token_url(), edge.client_id(), Secret::new(edge.client_secret()));
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let config = Config::builder(url, id).client_secret(secret).audience("https://api.sitecorecloud.io").build()?;
/// let token = HyperTransport::new()?.fetch(&config, Duration::from_secs(10)).await?;
/// assert!(token.expires_in().is_some());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HyperTransport {
    client: Source,
}

/// The client of a request.
#[derive(Clone)]
enum Source {
    /// Made for each token request; they share TLS sessions. The API requests of a runtime share one that keeps its
    /// connections.
    Own {
        tls: Arc<ClientConfig>,
        proxies: Arc<ProxyEnvironment>,
        kept: Arc<Mutex<Option<(Id, OwnClient)>>>,
    },
    /// The caller's.
    Callers(Arc<dyn Exchange>),
}

type OwnClient = Client<Connector, Full<Bytes>>;

impl HyperTransport {
    /// Creates a transport with its own clients: TLS by rustls and ring, the roots of webpki-roots, HTTP/1.1, no
    /// redirects, no retries, no decompression, and the proxies that [`ProxyEnvironment`] reads from the environment now.
    /// If a proxy variable cannot be used, the requests that depend on it return an error that names it.
    ///
    /// A token request opens its own connection, so one source may serve any number of runtimes: a kept connection
    /// would hang for callers on another runtime. TLS sessions are resumed. The API requests of `send` and `call`
    /// keep their connections until another runtime makes a request. The addresses of a name share the time of the
    /// request.
    ///
    /// # Errors
    ///
    /// Returns an error if ring lacks a version of TLS. With the tested versions of rustls this never happens.
    pub fn new() -> Result<Self, TransportError> {
        Ok(Self::with_tls(client::tls()?))
    }

    /// Creates a transport with other roots, another crypto provider or a client certificate. Sets ALPN to `http/1.1`.
    ///
    /// [`rustls`](crate::rustls) is re-exported, so that your program uses the same version.
    pub fn with_tls(mut tls: ClientConfig) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            client: Source::Own {
                tls: Arc::new(tls),
                proxies: Arc::new(proxy_environment()),
                kept: Arc::default(),
            },
        }
    }

    /// Creates a transport with your service, such as a hyper client with its own connector, for its roots, proxy or pool.
    ///
    /// The transport bounds time and size of a response. Your service decides about redirects, which it must not follow
    /// with a token request, and about connections, which live on the runtime that opened them.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use edge_oauth_tower::HyperTransport;
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy::{Client, connect::HttpConnector};
    /// use hyper_util::rt::TokioExecutor;
    ///
    /// let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    /// let transport = HyperTransport::with_service(client);
    /// ```
    pub fn with_service<S, B>(service: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Error + Send + Sync + 'static,
        S::Future: Send,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Error + Send + Sync + 'static,
    {
        Self {
            client: Source::Callers(Arc::new(OfService(service))),
        }
    }

    /// Requests one token, without a cache and without a shared store. `timeout` limits the request with its response.
    ///
    /// # Errors
    ///
    /// Returns the error response of the server, or the failure of the request. It is not retried.
    pub async fn fetch(
        &self,
        config: &Config,
        timeout: Duration,
    ) -> Result<AccessToken, TokenError> {
        fetch(self, config, timeout).await
    }

    fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        limits: RequestLimits,
        runtime: Id,
    ) -> BoxFuture<'static, Result<Response<SecretBytes>, TransportError>> {
        let (tls, proxies, kept) = match &self.client {
            Source::Callers(service) => return service.exchange(request, limits),
            Source::Own { tls, proxies, kept } => (Arc::clone(tls), Arc::clone(proxies), kept),
        };
        if !limits.keep_alive {
            let client = client::for_one_request(tls, proxies, limits.timeout);
            return Box::pin(exchange(client, request, limits));
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match &*kept {
            Some((owner, client)) if *owner == runtime => client.clone(),
            _ => {
                let client = client::for_many_requests(tls, proxies);
                kept.insert((runtime, client)).1.clone()
            }
        };
        Box::pin(exchange(client, request, limits))
    }

    /// Returns the error with the proxy that the request went through.
    fn named(&self, error: TransportError, uri: &http::Uri) -> TransportError {
        match &self.client {
            Source::Own { proxies, .. } => match proxies.proxy_for(uri) {
                Ok(Some(proxy)) => error.through(proxy),
                _ => error,
            },
            Source::Callers(_) => error,
        }
    }
}

impl Transport for HyperTransport {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let Ok(runtime) = Handle::try_current() else {
            let why = "hyper needs a tokio runtime, and this is outside of any";
            return Err(TransportError::new(TransportErrorKind::Other, why));
        };
        let uri = request.uri().clone();
        let mut request = request.map(|body| Full::new(Bytes::from(body)));
        request
            .headers_mut()
            .entry(header::USER_AGENT)
            .or_insert(HeaderValue::from_static(USER_AGENT));
        let exchange = self.exchange(request, limits, runtime.id());
        let result = match timeout(limits.timeout, exchange).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::new(TransportErrorKind::Timeout, "")),
        };
        result.map_err(|error| self.named(error, &uri))
    }
}

/// Leaves out the service: it may contain secrets.
impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").finish_non_exhaustive()
    }
}

/// A service of any type.
trait Exchange: Send + Sync {
    fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        limits: RequestLimits,
    ) -> BoxFuture<'static, Result<Response<SecretBytes>, TransportError>>;
}

struct OfService<S>(S);

impl<S, B> Exchange for OfService<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Error + Send + Sync + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Error + Send + Sync + 'static,
{
    fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        limits: RequestLimits,
    ) -> BoxFuture<'static, Result<Response<SecretBytes>, TransportError>> {
        Box::pin(exchange(self.0.clone(), request, limits))
    }
}

/// The caller applies the time limit.
async fn exchange<S, B>(
    mut service: S,
    request: Request<Full<Bytes>>,
    limits: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Error + 'static,
    B: Body,
    B::Error: Error + 'static,
{
    let method = request.method().clone();
    let ready = std::future::poll_fn(|cx| service.poll_ready(cx)).await;
    ready.map_err(|error| transport_error::from_error(&error))?;
    let response = service.call(request).await;
    let response = response.map_err(|error| transport_error::from_error(&error))?;
    let (head, body) = response.into_parts();
    let mut buffer = LimitedBody::for_response(limits, &method, head.status, &head.headers);
    let mut body = std::pin::pin!(body);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| transport_error::from_error(&error))?;
        if let Ok(mut data) = frame.into_data() {
            while data.has_remaining() {
                let chunk = data.chunk();
                buffer.push(chunk)?;
                let length = chunk.len();
                data.advance(length);
            }
        }
    }
    Ok(Response::from_parts(head, buffer.finish()?))
}

const USER_AGENT: &str = concat!("edge-oauth-tower/", env!("CARGO_PKG_VERSION"));
