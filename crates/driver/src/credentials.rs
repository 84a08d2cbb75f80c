//! Signatures and assertions for the token request, from threads or from futures.

use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret, ToSign};

use crate::maybe_send::{BoxFuture, MaybeSend, MaybeSync};

/// A private key that signs assertions, wherever it is kept.
///
/// A source calls it once for each token request, never for a cached token. `edge-oauth-keys` has signers for PEM,
/// PKCS#8 and JWK keys. A key that never leaves a key service is an [`AsyncSigner`]. A `Box<dyn Signer>` is a signer too.
///
/// ```
/// use edge_oauth_driver::Signer;
/// use edge_oauth_no_io::{CredentialError, ToSign};
///
/// struct Hsm;
///
/// impl Signer for Hsm {
///     fn sign(&self, to_sign: &ToSign) -> Result<Vec<u8>, CredentialError> {
///         let _bytes = to_sign.input.as_ref();
///         Err(CredentialError::transient("the module is locked"))
///     }
/// }
/// ```
pub trait Signer: MaybeSend + MaybeSync + 'static {
    /// Returns the signature of `to_sign.input`, in the encoding of RFC 7518 §3.
    ///
    /// # Errors
    ///
    /// Returns a transient error if the same call may succeed later. Callers see it as `TokenError::Credential`.
    fn sign(&self, to_sign: &ToSign) -> Result<Vec<u8>, CredentialError>;
}

/// A source of assertions that something else makes, such as a JWT in a file that a platform rotates.
///
/// A source asks for each token request, so a rotated file is read again. `edge-oauth-keys` has a file, a variable, a
/// callback and a command. A `Box<dyn AssertionSource>` is a source of assertions too.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret};
///
/// /// The token that Kubernetes mounts and rotates.
/// struct Projected;
///
/// impl AssertionSource for Projected {
///     fn assertion(&self, _: &AssertionRequest) -> Result<Secret, CredentialError> {
///         let token = std::fs::read_to_string("/var/run/secrets/tokens/login");
///         token.map(Secret::new).map_err(CredentialError::transient)
///     }
/// }
/// ```
pub trait AssertionSource: MaybeSend + MaybeSync + 'static {
    /// Returns the assertion to send.
    ///
    /// # Errors
    ///
    /// Returns a transient error if the same call may succeed later. Callers see it as `TokenError::Credential`.
    fn assertion(&self, request: &AssertionRequest) -> Result<Secret, CredentialError>;
}

/// A [`Signer`] that answers later, such as one that asks a key service. Each `Signer` is one.
///
/// ```
/// use edge_oauth_driver::{AsyncSigner, BoxFuture};
/// use edge_oauth_no_io::{CredentialError, ToSign};
///
/// struct KeyService;
///
/// impl AsyncSigner for KeyService {
///     fn sign<'a>(&'a self, to_sign: &'a ToSign) -> BoxFuture<'a, Result<Vec<u8>, CredentialError>> {
///         Box::pin(async move {
///             let _bytes = to_sign.input.as_ref();
///             Err(CredentialError::transient("the key service is away"))
///         })
///     }
/// }
/// ```
pub trait AsyncSigner: MaybeSend + MaybeSync + 'static {
    /// Returns the signature as [`Signer::sign`] does.
    fn sign<'a>(&'a self, to_sign: &'a ToSign) -> BoxFuture<'a, Result<Vec<u8>, CredentialError>>;
}

/// An [`AssertionSource`] that answers later, such as one that sends a request. Each `AssertionSource` is one.
///
/// ```
/// use edge_oauth_driver::{AsyncAssertionSource, BoxFuture};
/// use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret};
///
/// struct Metadata;
///
/// impl AsyncAssertionSource for Metadata {
///     fn assertion<'a>(&'a self, _: &'a AssertionRequest) -> BoxFuture<'a, Result<Secret, CredentialError>> {
///         // Here a request asks the platform for it.
///         Box::pin(async { Ok(Secret::new("header.claims.signature")) })
///     }
/// }
/// ```
pub trait AsyncAssertionSource: MaybeSend + MaybeSync + 'static {
    /// Returns the assertion as [`AssertionSource::assertion`] does.
    fn assertion<'a>(
        &'a self,
        request: &'a AssertionRequest,
    ) -> BoxFuture<'a, Result<Secret, CredentialError>>;
}

/// A program may choose its key when it runs.
impl<S: Signer + ?Sized> Signer for Box<S> {
    fn sign(&self, to_sign: &ToSign) -> Result<Vec<u8>, CredentialError> {
        (**self).sign(to_sign)
    }
}

impl<S: AssertionSource + ?Sized> AssertionSource for Box<S> {
    fn assertion(&self, request: &AssertionRequest) -> Result<Secret, CredentialError> {
        (**self).assertion(request)
    }
}

impl<S: Signer> AsyncSigner for S {
    fn sign<'a>(&'a self, to_sign: &'a ToSign) -> BoxFuture<'a, Result<Vec<u8>, CredentialError>> {
        Box::pin(async move { Signer::sign(self, to_sign) })
    }
}

impl<S: AssertionSource> AsyncAssertionSource for S {
    fn assertion<'a>(
        &'a self,
        request: &'a AssertionRequest,
    ) -> BoxFuture<'a, Result<Secret, CredentialError>> {
        Box::pin(async move { AssertionSource::assertion(self, request) })
    }
}

pub(crate) fn missing_signer() -> CredentialError {
    CredentialError::permanent(
        "the configuration needs a signature, and the source has no signer: set one with TokenSource::builder(..).signer(..)",
    )
}

pub(crate) fn missing_assertion_source() -> CredentialError {
    CredentialError::permanent(
        "the configuration needs an assertion, and the source has no assertion source: set one with \
         TokenSource::builder(..).assertion_source(..)",
    )
}
