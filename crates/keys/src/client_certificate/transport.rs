//! A transport whose client certificate may change.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use edge_oauth_driver::{blocking, nonblocking};
use edge_oauth_no_io::{
    CredentialError, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
};
use http::{Request, Response};
use ring::digest::Digest;

use crate::client_certificate::certificate::ClientCertificate;
use crate::client_certificate::files::CertificateFiles;

/// A transport that presents a client certificate, and is made anew when the files of the certificate change.
///
/// The files are read for each token request. API requests of `send` and `call` present the certificate of the last
/// token request, since a token may be bound to it (RFC 8705 §3). A new transport has new connections and TLS sessions:
/// a resumed session would keep the old certificate.
///
/// ```
/// use edge_oauth_keys::{CertificateFiles, MutualTls};
/// # use edge_oauth_driver::testing::ScriptedTransport;
///
/// let files = CertificateFiles::new("/etc/tls/missing.crt", "/etc/tls/missing.key");
/// // The documentation of each adapter has this for its HTTP library.
/// let build = |_certificate: &_| Ok(ScriptedTransport::new(|_| Ok(http::Response::new(Vec::new()))));
/// let error = MutualTls::new(files, build).unwrap_err();
/// assert!(error.to_string().starts_with("the file `/etc/tls/missing.crt` does not exist"));
/// ```
///
/// # Errors of requests
///
/// If a file cannot be used later, the token request fails with a
/// [`TransportErrorKind::ClientCertificate`] that names the file. The next token request reads the files again. Callers
/// do not notice this while a cached token is valid.
pub struct MutualTls<T>(Arc<Inner<T>>);

struct Inner<T> {
    files: CertificateFiles,
    build: Box<Build<T>>,
    current: Mutex<Current<T>>,
}

type Build<T> = dyn Fn(&ClientCertificate) -> Result<T, Box<dyn Error + Send + Sync>> + Send + Sync;

struct Current<T> {
    digest: Digest,
    transport: Arc<T>,
}

impl<T> MutualTls<T> {
    /// Reads the files and makes the first transport. `build` makes a transport that presents the certificate; its error is
    /// printed, so it must not contain a key.
    ///
    /// # Errors
    ///
    /// Returns an error that names the file and what is wrong with it.
    pub fn new(
        files: CertificateFiles,
        build: impl Fn(&ClientCertificate) -> Result<T, Box<dyn Error + Send + Sync>>
        + Send
        + Sync
        + 'static,
    ) -> Result<Self, CredentialError> {
        let certificate = files.read()?;
        let current = Current::build(&certificate, &files, &build)?;
        Ok(Self(Arc::new(Inner {
            files,
            build: Box::new(build),
            current: Mutex::new(current),
        })))
    }

    /// Returns the transport for a request. Only token requests do not keep their connections.
    fn transport(&self, limits: RequestLimits) -> Result<Arc<T>, TransportError> {
        if !limits.keep_alive {
            let failed = |error| TransportError::new(TransportErrorKind::ClientCertificate, error);
            let certificate = self.0.files.read().map_err(failed)?;
            let is_new = self.current().digest.as_ref() != certificate.digest().as_ref();
            if is_new {
                let build = Current::build(&certificate, &self.0.files, &*self.0.build);
                *self.current() = build.map_err(failed)?;
            }
        }
        Ok(Arc::clone(&self.current().transport))
    }

    fn current(&self) -> MutexGuard<'_, Current<T>> {
        let current = self.0.current.lock();
        current.unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Current<T> {
    fn build(
        certificate: &ClientCertificate,
        files: &CertificateFiles,
        build: &Build<T>,
    ) -> Result<Self, CredentialError> {
        let transport = build(certificate).map_err(|error| {
            CredentialError::permanent(format_args!(
                "{}: the HTTP client does not take the certificate: {error}",
                files.place()
            ))
        })?;
        Ok(Self {
            digest: certificate.digest(),
            transport: Arc::new(transport),
        })
    }
}

impl<T: blocking::Transport> blocking::Transport for MutualTls<T> {
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.transport(limits)?.send(request, limits)
    }
}

impl<T: nonblocking::Transport> nonblocking::Transport for MutualTls<T> {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.transport(limits)?.send(request, limits).await
    }
}

/// Clones share the files and the transport.
impl<T> Clone for MutualTls<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for MutualTls<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutualTls")
            .field("files", &self.0.files)
            .finish_non_exhaustive()
    }
}
