//! Sends a request with `fetch` and returns its response, without decisions.

use std::fmt;
use std::time::Duration;

use edge_oauth_driver::nonblocking::{Transport, fetch_on};
use edge_oauth_no_io::{
    AccessToken, Config, RequestLimits, SecretBytes, TokenError, TransportError, TransportErrorKind,
};
use http::{Request, Response};
use js_sys::futures::JsFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};

use crate::abort::AbortOnDrop;
use crate::runtime::EventLoop;
use crate::sleep::within;
use crate::{global, request, response, transport_error};

/// Sends token requests and API requests with `fetch`.
///
/// A request is sent once and only to its own URL, without cookies and without a cache. It ends at its timeout, body
/// included, or when its future is dropped: then `fetch` is aborted. The body is read in parts, up to its limit.
///
/// ```no_run
/// use std::time::Duration;
/// use edge_oauth_fetch::{AccessToken, Config, FetchTransport, Secret};
///
/// async fn token(secret: &str) -> Result<AccessToken, Box<dyn std::error::Error>> {
///     let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new(secret)).build()?;
///     Ok(FetchTransport::new().fetch(&config, Duration::from_secs(10)).await?)
/// }
/// ```
#[derive(Clone, Default)]
pub struct FetchTransport {
    own: Option<Function>,
}

impl FetchTransport {
    /// Creates a transport over the global function `fetch`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a transport over your function, which takes a `Request` and returns a promise of a `Response`, such as
    /// `binding.fetch.bind(binding)` of a Worker.
    ///
    /// The function sees the secret and the token. It has to follow no redirect and to obey the request's signal.
    pub fn with_fetch(fetch: Function) -> Self {
        Self { own: Some(fetch) }
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
        fetch_on(&EventLoop, self, config, timeout).await
    }

    async fn response(
        &self,
        request: &web_sys::Request,
    ) -> Result<web_sys::Response, TransportError> {
        let fetch = self.own.clone().or_else(|| global::function("fetch"));
        let fetch = fetch.ok_or_else(|| other("this JavaScript engine has no fetch"))?;
        let result = match fetch.call1(&JsValue::UNDEFINED, request) {
            Ok(promise) => JsFuture::from(Promise::resolve(&promise)).await,
            Err(error) => Err(error),
        };
        let response = result.map_err(|error| transport_error::in_head(&error))?;
        response
            .dyn_into()
            .map_err(|_| other("fetch returned something else than a Response"))
    }
}

impl Transport for FetchTransport {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let abort = AbortOnDrop::new()?;
        let request = request::to_js(&request, &abort.signal())?;
        let exchange = async { response::read(self.response(&request).await?, limits).await };
        let timeout = || Err(TransportError::new(TransportErrorKind::Timeout, ""));
        within(limits.timeout, exchange)
            .await
            .unwrap_or_else(timeout)
    }
}

/// Leaves out the function, whose text may be anything.
impl fmt::Debug for FetchTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchTransport").finish_non_exhaustive()
    }
}

fn other(why: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Other, why)
}
