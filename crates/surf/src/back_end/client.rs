//! hyper 1 as a back end of surf.

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
/// Every request opens its own connection, which is closed at the end. This costs a handshake, which TLS 1.3 shortens
/// by resuming sessions. It avoids the faults of a pool: a connection that the server has closed, a connection in the
/// middle of a response, and bytes that belong to an earlier request. Token requests are rare, so a pool would not
/// keep a connection for them. If your program sends many requests to other servers, use another client for them.
///
/// The back end reads the whole response, within its time and size, and then returns it. It skips `100` and `103`,
/// accepts a body that ends with the connection, and returns redirects as responses. It never retries, and requests
/// no compression. It reads the proxies of the environment with [`ProxyEnvironment`] when the client is made; `https`
/// proxies are not supported. The addresses of a host are tried in turn, each with an equal share of the time.
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
/// surf has no name for some statuses, such as 520. It gets the first status of their class instead, such as 500;
/// [`SurfTransport`](crate::SurfTransport) gets the right one.
#[derive(Clone)]
pub struct Hyper1Client {
    tls: TlsConnector,
    proxies: Arc<ProxyEnvironment>,
    config: Config,
    max_body: usize,
}

impl Hyper1Client {
    /// Creates a back end that trusts Mozilla's roots, from webpki-roots.
    pub fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the suites of TLS 1.2 and 1.3");
        Self::with_tls(config.with_root_certificates(roots).with_no_client_auth())
    }

    /// Creates a back end with your TLS configuration: other roots or a client certificate. Sets ALPN to `http/1.1`.
    ///
    /// [`rustls`](crate::rustls) is re-exported, so that your program uses the same version.
    pub fn with_tls(mut tls: ClientConfig) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            tls: TlsConnector::from(Arc::new(tls)),
            proxies: Arc::new(proxy_environment()),
            config: Config::new()
                .set_http_keep_alive(false)
                .set_tcp_no_delay(true),
            max_body: BODY_LIMIT,
        }
    }

    /// Sets the proxies, in place of those of the environment.
    #[must_use]
    pub fn proxies(mut self, proxies: ProxyEnvironment) -> Self {
        self.proxies = Arc::new(proxies);
        self
    }

    /// Sets the time limit for a request and its response, from the resolution of the name to the last byte: 60
    /// seconds by default. A [`SurfTransport`](crate::SurfTransport) sets its own for each request.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.config.timeout = Some(timeout);
        self
    }

    /// Sets the largest body of a response in bytes: 8 MiB by default. A [`SurfTransport`](crate::SurfTransport) sets
    /// its own for each request.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sends a request in the types of `http`. The time limit includes reading the request's body, which may be a
    /// stream.
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
        // A caller that moves its future would move the state of the connection with it.
        let result = match timeout(bounds.timeout, Box::pin(exchange)).await {
            Ok(result) => result,
            Err(_) => Err(TransportError::new(TransportErrorKind::Timeout, "")),
        };
        result.map_err(|error| match proxy {
            Some(proxy) => error.through(proxy),
            None => error,
        })
    }

    fn bounds(&self) -> RequestLimits {
        RequestLimits::new(self.config.timeout.unwrap_or(Duration::MAX), self.max_body)
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
            .field("max_body", &self.max_body)
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

    /// Uses the timeout of the configuration. Its other settings are about pools, and have no effect.
    fn set_config(&mut self, config: Config) -> surf::Result<()> {
        self.config.timeout = config.timeout;
        Ok(())
    }

    fn config(&self) -> &Config {
        &self.config
    }
}

const BODY_LIMIT: usize = 8 * 1024 * 1024;
