//! Sends a request with surf and returns its response, without decisions.

use std::future::ready;
use std::time::Duration;

use async_std::future::timeout;
use edge_oauth_driver::nonblocking::{Transport, fetch};
use edge_oauth_no_io::{
    AccessToken, Config, RequestLimits, SecretBytes, TokenError, TransportError, TransportErrorKind,
};
use http::{Request, Response};

use crate::back_end::client::Hyper1Client;
use crate::middleware_bypass;

/// Sends token requests with a [`Hyper1Client`] or a [`surf::Client`].
///
/// A request is sent once and only to its own URL, returns every status as a response, and ends at its timeout, body
/// included, with every client. The [crate's documentation](crate#a-client-of-the-callers) lists the properties that
/// depend on the back end.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_surf::{Config, Secret, SurfTransport};
///
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let (url, id, secret) = (edge.token_url(), edge.client_id(), Secret::new(edge.client_secret()));
/// # async_std::task::block_on(async {
/// let config = Config::builder(url, id).client_secret(secret).audience("https://api.sitecorecloud.io").build()?;
/// let token = SurfTransport::new().fetch(&config, Duration::from_secs(10)).await?;
/// assert!(token.expires_in().is_some());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SurfTransport {
    client: Client,
}

#[derive(Clone, Debug)]
enum Client {
    /// This crate's back end, which takes the types of `http`.
    Own(Hyper1Client),
    Surf(surf::Client),
}

impl SurfTransport {
    /// Creates a transport with a [`Hyper1Client`].
    pub fn new() -> Self {
        Self::with_back_end(Hyper1Client::new())
    }

    /// Creates a transport with this back end, without a surf client.
    pub fn with_back_end(back_end: Hyper1Client) -> Self {
        Self {
            client: Client::Own(back_end),
        }
    }

    /// Creates a transport with your client, for its back end and its middleware.
    ///
    /// ```
    /// use edge_oauth_surf::{Hyper1Client, SurfTransport};
    ///
    /// let client = surf::Client::with_http_client(Hyper1Client::new());
    /// let transport = SurfTransport::with_client(client.clone());
    /// ```
    pub fn with_client(client: surf::Client) -> Self {
        Self {
            client: Client::Surf(client),
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
}

impl Default for SurfTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl Transport for SurfTransport {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let client = match &self.client {
            Client::Own(back_end) => return back_end.exchange(ready(Ok(request)), limits).await,
            Client::Surf(client) => client,
        };
        let (request, answer) = middleware_bypass::seal(client, request, limits)?;
        match timeout(limits.timeout, client.send(request)).await {
            Ok(result) => answer.open(result),
            Err(_) => Err(TransportError::new(TransportErrorKind::Timeout, "")),
        }
    }
}
