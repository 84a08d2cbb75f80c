//! A call of a protected API, as a value.

use http::{Request, Response};

use crate::api::error::ApiError;
use crate::secret::SecretBytes;

/// A call of a protected API: the request that makes it, and what its response means.
///
/// The request has no token; the sender sets it. An operation can be made once and called any
/// number of times. `call` of a token source sends one and reads the response; by hand it goes like
/// this, and an operation for an API of your own is no longer:
///
/// ```
/// use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
/// use http::{Request, Response};
///
/// struct Temperature<'a> { city: &'a str }
///
/// impl Operation for Temperature<'_> {
///     type Output = f64;
///
///     fn request(&self) -> Request<SecretBytes> {
///         let mut request = Request::new(SecretBytes::new(Vec::new()));
///         *request.uri_mut() = format!("https://weather.example/{}", self.city).parse().expect("a plain name");
///         request
///     }
///
///     fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<f64, ApiError> {
///         if !response.status().is_success() {
///             return Err(ApiError::from_response(response, &[]));
///         }
///         let text = std::str::from_utf8(response.body().as_ref()).unwrap_or_default();
///         text.parse().map_err(|_| ApiError::malformed(response.status(), "the body", "is not a number"))
///     }
/// }
///
/// let operation = Temperature { city: "Lund" };
/// let request = operation.request(); // authorize this, and send it with any HTTP library
/// assert_eq!(request.uri(), "https://weather.example/Lund");
/// assert_eq!(operation.parse(&Response::new("21.5")), Ok(21.5));
/// ```
pub trait Operation {
    /// The result of a success.
    type Output;

    /// The request, without a token. It is the same each time.
    fn request(&self) -> Request<SecretBytes>;

    /// Reads the response, whatever its status.
    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<Self::Output, ApiError>;
}
