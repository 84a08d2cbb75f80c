//! HTTP for tasks.

use std::future::Future;

use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};

use crate::maybe_send::{BoxFuture, MaybeSend, MaybeSync};

/// Request in, response out.
///
/// ```
/// use edge_oauth_driver::nonblocking::Transport;
/// use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
/// use http::{Request, Response};
///
/// /// Responds to every request itself.
/// struct Canned;
///
/// impl Transport for Canned {
///     async fn send(&self, _: Request<SecretBytes>, _: RequestLimits) -> Result<Response<SecretBytes>, TransportError> {
///         Ok(Response::new(SecretBytes::new(br#"{"access_token":"abc","expires_in":900}"#.to_vec())))
///     }
/// }
/// ```
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// Sends the request once, to its URL only, follows no redirect, and reads the whole response within the limits.
    /// Every status is a response.
    ///
    /// # Errors
    ///
    /// Returns an error if no complete response arrived within the limits.
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> impl Future<Output = Result<Response<SecretBytes>, TransportError>> + MaybeSend;
}

/// The same, object-safe.
pub(crate) trait DynTransport: MaybeSend + MaybeSync {
    fn send_boxed(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> BoxFuture<'_, Result<Response<SecretBytes>, TransportError>>;
}

impl<T: Transport> DynTransport for T {
    fn send_boxed(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> BoxFuture<'_, Result<Response<SecretBytes>, TransportError>> {
        Box::pin(self.send(request, limits))
    }
}
