//! Sends a request with ureq and returns its response, without decisions.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_driver::blocking::{Transport, fetch};
use edge_oauth_driver::proxy_environment;
use edge_oauth_no_io::{
    AccessToken, Config, LimitedBody, ProxyEnvironment, RequestLimits, SecretBytes, TokenError,
    TransportError,
};
use http::{HeaderValue, Request, Response, Uri, header};
use ureq::config::AutoHeaderValue;
use ureq::tls::TlsConfig;
use ureq::{Agent, Proxy};

use crate::connector::build_agent;
use crate::log_guard::LogGuard;
use crate::{proxy, tls, transport_error};

/// Sends token requests with a [`ureq::Agent`].
///
/// A token request follows no redirect, is sent once, returns every status as a response, and ends at its timeout,
/// body included, even if the settings of the agent differ. It opens its own connection. A request to an `http`
/// endpoint, which is always on the loopback, goes without a proxy.
///
/// A body without a length or chunks ends with its connection. ureq also accepts a reset, or over TLS an end without
/// `close_notify`, as that end. Half of a JSON text is malformed, so it is no token. If a program reads other
/// responses of this kind, it has to check that they are complete.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_ureq::{Config, Secret, UreqTransport};
///
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let (url, id, secret) = (edge.token_url(), edge.client_id(), Secret::new(edge.client_secret()));
/// let config = Config::builder(url, id).client_secret(secret).audience("https://api.sitecorecloud.io").build()?;
/// let token = UreqTransport::new().fetch(&config, Duration::from_secs(10))?;
/// assert!(token.expires_in().is_some());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct UreqTransport {
    agent: Agent,
    /// Replaces the agent's proxy.
    proxies: Option<Arc<ProxyEnvironment>>,
}

impl UreqTransport {
    /// Creates a transport with its own agent: TLS by rustls and ring, even if the process has installed another
    /// provider, the roots of webpki-roots, and the proxies that [`ProxyEnvironment`] reads from the environment now.
    ///
    /// If a proxy variable cannot be used, the requests that depend on it return an error that names it.
    pub fn new() -> Self {
        Self::with_tls(tls::by_ring())
    }

    /// Creates a transport with other roots or a [client certificate](crate#mutual-tls). If `tls` names no crypto
    /// provider, the provider of the process is used, or else ring.
    pub fn with_tls(tls: TlsConfig) -> Self {
        let config = Agent::config_builder()
            .user_agent(USER_AGENT)
            .accept_encoding(AutoHeaderValue::None)
            .proxy(None)
            .tls_config(tls)
            .build();
        Self::with_agent(build_agent(config)).proxies(proxy_environment())
    }

    /// Creates a transport with your agent, for its roots, client certificate, proxy or pool. An agent of
    /// [`build_agent`](crate::build_agent) resumes TLS sessions, and starts no thread for a request on a kept
    /// connection.
    pub fn with_agent(agent: Agent) -> Self {
        Self {
            agent,
            proxies: None,
        }
    }

    /// Sets the proxies, in place of the agent's own.
    ///
    /// ```
    /// use edge_oauth_ureq::{ProxyEnvironment, UreqTransport};
    ///
    /// let proxy = |name| (name == "HTTPS_PROXY").then(|| "http://proxy.example:3128".into());
    /// let transport = UreqTransport::new().proxies(ProxyEnvironment::new(proxy));
    /// ```
    #[must_use]
    pub fn proxies(mut self, proxies: ProxyEnvironment) -> Self {
        self.proxies = Some(Arc::new(proxies));
        self
    }

    /// Requests one token, without a cache and without a shared store. `timeout` limits the request with its response.
    ///
    /// # Errors
    ///
    /// Returns the error response of the server, or the failure of the request. It is not retried.
    pub fn fetch(&self, config: &Config, timeout: Duration) -> Result<AccessToken, TokenError> {
        fetch(self, config, timeout)
    }

    fn proxy_for(&self, uri: &Uri) -> Result<Option<Proxy>, TransportError> {
        if uri.scheme() == Some(&http::uri::Scheme::HTTP) {
            return Ok(None);
        }
        match &self.proxies {
            Some(proxies) => proxies.proxy_for(uri)?.map(proxy::to_ureq).transpose(),
            None => {
                let proxy = self.agent.config().proxy();
                Ok(proxy.filter(|proxy| !proxy.is_no_proxy(uri)).cloned())
            }
        }
    }
}

impl Default for UreqTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for UreqTransport {
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let _quiet = LogGuard::new();
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(OfTransport);
        if matches!(self.agent.config().user_agent(), AutoHeaderValue::None) {
            let name = HeaderValue::from_static(USER_AGENT);
            parts.headers.entry(header::USER_AGENT).or_insert(name);
        }
        // ureq closes connections of the host that are older, and sends the request on a new one.
        let max_idle_age = match limits.keep_alive {
            true => self.agent.config().max_idle_age(),
            false => {
                let close = HeaderValue::from_static("close");
                parts.headers.insert(header::CONNECTION, close);
                Duration::ZERO
            }
        };
        let method = parts.method.clone();
        let proxy = self.proxy_for(&parts.uri)?;
        let named = |error: TransportError| match &proxy {
            Some(proxy) => error.through(format_args!("{}:{}", proxy.host(), proxy.port())),
            None => error,
        };
        let request = Request::from_parts(parts, body.as_ref());
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(limits.timeout))
            .max_idle_age(max_idle_age)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(proxy.clone())
            .build();
        let response = self.agent.run(request);
        let response = response.map_err(|error| named(transport_error::from_error(error)))?;
        let (parts, body) = response.into_parts();
        let buffer = LimitedBody::for_response(limits, &method, parts.status, &parts.headers);
        let body = read(body, buffer).map_err(named)?;
        Ok(Response::from_parts(parts, body))
    }
}

/// Marks a request of the transport, which a middleware of this crate passes unchanged.
#[derive(Clone)]
pub(crate) struct OfTransport;

fn read(body: ureq::Body, buffer: LimitedBody) -> Result<SecretBytes, TransportError> {
    let mut reader = body.into_reader();
    buffer.read(|room| {
        let length = reader.read(room);
        length.map_err(|error| transport_error::from_error(error.into()))
    })
}

const USER_AGENT: &str = concat!("edge-oauth-ureq/", env!("CARGO_PKG_VERSION"));
