//! Sends a request with a hyper client and returns its response. Nothing is decided here.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes};
use edge_oauth_driver::nonblocking::Transport;
use edge_oauth_driver::{BoxFuture, proxy_environment};
use edge_oauth_no_io::{
    LimitedBody, ProxyEnvironment, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
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

/// Sends token requests with hyper-util's client, or with a service of yours.
///
/// A request ends with its timeout, body included, and every status is a response: hyper follows no redirect. A `Config`
/// has an `https` endpoint or one on the loopback, and a source sends API requests to no other.
///
/// ```
/// use edge_oauth_tower::{Config, HyperTransport, Secret, TokenSource};
///
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let (url, id, secret) = (edge.token_url(), edge.client_id(), Secret::new(edge.client_secret()));
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let config = Config::builder(url, id).client_secret(secret).audience("https://api.sitecorecloud.io").build()?;
/// let source = TokenSource::new(HyperTransport::new()?, config);
/// assert!(source.token().await?.expires_in().is_some());
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
    /// With clients of its own: TLS by rustls and ring, the roots of webpki-roots, HTTP/1.1, no redirects, no retries, no
    /// decompression, and the proxies of the environment as [`ProxyEnvironment`] reads them now. If a variable cannot be
    /// honoured, the requests that it would decide about fail with an error that names it.
    ///
    /// A token request has a connection of its own, so that one source may serve any number of runtimes: a connection that
    /// is kept would hang for callers of another one. TLS sessions are resumed. API requests of `send` and `call` keep
    /// their connections until another runtime makes one. The addresses of a name share the time of the request.
    ///
    /// # Errors
    ///
    /// None with the versions that this crate is tested with. rustls does not promise that ring has all
    /// versions of TLS.
    pub fn new() -> Result<Self, TransportError> {
        Ok(Self::with_tls(client::tls()?))
    }

    /// Does the same as [`new`](Self::new) with other roots, another crypto provider or a client certificate. ALPN becomes
    /// `http/1.1`.
    ///
    /// [`rustls`](crate::rustls) is re-exported, so that its version is the right one.
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

    /// With a service of the caller's, such as a hyper client with its own connector, for its roots, proxy or pool.
    ///
    /// Time and size of a response stay bounded. The service decides about redirects, which it must not follow with a
    /// token request, and about connections, which live on the runtime that opened them.
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

/// The service is left out: it may hold secrets.
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

/// The caller sees to the time.
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
