//! The clients of this crate: HTTP/1.1, without redirects, retries or decompression.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use edge_oauth_driver::proxy_environment;
use edge_oauth_no_io::{Proxy, ProxyEnvironment, ProxyScheme, TransportError, TransportErrorKind};
use http::Uri;
use http::uri::Scheme;
use http_body::Body;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::exchange::BoxError;
use crate::hyper::transport_error;

/// Connects directly or through a proxy of the environment, over TLS to `https`: the connector of [`hardened_client`].
#[derive(Clone, Debug)]
pub struct Connector(HttpsConnector<Dialer>);

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<MaybeHttpsStream<TokioIo<TcpStream>>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, host: Uri) -> Self::Future {
        self.0.call(host)
    }
}

/// Returns a client for an API, with the settings of [`HyperTransport::new`](crate::HyperTransport::new): TLS by rustls
/// and ring, the roots of webpki-roots, HTTP/1.1, no redirects, no retries, no decompression, and the proxies that
/// [`ProxyEnvironment`] reads from the environment.
///
/// A connection may take 5 seconds. The addresses of a name share that time. The client keeps connections for later
/// requests. A connection lives on the runtime that opened it, so use a client on one runtime only. A request has no
/// timeout of its own: put a layer of `tower` or `tower-http` around the client.
///
/// ```
/// use bytes::Bytes;
/// use edge_oauth_tower::hardened_client;
/// use http_body_util::Empty;
///
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let client = hardened_client::<Empty<Bytes>>()?;
/// let keys = format!("{}/.well-known/jwks.json", edge.base_url()).parse()?;
/// assert_eq!(client.get(keys).await?.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns an error if a proxy variable of the environment cannot be used, and for the reasons of
/// [`HyperTransport::new`].
///
/// [`HyperTransport::new`]: crate::HyperTransport::new
pub fn hardened_client<B>() -> Result<Client<Connector, B>, TransportError>
where
    B: Body<Data = Bytes> + Send,
{
    let proxies = proxy_environment();
    proxies.check()?;
    Ok(for_many_requests(Arc::new(tls()?), Arc::new(proxies)))
}

/// Returns a client that keeps its connections, for API requests.
pub(super) fn for_many_requests<B>(
    tls: Arc<ClientConfig>,
    proxies: Arc<ProxyEnvironment>,
) -> Client<Connector, B>
where
    B: Body<Data = Bytes> + Send,
{
    builder().build(connector(tls, proxies, CONNECT))
}

/// Returns a client for one request. The addresses of a name share its timeout. Its connection is closed at the end: a
/// kept connection would belong to the runtime that opened it, and would hang for callers on another runtime.
pub(super) fn for_one_request<B>(
    tls: Arc<ClientConfig>,
    proxies: Arc<ProxyEnvironment>,
    timeout: Duration,
) -> Client<Connector, B>
where
    B: Body<Data = Bytes> + Send,
{
    let mut builder = builder();
    builder.pool_max_idle_per_host(0);
    builder.build(connector(tls, proxies, timeout))
}

fn builder() -> hyper_util::client::legacy::Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .http1_max_buf_size(HEAD_LIMIT)
        // A request is sent once. If its connection was closed meanwhile, its caller decides.
        .retry_canceled_requests(false);
    builder
}

fn connector(
    tls: Arc<ClientConfig>,
    proxies: Arc<ProxyEnvironment>,
    timeout: Duration,
) -> Connector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(timeout));
    let dialer = Dialer {
        proxy: HttpsConnector::from((tcp.clone(), Arc::clone(&tls))),
        tcp,
        proxies,
    };
    Connector(HttpsConnector::from((dialer, tls)))
}

/// TLS 1.2 and 1.3 by ring, whatever provider the process has installed, and HTTP/1.1 only.
pub(super) fn tls() -> Result<ClientConfig, TransportError> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| transport_error::from_rustls(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}

/// Opens a connection to a host, or a tunnel to it through a proxy of the environment.
#[derive(Clone, Debug)]
struct Dialer {
    tcp: HttpConnector,
    proxy: HttpsConnector<HttpConnector>,
    proxies: Arc<ProxyEnvironment>,
}

impl Service<Uri> for Dialer {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, host: Uri) -> Self::Future {
        let is_https = host.scheme() == Some(&Scheme::HTTPS);
        let proxy = self.proxies.proxy_for(&host).transpose();
        let tunnel = proxy.map(|proxy| match proxy? {
            proxy if is_https => self.tunnel(&proxy),
            // A proxy could read it.
            _ => {
                let why = "the URL is neither https nor the loopback, and a proxy is set for it";
                Err(TransportError::new(TransportErrorKind::Proxy, why))
            }
        });
        match tunnel {
            Some(Ok(mut tunnel)) => Box::pin(async move { Ok(tunnel.call(host).await?) }),
            Some(Err(error)) => Box::pin(async move { Err(error.into()) }),
            None => {
                let connection = self.tcp.call(host);
                Box::pin(async move { Ok(MaybeHttpsStream::Http(connection.await?)) })
            }
        }
    }
}

impl Dialer {
    fn tunnel(
        &self,
        proxy: &Proxy,
    ) -> Result<Tunnel<HttpsConnector<HttpConnector>>, TransportError> {
        let scheme = match proxy.scheme() {
            ProxyScheme::Http => "http",
            ProxyScheme::Https => "https",
            _ => return Err(proxy.unsupported()),
        };
        let uri = format!("{scheme}://{proxy}").parse();
        let uri = uri.map_err(|_| proxy.unsupported())?;
        let tunnel = Tunnel::new(uri, self.proxy.clone());
        Ok(match proxy.authorization() {
            Some(authorization) => tunnel.with_auth(authorization),
            None => tunnel,
        })
    }
}

/// Half of the time that a request has by default.
const CONNECT: Duration = Duration::from_secs(5);

/// Limits the head of a response, and the part of its body that is read at a time. In bytes.
const HEAD_LIMIT: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use edge_oauth_driver::testing::block_on;

    use super::*;

    #[test]
    fn request_in_the_clear_is_not_shown_to_a_proxy() {
        let proxies = ProxyEnvironment::new(|name| {
            (name == "http_proxy").then(|| "http://127.0.0.1:1".into())
        });
        let tls = Arc::new(tls().unwrap());
        let mut connector = connector(tls, Arc::new(proxies), CONNECT);
        let host = "http://api.example/things".parse().unwrap();
        let error = block_on(connector.call(host)).map(drop).unwrap_err();
        let error = error.downcast::<TransportError>().unwrap();
        assert_eq!(error.kind(), TransportErrorKind::Proxy);
    }
}
