//! Sends a request with reqwest and returns its response, without decisions.

use std::time::Duration;
use std::{fmt, mem};

use bytes::Bytes;
use edge_oauth_driver::nonblocking::{Transport, fetch};
use edge_oauth_no_io::{
    AccessToken, Config, LimitedBody, RequestLimits, SecretBytes, TokenError, TransportError,
    TransportErrorKind,
};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::Full;
use reqwest::{Body, Client, Url};
use rustls::ClientConfig;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::clients::Clients;
use crate::{client, transport_error};

/// Sends token requests with a [`reqwest::Client`].
///
/// A request ends at its timeout, body included, and returns every status as a response, even if the settings of the
/// client differ. Its body is sent once: reqwest cannot copy it, so reqwest can neither follow a redirect with it nor
/// retry it.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_reqwest::{Config, ReqwestTransport, Secret};
///
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let (url, id, secret) = (edge.token_url(), edge.client_id(), Secret::new(edge.client_secret()));
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let config = Config::builder(url, id).client_secret(secret).audience("https://api.sitecorecloud.io").build()?;
/// let token = ReqwestTransport::new()?.fetch(&config, Duration::from_secs(10)).await?;
/// assert!(token.expires_in().is_some());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    clients: Clients,
}

impl ReqwestTransport {
    /// Creates a transport with its own clients: TLS by rustls and ring, the roots of webpki-roots, HTTP/1.1, no
    /// redirects, no retries, no decompression, and the proxies that
    /// [`ProxyEnvironment`](edge_oauth_no_io::ProxyEnvironment) reads from the environment now. If a proxy variable
    /// cannot be used, the requests that depend on it return an error that names it.
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

