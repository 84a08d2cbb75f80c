//! The actions that an [`Acquisition`](crate::Acquisition) asks for, and their results.

use std::fmt;
use std::time::Duration;

use http::{Request, Response};

use crate::client_auth::credential::{AssertionRequest, CredentialError, ToSign};
use crate::secret::{Secret, SecretBytes};
use crate::store::claim::{Claim, Claimed};
use crate::store::error::StoreError;
use crate::store::shared_response::SharedResponse;
use crate::transport::error::TransportError;
use crate::transport::request_limits::RequestLimits;

/// The next thing to do for an acquisition, each handed out once.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Acquisition, Action, Algorithm, ClientAuth, Completion, Config, JwtAssertion, Moment};
///
/// let key = ClientAuth::PrivateKeyJwt(JwtAssertion::new(Algorithm::Es256));
/// let config = Config::builder("https://login.example/token", "id").client_auth(key).build()?;
/// let now = Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) };
/// let mut acquisition = Acquisition::new(&config, Duration::from_secs(10), now);
///
/// let Action::Sign(to_sign) = acquisition.poll(now, [1; 16]) else { panic!("the assertion comes first") };
/// assert_eq!(to_sign.algorithm, Algorithm::Es256);
/// acquisition.handle(Completion::Signature(Ok(vec![0; 64])), now);
/// assert!(matches!(acquisition.poll(now, [2; 16]), Action::Send(..)));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one at a time, on its way to the transport"
)]
#[non_exhaustive]
#[must_use = "an action that is not taken leaves the acquisition undone"]
pub enum Action {
    /// Send this request, once, and hand over the response.
    Send(Request<SecretBytes>, RequestLimits),
    /// Sign these bytes and hand over the signature.
    Sign(ToSign),
    /// Hand over an assertion.
    Assertion(AssertionRequest),
    /// Ask the shared store, and hand over its result, opened by the store key.
    Claim(Claim),
    /// Poll again after this time, or earlier if the keeper's callers are woken.
    Pause(Duration),
    /// Wait for the completion of the last action, at most this long.
    Wait {
        /// The time that the acquisition has left.
        at_most: Duration,
    },
    /// Nothing is left to do: call [`Keeper::finish`](crate::Keeper::finish) or
    /// [`Acquisition::finish`](crate::Acquisition::finish).
    Done,
}

/// The result of an [`Action`].
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Acquisition, Action, Completion, Config, Moment, Secret, TransportError, TransportErrorKind};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let now = Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) };
/// let mut acquisition = Acquisition::new(&config, Duration::from_secs(10), now);
/// let Action::Send(..) = acquisition.poll(now, [1; 16]) else { panic!("a secret needs no assertion") };
/// acquisition.handle(Completion::Failed(TransportError::new(TransportErrorKind::Connect, "refused")), now);
/// assert!(acquisition.finish().unwrap_err().is_transient());
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[non_exhaustive]
pub enum Completion {
    /// A response arrived, whatever its status.
    Response(Response<SecretBytes>),
    /// No complete response arrived.
    Failed(TransportError),
    /// The signature, or why there is none.
    Signature(Result<Vec<u8>, CredentialError>),
    /// The assertion, or why there is none.
    Assertion(Result<Secret, CredentialError>),
    /// The result of a claim. A response that does not open is `None`.
    Claimed(Result<Claimed<Option<SharedResponse>>, StoreError>),
}

/// A signature is not printed: with its input it is the assertion.
impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(response) => f.debug_tuple("Response").field(response).finish(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Signature(Ok(_)) => f.write_str("Signature([redacted])"),
            Self::Signature(Err(error)) => f.debug_tuple("Signature").field(error).finish(),
            Self::Assertion(assertion) => f.debug_tuple("Assertion").field(assertion).finish(),
            Self::Claimed(claimed) => f.debug_tuple("Claimed").field(claimed).finish(),
        }
    }
}
