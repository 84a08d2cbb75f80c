//! hyper 1 in the shape that surf wants.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_std::future::timeout;
use edge_oauth_driver::proxy_environment;
use edge_oauth_no_io::{
    ProxyEnvironment, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
};
use futures_rustls::TlsConnector;
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{ClientConfig, RootCertStore};
use http_client::{Config, async_trait};
use surf::HttpClient;
use surf::http::{Request, Response};

use crate::back_end::connection;
use crate::back_end::conversion::{from_http, to_http};
use crate::message::Asked;

/// A back end for surf: HTTP/1.1 by hyper 1, TLS by rustls and ring.
///
/// Every request has a connection of its own, closed when it ends. That costs a handshake, which
/// TLS 1.3 shortens by resuming, and saves what a pool can do wrong: a connection that the server
/// has closed meanwhile, one that is left in the middle of a response, one that carries bytes that
/// belong to nobody. A token is asked for once in a long while, when no pool would hold a connection
/// any more. A program that sends many requests elsewhere does that with another client.
///
/// The response is read whole, within its time and size, before it is handed on. `100` and `103` are
/// passed over, a body may end with the connection, redirects are responses, nothing is sent twice, and no
/// compression is asked for. The proxies are those of the environment, as
/// [`ProxyEnvironment`] reads them when the client is made; https proxies are not supported. The addresses of a host are tried in turn, each with an
/// equal share of the time.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_local::LocalEdge;
/// use edge_oauth_surf::Hyper1Client;
///
/// let client = surf::Client::with_http_client(Hyper1Client::new().timeout(Duration::from_secs(5)));
/// let edge = LocalEdge::start()?;
/// let response = async_std::task::block_on(client.get(edge.base_url()).send())?;
/// assert_eq!(response.status(), 404);
/// # Ok::<_, surf::Error>(())
/// ```
///
/// surf has no name for some statuses, such as 520. Of those it gets the first of their class, 500
/// here; [`SurfTransport`](crate::SurfTransport) gets the right one.
#[derive(Clone)]
pub struct Hyper1Client {
    tls: TlsConnector,
    proxies: Arc<ProxyEnvironment>,
    config: Config,
    body_limit: usize,
}

impl Hyper1Client {
    /// Trusts Mozilla's roots, by webpki-roots.
    pub fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the suites of TLS 1.2 and 1.3");
        Self::with_tls(config.with_root_certificates(roots).with_no_client_auth())
    }

    /// With TLS as the caller wants it: other roots, a client certificate. ALPN becomes `http/1.1`.
    ///
    /// [`rustls`](crate::rustls) is re-exported, so that its version is the right one.
    pub fn with_tls(mut tls: ClientConfig) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            tls: TlsConnector::from(Arc::new(tls)),
            proxies: Arc::new(proxy_environment()),
            config: Config::new()
                .set_http_keep_alive(false)
                .set_tcp_no_delay(true),
            body_limit: BODY_LIMIT,
        }
    }

    /// Uses these proxies in place of those of the environment.
    #[must_use]
    pub fn proxies(mut self, proxies: ProxyEnvironment) -> Self {
        self.proxies = Arc::new(proxies);
        self
    }

    /// The time for a request and its response, from the name's resolution to the last byte of the response:
    /// 60 seconds by default. A [`SurfTransport`](crate::SurfTransport) brings its own.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = Some(timeout);
        self
    }

    /// The most bytes that the body of a response may have: 8 MiB by default. A
    /// [`SurfTransport`](crate::SurfTransport) brings its own.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sends a request in the types of `http`. The time covers the making of the request too, whose body may
    /// be a stream.
    pub(crate) async fn exchange(
        &self,
        request: impl Future<Output = Result<http::Request<SecretBytes>, TransportError>>,
        bounds: RequestLimits,
    ) -> Result<http::Response<SecretBytes>, TransportError> {
        let mut proxy = None;
        let exchange = async {
            let request = request.await?;
            proxy = self.proxies.proxy_for(request.uri())?;
            connection::exchange(&self.tls, proxy.as_ref(), request, bounds).await
        };
        let result = match timeout(bounds.timeout, exchange).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::new(TransportErrorKind::Timeout, "")),
        };
        result.map_err(|error| match proxy {
            Some(proxy) => error.through(proxy),
            None => error,
        })
    }

    fn bounds(&self) -> RequestLimits {
        RequestLimits::new(
            self.config.timeout.unwrap_or(Duration::MAX),
            self.body_limit,
        )
    }
}

impl Default for Hyper1Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Hyper1Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hyper1Client")
            .field("timeout", &self.config.timeout)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Hyper1Client {
    async fn send(&self, mut request: Request) -> surf::Result<Response> {
        let asked = request.ext_mut().remove::<Asked>();
        let bounds = asked.as_ref().map_or(self.bounds(), |asked| asked.bounds);
        let by_transport = asked.is_some();
        let uri = asked.map(|asked| asked.uri);
        let response = self.exchange(to_http(request, uri), bounds).await?;
        Ok(from_http(response, by_transport))
    }

    /// Takes the timeout. The rest is about pools and has no meaning here.
    fn set_config(&mut self, config: Config) -> surf::Result<()> {
        self.config.timeout = config.timeout;
        Ok(())
    }

    fn config(&self) -> &Config {
        &self.config
    }
}

const BODY_LIMIT: usize = 8 * 1024 * 1024;
