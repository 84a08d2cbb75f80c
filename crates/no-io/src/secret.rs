//! A string, or bytes, that are not printed, not compared, and wiped from memory.

use std::fmt;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use zeroize::{Zeroize, Zeroizing};

/// A client secret.
///
/// It has no `Display` and no `PartialEq`, its `Debug` is redacted, its memory is wiped on drop, and
/// [`expose`](Self::expose) is the one door to the text.
///
/// ```
/// use edge_oauth_no_io::Secret;
///
/// let secret = Secret::new("p@ss:w%rd");
/// assert_eq!(format!("{secret:?}"), "Secret([redacted])");
/// assert_eq!(secret.expose(), "p@ss:w%rd");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over. A `String` is moved, not copied; of a `&str` the caller's copy remains.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Returns the text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// Bytes that carry a secret: the body of a token request or of its response.
///
/// Redacted in `Debug`. Clones share one memory, which is wiped when the last of them is gone. HTTP
/// libraries read them through `AsRef<[u8]>`; one that wants to own its body can turn them into
/// [`Bytes`], which copies nothing and keeps the memory's wiping, but not the redaction.
///
/// ```
/// use edge_oauth_no_io::SecretBytes;
///
/// let body = SecretBytes::new(b"client_secret=s3cret".to_vec());
/// assert_eq!(format!("{body:?}"), "SecretBytes([redacted])");
/// assert!(body.as_ref().starts_with(b"client_secret="));
/// ```
#[derive(Clone)]
pub struct SecretBytes(Bytes);

impl SecretBytes {
    /// Takes the bytes over.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Bytes::from_owner(Wiped(bytes)))
    }
}

impl From<Bytes> for SecretBytes {
    /// Shares the bytes. They are redacted from now on, and their owner decides whether they are wiped.
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<SecretBytes> for Bytes {
    fn from(bytes: SecretBytes) -> Self {
        bytes.0
    }
}

impl AsRef<[u8]> for SecretBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes([redacted])")
    }
}

/// Bytes that are wiped on drop, many at a time: `Zeroizing` takes those of a `Vec` one by one.
pub(crate) struct Wiped(pub(crate) Vec<u8>);

impl Deref for Wiped {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
        self.0.spare_capacity_mut().zeroize();
    }
}
