//! The settings to check, and a transport for them.

use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_driver::proxy_environment;
use edge_oauth_no_io::{
    Proxy, ProxyEnvironment, RequestLimits, Secret, SecretBytes, TransportError,
    TransportErrorKind as Kind,
};
use edge_oauth_ureq::UreqTransport;
use http::{Request, Uri, header};

use crate::args::ClientArgs;
use crate::error::CliError;
use crate::http_client as client;
use crate::output::timestamp;
use crate::session::budget::Budget;
use crate::settings::Settings;

pub(super) struct Subject {
    pub(super) settings: Settings,
    pub(super) endpoint: Uri,
    pub(super) transport: UreqTransport,
    proxies: ProxyEnvironment,
    /// The time limit for all checks together.
    pub(super) budget: Budget,
    /// The reason why there are no credentials. The settings then contain a placeholder.
    pub(super) unready: Option<CliError>,
}

impl Subject {
    /// Reads the settings. If the credentials cannot be read, a placeholder replaces them.
    pub(super) fn new(args: &ClientArgs) -> Result<Self, CliError> {
        let (settings, unready) = match Settings::resolve(args) {
            Ok(settings) => (settings, None),
            Err(failure) => {
                let placeholder = Secret::new("placeholder");
                let settings = Settings::resolve_with_placeholder(args, placeholder);
                // An error that a placeholder causes too is not an error of the credentials.
                (settings?, Some(failure))
            }
        };
        Ok(Self {
            endpoint: settings.config.endpoint().clone(),
            transport: client::transport(
                settings.cacert.as_deref(),
                settings.credentials.certificate(),
                settings.timeout,
            )?,
            proxies: proxy_environment(),
            budget: Budget::new(settings.timeout),
            settings,
            unready,
        })
    }

    /// Returns the proxy for requests to the endpoint.
    pub(super) fn proxy(&self) -> Result<Option<Proxy>, TransportError> {
        self.proxies.proxy_for(&self.endpoint)
    }

    pub(super) fn is_https(&self) -> bool {
        self.endpoint.scheme_str() == Some("https")
    }

    pub(super) fn port(&self) -> u16 {
        let usual = if self.is_https() { 443 } else { 80 };
        self.endpoint.port_u16().unwrap_or(usual)
    }

    pub(super) fn authority(&self) -> &str {
        self.endpoint
            .authority()
            .map_or("", |authority| authority.as_str())
    }

    /// Sends a request without credentials, and returns the date of the response. The endpoint's query may contain a
    /// secret, so it is not sent.
    pub(super) fn knock(&self) -> Result<Option<Duration>, TransportError> {
        let (scheme, path) = (
            self.endpoint.scheme_str().unwrap_or_default(),
            self.endpoint.path(),
        );
        let url = format!("{scheme}://{}{path}", self.authority());
        let mut request = Request::new(SecretBytes::new(Vec::new()));
        *request.uri_mut() = url.parse().unwrap_or_else(|_| self.endpoint.clone());
        let response = self
            .budget
            .spend(|left| self.transport.send(request, RequestLimits::token(left)));
        let headers = match response {
            Ok(response) => response.into_parts().0.headers,
            // The server responded, with a body above the limit.
            Err(error) if error.kind() == Kind::BodyTooLarge => return Ok(None),
            Err(error) => return Err(error),
        };
        let date = headers
            .get(header::DATE)
            .and_then(|date| date.to_str().ok());
        Ok(date.and_then(timestamp::http_date))
    }
}
