//! One exchange by surf: the core's request out, the answer in, nothing decided.

use std::future::Future;
use std::time::Duration;

use async_std::future::timeout;
use async_std::task;
use edge_oauth_driver::nonblocking::Transport;
use edge_oauth_no_io::{
    AccessToken, Config, RequestLimits, SecretBytes, TokenError, TransportError,
    TransportErrorKind, token_request, token_response,
};
use http::{Request, Response};

use crate::back_end::client::Hyper1Client;
use crate::middleware_bypass;

/// Sends token requests with a [`surf::Client`].
///
/// Whatever the client, a request is sent once and to its own URL, every status is an answer, and the
/// whole ends with its timeout, body included. What only the back end can see to is listed in the
/// [crate's documentation](crate#a-client-of-the-callers).
#[derive(Clone, Debug)]
pub struct SurfTransport {
    client: surf::Client,
}

impl SurfTransport {
    /// With a client of its own: a [`Hyper1Client`], and no middleware.
    pub fn new() -> Self {
        let config = surf::Config::new().set_http_client(Hyper1Client::new());
        let client = config.try_into();
        Self::with_client(client.unwrap_or_else(|_| unreachable!("the back end is made already")))
    }

    /// With a client of the caller's, for its back end and its middleware.
    ///
    /// ```
    /// use edge_oauth_surf::{Hyper1Client, SurfTransport};
    ///
    /// let client = surf::Client::with_http_client(Hyper1Client::new());
    /// let transport = SurfTransport::with_client(client.clone());
    /// ```
    pub fn with_client(client: surf::Client) -> Self {
        Self { client }
    }

    /// Asks once for a token. `timeout` bounds the whole exchange.
    pub async fn fetch(
        &self,
        config: &Config,
        timeout: Duration,
    ) -> Result<AccessToken, TokenError> {
        let response = self
            .send(token_request(config), RequestLimits::token(timeout))
            .await?;
        token_response(config, &response)
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
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let (request, answer) = middleware_bypass::seal(&self.client, request, bounds)?;
        match timeout(bounds.timeout, self.client.send(request)).await {
            Ok(result) => answer.open(result),
            Err(_) => Err(TransportError::new(TransportErrorKind::Timeout, "")),
        }
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        task::sleep(duration)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        task::spawn(task);
    }
}
