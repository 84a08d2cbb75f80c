//! One exchange by ureq: the core's request out, the answer in, nothing decided.

use std::io::Read;
use std::time::Duration;

use edge_oauth_driver::blocking::{Transport, fetch};
use edge_oauth_no_io::{
    AccessToken, Config, LimitedBody, RequestLimits, SecretBytes, TokenError, TransportError,
};
use http::{Request, Response, Uri};
use ureq::Agent;

use crate::log_guard::LogGuard;
use crate::transport_error;

/// Sends token requests with a [`ureq::Agent`].
///
/// Whatever the agent's own settings, a token request follows no redirect, is sent once, gives every
/// status as an answer, and ends with its timeout, body included. To an `http` endpoint, which is
/// always the loopback, it goes without a proxy.
///
/// A body that has neither a length nor chunks ends with its connection, and ureq takes a reset, or under
/// TLS an end without a goodbye, for that end. JSON that is cut there is no JSON, and so no token; whoever
/// reads another answer of that kind has to see for himself that it is whole.
#[derive(Clone, Debug)]
pub struct UreqTransport {
    agent: Agent,
}

impl UreqTransport {
    /// With an agent of its own: TLS by rustls and ring, the roots of webpki-roots, and the proxy of
    /// the environment (`ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).
    pub fn new() -> Self {
        let config = Agent::config_builder()
            .user_agent(concat!("edge-oauth-ureq/", env!("CARGO_PKG_VERSION")))
            .accept_encoding(ureq::config::AutoHeaderValue::None)
            .build();
        Self::with_agent(config.new_agent())
    }

    /// With an agent of the caller's, for its roots, client certificate, proxy or pool.
    pub fn with_agent(agent: Agent) -> Self {
        Self { agent }
    }

    /// Asks once for a token. `timeout` bounds the whole exchange.
    pub fn fetch(&self, config: &Config, timeout: Duration) -> Result<AccessToken, TokenError> {
        fetch(self, config, timeout)
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
        let in_clear = is_http(&parts.uri);
        let request = Request::from_parts(parts, body.as_ref());
        let mut settings = self
            .agent
            .configure_request(request)
            .timeout_global(Some(limits.timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false);
        if in_clear {
            settings = settings.proxy(None);
        }
        let response = self
            .agent
            .run(settings.build())
            .map_err(transport_error::from_error)?;
        let (parts, body) = response.into_parts();
        Ok(Response::from_parts(parts, read(body, limits)?))
    }
}

/// Marks the requests that pass a middleware of ours as they are.
#[derive(Clone)]
pub(crate) struct OfTransport;

fn is_http(uri: &Uri) -> bool {
    uri.scheme() == Some(&http::uri::Scheme::HTTP)
}

fn read(body: ureq::Body, limits: RequestLimits) -> Result<SecretBytes, TransportError> {
    let mut buffer = LimitedBody::new(limits, body.content_length());
    let mut reader = body.into_reader();
    let mut chunk = [0; 4096];
    loop {
        match reader
            .read(&mut chunk)
            .map_err(|error| transport_error::from_error(error.into()))?
        {
            0 => return Ok(buffer.finish()),
            length => buffer.push(&chunk[..length])?,
        }
    }
}
