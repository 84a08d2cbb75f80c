//! One exchange by reqwest: the core's request out, the answer in, nothing decided.

use std::time::Duration;
use std::{fmt, mem};

use bytes::Bytes;
use edge_oauth_driver::nonblocking::{Transport, fetch};
use edge_oauth_no_io::{
    AccessToken, Config, LimitedBody, RequestLimits, SecretBytes, TokenError, TransportError,
    TransportErrorKind,
};
use http::uri::Scheme;
use http::{Request, Response};
use http_body_util::Full;
use reqwest::{Body, Client};
use tokio::runtime::Handle;

use crate::{client, transport_error};

/// Sends token requests with a [`reqwest::Client`].
///
/// Whatever the client's own settings, a request ends with its timeout, body included, gives every
/// status as an answer, and its body is sent once: reqwest cannot copy it, and so neither follows a
/// redirect with it nor retries it.
#[derive(Clone)]
pub struct ReqwestTransport {
    https: Client,
    http: Client,
}

impl ReqwestTransport {
    /// With a client of its own: TLS by rustls and ring, the roots of webpki-roots, HTTP/1.1, no
    /// redirects, no retries, no decompression.
    ///
    /// `https` endpoints are reached by way of the proxy that the environment names (`HTTPS_PROXY`,
    /// `ALL_PROXY`, `NO_PROXY`), which sees the host and no more. `http` endpoints, which are always
    /// the loopback, are reached without a proxy.
    ///
    /// # Errors
    ///
    /// None with the versions that this crate is tested with. reqwest does not promise to go on taking
    /// the TLS settings it is given here.
    pub fn new() -> Result<Self, TransportError> {
        let (https, http) = (
            client::hardened_client()?,
            client::hardened_client()?.no_proxy(),
        );
        Ok(Self {
            https: https.build().map_err(transport_error::from_error)?,
            http: http.build().map_err(transport_error::from_error)?,
        })
    }

    /// With a client of the caller's, for its roots, client certificate, proxy or pool.
    ///
    /// What reqwest lets only a client decide is then the caller's:
    ///
    /// - **Redirects.** A client that follows them, as reqwest's default does, turns a 301, 302 or 303
    ///   into a GET elsewhere. What comes back is refused with an error of kind
    ///   [`Protocol`](TransportErrorKind::Protocol). By then the other host has been asked, but without
    ///   the request's body, and without `Authorization` where the scheme, host or port is another. With
    ///   [`Policy::none`](reqwest::redirect::Policy::none), as in [`new`](Self::new), nothing is asked.
    /// - **Proxies.** reqwest's default sends requests to `http` endpoints through the proxy of the
    ///   environment too, and that proxy can read the secret. Build with
    ///   [`no_proxy`](reqwest::ClientBuilder::no_proxy), or list the loopback in `NO_PROXY`.
    /// - **Timeouts.** A connect or read timeout can end an exchange before its limits do.
    /// - **Decompression, cookies, default headers** and
    ///   [`connection_verbose`](reqwest::ClientBuilder::connection_verbose), which logs the secret.
    /// - **TLS.** Errors of certificates are told from others where rustls does the TLS.
    ///
    /// Trusting another authority, without installing a process-wide provider:
    ///
    /// ```
    /// use std::sync::Arc;
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
            https: client.clone(),
            http: client,
        }
    }

    /// Asks once for a token. `timeout` bounds the whole exchange.
    pub async fn fetch(
        &self,
        config: &Config,
        timeout: Duration,
    ) -> Result<AccessToken, TokenError> {
        fetch(self, config, timeout).await
    }
}

impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        if Handle::try_current().is_err() {
            let why = "reqwest needs a tokio runtime, and this is outside of any";
            return Err(TransportError::new(TransportErrorKind::Other, why));
        }
        let client = match request.uri().scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => &self.http,
            _ => &self.https,
        };
        let mut request =
            reqwest::Request::try_from(request.map(once)).map_err(transport_error::from_error)?;
        *request.timeout_mut() = Some(limits.timeout);
        let asked = request.url().clone();
        let response = client
            .execute(request)
            .await
            .map_err(transport_error::from_error)?;
        if *response.url() != asked {
            let why = "it is that of another URL: the client followed a redirect";
            return Err(TransportError::new(TransportErrorKind::Protocol, why));
        }
        read(response, limits).await
    }
}

/// The client is left out: its default headers and its proxies may hold secrets.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

/// A body that reqwest cannot copy, whose bytes are wiped when the last reference to them is gone.
fn once(body: SecretBytes) -> Body {
    Body::wrap(Full::new(Bytes::from(body)))
}

async fn read(
    mut response: reqwest::Response,
    limits: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    let mut buffer = LimitedBody::new(limits, response.content_length());
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(transport_error::from_error)?
    {
        buffer.push(&chunk)?;
    }
    let mut answer = Response::new(buffer.finish());
    *answer.status_mut() = response.status();
    *answer.version_mut() = response.version();
    *answer.headers_mut() = mem::take(response.headers_mut());
    Ok(answer)
}
