//! A `Config` to an `http::Request`.

use http::Request;

use crate::config::config::Config;
use crate::secret::SecretBytes;

/// Returns the token request of a configuration (RFC 6749 §4.4.2), ready for any HTTP library, or `None` if it needs
/// an assertion, which an [`Acquisition`](crate::Acquisition) asks for.
///
/// It has `Accept`, `Content-Type`, `Content-Length` and, with HTTP Basic, a sensitive `Authorization`. The body
/// carries the secret: it is redacted in `Debug` and wiped on drop. The configuration encoded it when it was built;
/// the request shares that memory.
///
/// ```
/// use edge_oauth_no_io::{Config, Secret, token_request};
///
/// let config = Config::builder("https://login.example/token", "my-client")
///     .client_secret(Secret::new("a&b"))
///     .build()?;
/// let request = token_request(&config).expect("a secret needs no assertion");
/// assert_eq!(request.method(), "POST");
/// assert_eq!(
///     request.body().as_ref(),
///     b"grant_type=client_credentials&client_id=my-client&client_secret=a%26b",
/// );
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
pub fn token_request(config: &Config) -> Option<Request<SecretBytes>> {
    config.request()
}
