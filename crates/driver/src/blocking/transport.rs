//! HTTP for threads.

use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};

/// Request in, response out.
///
/// ```
/// use edge_oauth_driver::blocking::Transport;
/// use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
/// use http::{Request, Response};
///
/// /// Responds to every request itself.
/// struct Canned;
///
/// impl Transport for Canned {
///     fn send(&self, _: Request<SecretBytes>, _: RequestLimits) -> Result<Response<SecretBytes>, TransportError> {
///         Ok(Response::new(SecretBytes::new(br#"{"access_token":"abc","expires_in":900}"#.to_vec())))
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
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
    ) -> Result<Response<SecretBytes>, TransportError>;
}
