//! The client certificate of TLS connections, and its private key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use edge_oauth_keys::{ClientCertificate, KeyError};
use edge_oauth_no_io::Secret;
use edge_oauth_ureq::client_certificate;
use ureq::tls::{Certificate, ClientCert};
use x509_cert::der::Decode;
use zeroize::Zeroizing;

use crate::error::{CliError, Exit};
use crate::input::file;
use crate::input::secret;

/// A certificate and a private key, as read. The key may belong to another certificate.
pub(crate) struct Pair {
    chain: Zeroizing<Vec<u8>>,
    files: (PathBuf, PathBuf),
    /// The text of the key's file.
    pub(super) key_text: Secret,
}

impl Pair {
    /// Reads both files.
    pub(crate) fn read(certificate: &Path, key: &Path, time: Duration) -> Result<Self, CliError> {
        let read_key = || secret::read_text_file("key file", key, time);
        // A pipe can be read only once, even if it contains both.
        let (chain, key_text) = match certificate == key {
            true => {
                let text = read_key()?;
                (Zeroizing::new(text.expose().as_bytes().to_vec()), text)
            }
            false => {
                let chain = file::read(certificate, LARGEST, time, |_| Ok(()));
                let chain = chain.map_err(|error| {
                    let path = certificate.display();
                    unusable(format_args!("the client certificate {path}: {error}"))
                        .about_file(&error)
                })?;
                (chain, read_key()?)
            }
        };
        let files = (certificate.to_owned(), key.to_owned());
        Ok(Self {
            chain,
            files,
            key_text,
        })
    }

    /// Checks that there is a certificate, and that the key belongs to it.
    pub(crate) fn check(&self) -> Result<ClientCertificate, KeyError> {
        ClientCertificate::from_pem(&*self.chain, self.key_text.expose())
    }

    /// Returns the error of a check, with the file that caused it.
    pub(crate) fn failure(&self, error: KeyError) -> CliError {
        let (certificate, key) = (self.files.0.display(), self.files.1.display());
        match error {
            KeyError::OtherCertificate => unusable(format_args!(
                "the key in {key} is not the key of the certificate in {certificate}"
            ))
            .next(
                "use the key that the certificate was requested with; the client's certificate must be the first in its file",
            ),
            error if is_about_certificate(error) => {
                unusable(format_args!("the client certificate {certificate}: {error}"))
            }
            error => unusable(format_args!("the key file {key}: {error}"))
                .next("use --client-key FILE with the key that the certificate was requested with"),
        }
    }

    /// Returns the start and end of the certificate's validity, since the Unix epoch.
    pub(crate) fn validity(&self) -> Option<(Duration, Duration)> {
        let first = Certificate::from_pem(&self.chain).ok()?;
        let certificate = x509_cert::Certificate::from_der(first.der()).ok()?;
        let validity = &certificate.tbs_certificate.validity;
        let (from, until) = (validity.not_before, validity.not_after);
        Some((from.to_unix_duration(), until.to_unix_duration()))
    }

    /// Returns the certificate and the key for the HTTP client.
    pub(super) fn client_cert(&self) -> Result<ClientCert, CliError> {
        let certificate = self.check().map_err(|error| self.failure(error))?;
        client_certificate(certificate.chain(), certificate.key_pem()).map_err(|error| {
            let path = self.files.0.display();
            unusable(format_args!("the client certificate {path}: {error}"))
        })
    }
}

/// Returns whether the certificate caused the error, and not the key.
pub(crate) fn is_about_certificate(error: KeyError) -> bool {
    matches!(
        error,
        KeyError::NotCertificate { .. } | KeyError::InvalidCertificate { .. }
    )
}

fn unusable(message: impl std::fmt::Display) -> CliError {
    CliError::new(Exit::Credentials, message)
        .next("use --client-cert FILE with the client certificate in PEM")
}

const LARGEST: usize = 1024 * 1024;
