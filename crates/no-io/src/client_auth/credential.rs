//! Signatures and assertions that the caller supplies: bytes in, bytes out, no key in here.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::client_auth::jwt::Algorithm;
use crate::printable::printable;
use crate::secret::SecretBytes;

/// The part of a token request that a signature or an assertion is for.
///
/// ```
/// use edge_oauth_no_io::{AssertionRequest, CredentialError, Purpose, Secret};
///
/// /// Each purpose has an assertion of its own.
/// fn assertion(request: &AssertionRequest) -> Result<Secret, CredentialError> {
///     match request.purpose {
///         Purpose::ClientAuth => Ok(Secret::new("a JWT about this client")),
///         _ => Err(CredentialError::permanent("there is no assertion for the grant")),
///     }
/// }
/// assert!(assertion(&AssertionRequest::new(Purpose::Grant)).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// `client_assertion` (RFC 7521 §4.2): proves the client's identity.
    ClientAuth,
    /// The grant itself: `assertion` (RFC 7523 §2.1) or `subject_token` (RFC 8693 §2.1).
    Grant,
}

/// Bytes to be signed, and the key to sign them with.
///
/// The signature is that of a JWS (RFC 7515 §5.1), in the algorithm's own encoding (RFC 7518 §3): for ES256 the
/// 64 bytes of R and S, not DER.
///
/// ```
/// use edge_oauth_no_io::{Algorithm, CredentialError, ToSign};
///
/// fn sign(to_sign: &ToSign) -> Result<Vec<u8>, CredentialError> {
///     if to_sign.algorithm != Algorithm::EdDsa {
///         return Err(CredentialError::permanent("the key signs with EdDSA"));
///     }
///     let _bytes = to_sign.input.as_ref();
///     // Here the key signs them.
///     Ok(vec![0; 64])
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ToSign {
    /// The part of the token request that the signature is for.
    pub purpose: Purpose,
    /// The algorithm that the header names.
    pub algorithm: Algorithm,
    /// The key that the header names, if it names one.
    pub key_id: Option<String>,
    /// The signing input: the encoded header, a dot, and the encoded claims.
    pub input: SecretBytes,
}

impl ToSign {
    /// Returns what a signer gets, for tests of a signer.
    ///
    /// ```
    /// use edge_oauth_no_io::{Algorithm, Purpose, SecretBytes, ToSign};
    ///
    /// let input = SecretBytes::new(b"header.claims".to_vec());
    /// let to_sign = ToSign::new(Purpose::ClientAuth, Algorithm::Es256, Some("2026-11".to_owned()), input);
    /// assert_eq!(to_sign.key_id.as_deref(), Some("2026-11"));
    /// ```
    pub fn new(
        purpose: Purpose,
        algorithm: Algorithm,
        key_id: Option<String>,
        input: SecretBytes,
    ) -> Self {
        Self {
            purpose,
            algorithm,
            key_id,
            input,
        }
    }
}

/// A request for an assertion that was made elsewhere, such as a JWT in a file that a platform rotates.
///
/// ```
/// use edge_oauth_no_io::{AssertionRequest, Purpose};
///
/// assert_eq!(AssertionRequest::new(Purpose::ClientAuth).purpose, Purpose::ClientAuth);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssertionRequest {
    /// The part of the token request that the assertion is for.
    pub purpose: Purpose,
}

impl AssertionRequest {
    /// Returns what a source of assertions gets, for tests of a source.
    pub fn new(purpose: Purpose) -> Self {
        Self { purpose }
    }
}

/// A signature or an assertion could not be supplied.
///
/// The detail is printed in errors and logs, so it must not contain a key or an assertion. It is made printable
/// and cut at 512 bytes.
///
/// ```
/// use edge_oauth_no_io::CredentialError;
///
/// let error = CredentialError::permanent("the key in key.pem is for RSA, and ES256 needs a P-256 key");
/// assert!(!error.is_transient());
/// assert_eq!(error.to_string(), "the key in key.pem is for RSA, and ES256 needs a P-256 key");
/// ```
#[derive(Clone, Debug)]
pub struct CredentialError {
    detail: String,
    transient: bool,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl CredentialError {
    /// Returns an error that may pass by itself, such as a file that is being replaced. It is retried with backoff.
    pub fn transient(detail: impl fmt::Display) -> Self {
        Self::new(detail, true)
    }

    /// Returns an error that lasts until something is changed, such as a key of the wrong kind.
    pub fn permanent(detail: impl fmt::Display) -> Self {
        Self::new(detail, false)
    }

    /// Adds the cause. It is part of the printed error chain, so it must not contain a key or an assertion.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Returns whether the same request may succeed later without a change on our side.
    pub fn is_transient(&self) -> bool {
        self.transient
    }

    fn new(detail: impl fmt::Display, transient: bool) -> Self {
        Self {
            detail: printable(&detail.to_string(), DETAIL_LIMIT),
            transient,
            source: None,
        }
    }
}

/// Two errors are equal if they say the same; the causes are not compared.
impl PartialEq for CredentialError {
    fn eq(&self, other: &Self) -> bool {
        (&self.detail, self.transient) == (&other.detail, other.transient)
    }
}

impl Eq for CredentialError {}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for CredentialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

const DETAIL_LIMIT: usize = 512;
