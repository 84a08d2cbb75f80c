//! A client certificate and the private key that belongs to it.

use std::fmt;

use ring::digest::{Context, Digest, SHA256};
use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::{der, pem};

/// A client certificate with its chain, and its private key, for `ClientAuth::TlsClientAuth` (RFC 8705 §2).
///
/// It only reads and checks the texts: a TLS library presents the certificate. The key is of a type that
/// [`PrivateKey`](crate::PrivateKey) reads, and belongs to the first certificate. Whether the certificate has expired is
/// the server's to say.
///
/// ```
/// use edge_oauth_keys::{ClientCertificate, KeyError};
///
/// # let key = rcgen::KeyPair::generate()?;
/// # let certificate = rcgen::CertificateParams::new(["client.example".to_owned()])?.self_signed(&key)?;
/// # let (chain_pem, key_pem) = (certificate.pem(), key.serialize_pem());
/// let certificate = ClientCertificate::from_pem(&chain_pem, &key_pem)?;
/// assert_eq!(certificate.chain().count(), 1);
///
/// let error = ClientCertificate::from_pem(&key_pem, &key_pem).unwrap_err();
/// assert_eq!(error, KeyError::NotCertificate { found: "a private key" });
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ClientCertificate {
    chain: Vec<Vec<u8>>,
    key: Zeroizing<Vec<u8>>,
}

impl ClientCertificate {
    /// Reads the certificate, which comes first, and its chain from one PEM text, and its private key from another. Both
    /// may be the same text.
    ///
    /// # Errors
    ///
    /// Returns an error that names what was found and what is needed, such as a key that belongs to another
    /// certificate.
    pub fn from_pem(chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let chain = pem::certificates(chain.as_ref())?;
        let certified = der::certified_key(&chain[0])?;
        let pair = der::private_key(&pem::private_key(key.as_ref())?)?;
        if pair.public_key() != certified {
            return Err(KeyError::OtherCertificate);
        }
        Ok(Self {
            chain,
            key: Zeroizing::new(pem::without_mark(key.as_ref()).to_vec()),
        })
    }

    /// Returns the DER of the client's certificate and of those that follow it.
    pub fn chain(&self) -> impl Iterator<Item = &[u8]> {
        self.chain.iter().map(Vec::as_slice)
    }

    /// Returns the PEM text that the key was read from.
    pub fn key_pem(&self) -> &[u8] {
        &self.key
    }

    /// Tells one certificate and key from another.
    pub(crate) fn digest(&self) -> Digest {
        let mut context = Context::new(&SHA256);
        for part in self.chain().chain([self.key_pem()]) {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        context.finish()
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").finish_non_exhaustive()
    }
}
