//! The files of a client certificate.

use std::path::PathBuf;

use edge_oauth_no_io::CredentialError;

use crate::client_certificate::certificate::ClientCertificate;
use crate::error::KeyError;
use crate::read::{self, place};

/// The PEM files with a client certificate, its chain and its private key, which a platform may rotate.
///
/// [`MutualTls`](crate::MutualTls) reads them for each token request.
///
/// ```
/// use edge_oauth_keys::CertificateFiles;
///
/// let files = CertificateFiles::new("/etc/tls/missing.crt", "/etc/tls/missing.key");
/// let error = files.read().unwrap_err();
/// assert!(error.to_string().starts_with("the file `/etc/tls/missing.crt` does not exist"));
/// ```
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    chain: PathBuf,
    key: PathBuf,
}

impl CertificateFiles {
    /// Returns the files by their paths: the certificate with its chain, and the private key. A file that contains
    /// everything is named twice.
    pub fn new(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self {
            chain: chain.into(),
            key: key.into(),
        }
    }

    /// Reads both files, of at most 64 KiB each.
    ///
    /// # Errors
    ///
    /// Returns an error that names the file and what is wrong with it.
    pub fn read(&self) -> Result<ClientCertificate, CredentialError> {
        // A platform may swap the files between the two reads.
        self.read_once().or_else(|_| self.read_once())
    }

    fn read_once(&self) -> Result<ClientCertificate, CredentialError> {
        let chain = read::file(&self.chain, "the certificate and its chain")?;
        let key = read::file(&self.key, "the private key")?;
        ClientCertificate::from_pem(chain, key).map_err(|error| {
            let place = match error {
                KeyError::NotCertificate { .. } | KeyError::InvalidCertificate { .. } => {
                    self.place()
                }
                _ => place(&self.key),
            };
            CredentialError::permanent(format_args!("{place}: {error}"))
        })
    }

    /// Returns the name of the certificate's file for errors.
    pub(crate) fn place(&self) -> String {
        place(&self.chain)
    }
}
