//! The client certificate of TLS connections, and its private key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use edge_oauth_no_io::Secret;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use ureq::tls::{Certificate, ClientCert, PrivateKey};
use x509_cert::der::Decode;
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::{files, secret_input};

/// A certificate with those between it and its authority, and a private key, which may be of another certificate.
pub(crate) struct Pair {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    files: (PathBuf, PathBuf),
    /// The text of the key's file.
    pub(super) key_text: Secret,
}

impl Pair {
    /// Reads both files.
    pub(crate) fn read(certificate: &Path, key: &Path, time: Duration) -> Result<Self, Failure> {
        let named = format!("the client certificate {}", certificate.display());
        // A pipe is read once, also if it has both.
        let both = match certificate == key {
            true => Some(secret_input::text_of_file("key file", key, time)?),
            false => None,
        };
        let pem = match &both {
            Some(text) => Zeroizing::new(text.expose().as_bytes().to_vec()),
            None => files::read(certificate, LARGEST, time, |_| Ok(()))
                .map_err(|error| unusable(format_args!("{named}: {error}"), CERTIFICATE_NEXT))?,
        };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let chain =
            chain.map_err(|_| unusable(format_args!("{named} is not PEM"), CERTIFICATE_NEXT))?;
        if chain.is_empty() {
            let message = format_args!("{named} has no CERTIFICATE in it");
            return Err(unusable(message, CERTIFICATE_NEXT));
        }
        let key_text = match both {
            Some(text) => text,
            None => secret_input::text_of_file("key file", key, time)?,
        };
        let files = (certificate.to_owned(), key.to_owned());
        Ok(Self {
            key: PrivateKeyDer::from_pem_slice(key_text.expose().as_bytes())
                .map_err(|_| no_key(&key_text, key))?,
            chain,
            files,
            key_text,
        })
    }

    /// Checks that the key is the certificate's, by the rule that TLS goes by.
    pub(crate) fn check_match(&self) -> Result<(), Failure> {
        let (certificate, key) = &self.files;
        let (certificate, key) = (certificate.display(), key.display());
        let signing = any_supported_type(&self.key).map_err(|_| {
            let message = format_args!("the key file {key}: TLS cannot sign with this key");
            unusable(
                message,
                "an RSA key, or an EC key on P-256 or P-384, or an Ed25519 key",
            )
        })?;
        match CertifiedKey::new(self.chain.clone(), signing).keys_match() {
            Ok(()) => Ok(()),
            Err(rustls::Error::InconsistentKeys(_)) => Err(unusable(
                format_args!("the key in {key} is not the key of the certificate in {certificate}"),
                "the key that the certificate was requested with; the certificate of the client comes first in its file",
            )),
            Err(_) => Err(unusable(
                format_args!("the client certificate {certificate} cannot be read"),
                CERTIFICATE_NEXT,
            )),
        }
    }

    /// Returns the times between which the certificate is valid, since the Unix epoch.
    pub(crate) fn validity(&self) -> Option<(Duration, Duration)> {
        let certificate = x509_cert::Certificate::from_der(self.chain.first()?).ok()?;
        let validity = &certificate.tbs_certificate.validity;
        let (from, until) = (validity.not_before, validity.not_after);
        Some((from.to_unix_duration(), until.to_unix_duration()))
    }

    /// Returns both for the HTTP client, which takes a key that matches for granted.
    pub(super) fn client_cert(&self) -> Result<ClientCert, Failure> {
        let chain = self.chain.iter();
        let chain = chain.map(|certificate| Certificate::from_der(certificate).to_owned());
        let key = PrivateKey::from_pem(self.key_text.expose().as_bytes())
            .map_err(|_| no_key(&self.key_text, &self.files.1))?;
        Ok(ClientCert::new_with_certs(&chain.collect::<Vec<_>>(), key))
    }
}

fn no_key(text: &Secret, path: &Path) -> Failure {
    let path = path.display();
    match text.expose().contains("ENCRYPTED") {
        true => unusable(
            format_args!("the key file {path}: the private key is encrypted"),
            "openssl pkey -in key.pem -out plain.pem, which decrypts it",
        ),
        false => unusable(
            format_args!("the key file {path} has no PRIVATE KEY in PEM in it"),
            "--client-key FILE with the key that the certificate was requested with",
        ),
    }
}

fn unusable(message: impl std::fmt::Display, next: &str) -> Failure {
    Failure::new(Exit::Credentials, message).next(next)
}

const CERTIFICATE_NEXT: &str = "--client-cert FILE with the client certificate in PEM";
const LARGEST: usize = 1024 * 1024;
