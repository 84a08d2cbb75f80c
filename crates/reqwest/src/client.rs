//! The clients of this crate: without redirects, retries or decompression.

use std::sync::Arc;
use std::time::Duration;

use edge_oauth_driver::proxy_environment;
use edge_oauth_no_io::{Proxy, ProxyEnvironment, ProxyScheme, TransportError};
use http::Uri;
use reqwest::{ClientBuilder, Url, redirect, retry};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::transport_error;

/// Returns a builder for a client of an API, with the settings of
/// [`ReqwestTransport::new`](crate::ReqwestTransport::new) for `https`: TLS by rustls and ring, the roots of
/// webpki-roots, HTTP/1.1, no redirects, no retries, no decompression, and the proxies that
/// [`ProxyEnvironment`](edge_oauth_no_io::ProxyEnvironment) reads from the environment.
///
/// A connection may take 5 seconds. The addresses of a name share that time, so a dead address leaves time for the
/// others. The client keeps connections for later requests. A connection lives on the runtime that opened it, so use
/// a client on one runtime only.
///
/// # Errors
///
/// Returns an error if a proxy variable of the environment cannot be used, and for the reasons of
/// [`ReqwestTransport::new`](crate::ReqwestTransport::new).
pub fn hardened_client_builder() -> Result<ClientBuilder, TransportError> {
    let proxies = proxy_environment();
    proxies.check()?;
    Ok(with_proxies(tls()?, Arc::new(proxies)))
}

/// Returns a client that keeps its connections, for API requests.
pub(crate) fn for_many_requests(
    tls: ClientConfig,
    proxies: Arc<ProxyEnvironment>,
) -> Result<reqwest::Client, TransportError> {
    let client = with_proxies(tls, proxies).build();
    client.map_err(transport_error::from_error)
}

fn with_proxies(tls: ClientConfig, proxies: Arc<ProxyEnvironment>) -> ClientBuilder {
    let builder = builder(tls).connect_timeout(CONNECT);
    if proxies.is_empty() {
        // reqwest asks a function about each request several times, with a copy of the URL each time.
        return builder.no_proxy();
    }
    let proxy = reqwest::Proxy::custom(move |url| {
        let uri: Uri = url.as_str().parse().ok()?;
        with_credentials(&proxies.proxy_for(&uri).ok()??)
    });
    builder.proxy(proxy)
}

/// These settings apply even if the rest of the program turns on other features of reqwest.
pub(crate) fn builder(tls: ClientConfig) -> ClientBuilder {
    ClientBuilder::new()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .tcp_nodelay(true)
}

/// Returns a client for requests of this timeout. The addresses of a name share it. A connection is closed at the end of
/// its request: a kept connection would belong to the runtime that opened it, and would hang for callers on another
/// runtime.
pub(crate) fn for_one_request(
    tls: ClientConfig,
    proxy: Option<&Proxy>,
    timeout: Duration,
) -> Result<reqwest::Client, TransportError> {
    let builder = builder(tls)
        .connect_timeout(timeout)
        .pool_max_idle_per_host(0);
    let builder = match proxy {
        None => builder.no_proxy(),
        Some(proxy) => {
            let url = with_credentials(proxy).ok_or_else(|| proxy.unsupported())?;
            builder.proxy(reqwest::Proxy::all(url).map_err(transport_error::from_error)?)
        }
    };
    builder.build().map_err(transport_error::from_error)
}

/// Returns the proxy as a URL. reqwest decodes its percent-encoding.
fn with_credentials(proxy: &Proxy) -> Option<Url> {
    let scheme = match proxy.scheme() {
        ProxyScheme::Http => "http",
        ProxyScheme::Https => "https",
        _ => return None,
    };
    let mut url = Url::parse(&format!("{scheme}://{proxy}")).ok()?;
    if let Some((user, password)) = proxy.credentials() {
        let encoded = |text: &str| text.replace('%', "%25");
        url.set_username(&encoded(user.expose())).ok()?;
        url.set_password(Some(&encoded(password.expose()))).ok()?;
    }
    Some(url)
}

/// TLS 1.2 and 1.3 by ring, even if the process has installed another provider, and HTTP/1.1 only.
pub(crate) fn tls() -> Result<ClientConfig, TransportError> {
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

pub(crate) const USER_AGENT: &str = concat!("edge-oauth-reqwest/", env!("CARGO_PKG_VERSION"));

/// Half of the default time limit of a request.
const CONNECT: Duration = Duration::from_secs(5);
