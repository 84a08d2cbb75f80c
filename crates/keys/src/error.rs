//! Reasons why a key cannot be used.

use std::error::Error;
use std::fmt;

use edge_oauth_no_io::Algorithm;

/// A key or a certificate could not be read, or the key does not fit the algorithm or the certificate.
///
/// The texts are fixed, so an error cannot contain a part of the key.
///
/// ```
/// use edge_oauth_keys::{KeyError, PrivateKey};
///
/// let pem = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
/// let error = PrivateKey::from_pem(pem).unwrap_err();
/// assert!(matches!(error, KeyError::NotPrivate { found: "a public key" }));
/// assert_eq!(error.to_string(), "found a public key instead of a private key: pass the private key of the pair");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyError {
    /// The input is something else than a private key.
    NotPrivate {
        /// The kind of input, such as `a certificate`.
        found: &'static str,
    },
    /// The private key is encrypted with a passphrase.
    Encrypted,
    /// The input contains several private keys.
    Several {
        /// The number of keys.
        count: usize,
    },
    /// The input ends inside the key.
    Truncated,
    /// The key's type or curve is not supported.
    Unsupported {
        /// The key's type, such as `an X25519 key`.
        found: &'static str,
    },
    /// The key is too short to be safe.
    TooShort {
        /// The length of the key.
        bits: usize,
        /// The least length that the algorithm allows.
        needed: usize,
    },
    /// The key's type does not fit the algorithm.
    Algorithm {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
        /// The key's type, such as `a P-256 key`.
        found: &'static str,
    },
    /// A part that is needed is missing.
    Missing {
        /// The missing part, such as `the member "d"`.
        part: &'static str,
    },
    /// The input is something else than a certificate.
    NotCertificate {
        /// The kind of input, such as `a private key`.
        found: &'static str,
    },
    /// The certificate is damaged, or not of the kind that TLS needs.
    InvalidCertificate {
        /// The fault and the remedy, such as `it ends too early: copy the whole file again`.
        reason: &'static str,
    },
    /// The private key is not the key of the certificate.
    OtherCertificate,
    /// The key is damaged or inconsistent.
    Invalid {
        /// The fault, such as `the base64 text is invalid`.
        reason: &'static str,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPrivate { found } => write!(
                f,
                "found {found} instead of a private key: pass the private key of the pair"
            ),
            Self::Encrypted => f.write_str(
                "the private key is encrypted: decrypt it first, such as with `openssl pkey -in key.pem -out plain.pem`",
            ),
            Self::Several { count } => write!(
                f,
                "found {count} private keys: pass the one key that the client is registered with"
            ),
            Self::Truncated => {
                f.write_str("the private key ends too early: copy the whole file again")
            }
            Self::Unsupported { found } => write!(
                f,
                "found {found}: use an RSA key of 2048 bits or more, an EC key on P-256 or P-384, or an Ed25519 key"
            ),
            Self::TooShort { bits, needed } => write!(
                f,
                "the key has {bits} bits: use a key of at least {needed} bits"
            ),
            Self::Algorithm { algorithm, found } => write!(
                f,
                "found {found}, and {} needs {}: change the key or the algorithm",
                algorithm.as_str(),
                needed_by(*algorithm)
            ),
            Self::Missing { part } => write!(f, "the private key lacks {part}: export it again"),
            Self::NotCertificate { found } => write!(
                f,
                "found {found} instead of a certificate: pass the client's certificate and its chain"
            ),
            Self::InvalidCertificate { reason } => {
                write!(f, "the certificate is invalid: {reason}")
            }
            Self::OtherCertificate => f.write_str(
                "the private key does not belong to the first certificate: put the client's own certificate \
                 first, or pass its key",
            ),
            Self::Invalid { reason } => {
                write!(f, "the private key is invalid: {reason}: export it again")
            }
        }
    }
}

impl Error for KeyError {}

pub(crate) const fn not_private(found: &'static str) -> KeyError {
    KeyError::NotPrivate { found }
}

pub(crate) const fn unsupported(found: &'static str) -> KeyError {
    KeyError::Unsupported { found }
}

pub(crate) const fn missing(part: &'static str) -> KeyError {
    KeyError::Missing { part }
}

pub(crate) const fn invalid(reason: &'static str) -> KeyError {
    KeyError::Invalid { reason }
}

fn needed_by(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Hs256 => "a shared secret (`HmacKey`)",
        Algorithm::Rs256 | Algorithm::Ps256 => "an RSA key",
        Algorithm::Es256 => "a P-256 key",
        Algorithm::Es384 => "a P-384 key",
        Algorithm::EdDsa => "an Ed25519 key",
        _ => "another key",
    }
}