    /// Creates a transport with other roots, another crypto provider or a [client certificate](crate#mutual-tls).
    /// Sets ALPN to `http/1.1`.
    ///
    /// [`rustls`](crate::rustls) is re-exported, so that your program uses the same version.
    pub fn with_tls(mut tls: ClientConfig) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            clients: Clients::own(tls),
        }
    }

    /// Creates a transport with your client, for its roots, client certificate, proxy or pool.
    ///
    /// Your client then decides what only a client of reqwest can decide:
    ///
    /// - **Redirects.** A client that follows redirects, as reqwest does by default, turns a 301, 302 or 303 into a
    ///   GET to another URL. The transport rejects that response with an error of kind
    ///   [`Protocol`](TransportErrorKind::Protocol). By then the other host has received a request, without the body,
    ///   and without `Authorization` if the scheme, host or port differs. With
    ///   [`Policy::none`](reqwest::redirect::Policy::none), as in [`new`](Self::new), no request is sent there.
    /// - **Proxies.** By default reqwest also sends requests to `http` endpoints through the proxy of the
    ///   environment, and that proxy can read the secret. A client of
    ///   [`hardened_client_builder`](crate::hardened_client_builder) reaches the loopback without a proxy.
    /// - **Timeouts.** A connect or read timeout can end a request before its limits do. Without a connect timeout, a
    ///   dead address takes all the time from the other addresses of its name.
    /// - **Connections.** A kept connection lives on the runtime that opened it. With more than one runtime, set
    ///   [`pool_max_idle_per_host`](reqwest::ClientBuilder::pool_max_idle_per_host) to 0.
    /// - **Decompression, cookies, default headers** and
    ///   [`connection_verbose`](reqwest::ClientBuilder::connection_verbose), which logs the secret.
    /// - **TLS.** Certificate errors have their own kind only if rustls does the TLS.
    ///
    /// To trust another authority without a process-wide provider:
    ///
    /// ```
    /// use std::sync::{Arc, OnceLock};
    ///
    /// use edge_oauth_reqwest::ReqwestTransport;
    /// use rustls::{ClientConfig, RootCertStore, crypto::ring};
    ///
    /// let mut roots = RootCertStore::empty();
    /// # let authority = rcgen::generate_simple_self_signed(["localhost".to_owned()])?.cert.der().clone();
    /// roots.add(authority)?;
    /// let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
    ///     .with_safe_default_protocol_versions()?
    ///     .with_root_certificates(roots)
    ///     .with_no_client_auth();
    /// let client = reqwest::Client::builder()
    ///     .tls_backend_preconfigured(tls)
    ///     .redirect(reqwest::redirect::Policy::none())
    ///     .build()?;
    /// let transport = ReqwestTransport::with_client(client);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_client(client: Client) -> Self {
        Self {
            clients: Clients::callers(client),
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

    /// Sends the request. Returns the future of its response.
    ///
    /// All of this happens before anything is awaited, so that no future has room for the request.
    fn start(
        &self,
        client: Client,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<
        impl Future<Output = Result<Response<SecretBytes>, TransportError>> + use<>,
        TransportError,
    > {
        if self.clients.are_own() {
            // These clients follow no redirects and make no retries.
            let request = to_reqwest(request.map(|body| Body::from(Bytes::from(body))))?;
            return Ok(run(client, request, limits, None));
        }
        let mut request = to_reqwest(request.map(once))?;
        // In place of the client's own.
        *request.timeout_mut() = Some(limits.timeout);
        if self.clients.lack_user_agent() {
            let name = HeaderValue::from_static(client::USER_AGENT);
            request
                .headers_mut()
                .entry(header::USER_AGENT)
                .or_insert(name);
        }
        let asked = request.url().as_str().to_owned();
        Ok(run(client, request, limits, Some(asked)))
    }
}

/// Sends the request. If `asked` is known, a response of another URL is an error.
fn run(
    client: Client,
    request: reqwest::Request,
    limits: RequestLimits,
    asked: Option<String>,
) -> impl Future<Output = Result<Response<SecretBytes>, TransportError>> + use<> {
    let method = request.method().clone();
    let response = client.execute(request);
    async move {
        let mut response = response.await.map_err(transport_error::from_error)?;
        if asked.is_some_and(|asked| response.url().as_str() != asked) {
            let why = "it is that of another URL: the client followed a redirect";
            return Err(TransportError::new(TransportErrorKind::Protocol, why));
        }
        let (status, headers) = (response.status(), response.headers());
        let mut buffer = LimitedBody::for_response(limits, &method, status, headers);
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(transport_error::from_error)?
        {
            buffer.push(&chunk)?;
        }
        let mut answer = Response::new(buffer.finish()?);
        *answer.status_mut() = response.status();
        *answer.version_mut() = response.version();
        *answer.headers_mut() = mem::take(response.headers_mut());
        *answer.extensions_mut() = mem::take(response.extensions_mut());
        Ok(answer)
    }
}

impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let Ok(runtime) = Handle::try_current() else {
            let why = "reqwest needs a tokio runtime, and this is outside of any";
            return Err(TransportError::new(TransportErrorKind::Other, why));
        };
        let (client, proxy) = self
            .clients
            .client_for(request.uri(), limits, runtime.id())?;
        let response = self.start(client, request, limits)?;
        let late = |_| Err(TransportError::new(TransportErrorKind::Timeout, ""));
        let result = timeout(limits.timeout, response).await.unwrap_or_else(late);
        result.map_err(|error| match proxy {
            Some(proxy) => error.through(proxy),
            None => error,
        })
    }
}

/// Leaves out the client: its default headers and proxies may contain secrets.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

fn to_reqwest(request: Request<Body>) -> Result<reqwest::Request, TransportError> {
    if !request.extensions().is_empty() {
        return request.try_into().map_err(transport_error::from_error);
    }
    let (parts, body) = request.into_parts();
    let url = Url::parse(&text_of(&parts.uri)).map_err(|_| {
        TransportError::new(TransportErrorKind::Other, "reqwest refused the request")
    })?;
    let mut request = reqwest::Request::new(parts.method, url);
    *request.headers_mut() = parts.headers;
    *request.version_mut() = parts.version;
    *request.body_mut() = Some(body);
    Ok(request)
}

/// Returns what the URL's `Display` writes, which takes five times the instructions.
fn text_of(uri: &Uri) -> String {
    let mut text = String::with_capacity(128);
    if let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) {
        text.extend([scheme, "://", authority.as_str()]);
    }
    text.push_str(uri.path());
    if let Some(query) = uri.query() {
        text.extend(["?", query]);
    }
    text
}

/// A body that reqwest cannot copy. Its bytes are wiped when the last reference is dropped.
fn once(body: SecretBytes) -> Body {
    Body::wrap(Full::new(Bytes::from(body)))
}
