//! The body of an API request, which may be sent twice.

use std::borrow::Cow;

use bytes::Bytes;

use crate::secret::SecretBytes;

/// A body that `send` of a token source takes.
///
/// The body of a [`Bytes`] or a [`SecretBytes`] is shared with the HTTP client, also if the request is sent twice. Other
/// bodies are copied once.
///
/// ```
/// use bytes::Bytes;
/// use edge_oauth_no_io::RequestBody;
///
/// let body = Bytes::from(vec![7; 1_000_000]);
/// assert_eq!(body.to_secret_bytes().as_ref().as_ptr(), body.as_ptr());
/// ```
pub trait RequestBody {
    /// Returns the bytes for the client, which may outlive this value.
    fn to_secret_bytes(&self) -> SecretBytes;
}

impl RequestBody for SecretBytes {
    fn to_secret_bytes(&self) -> SecretBytes {
        self.clone()
    }
}

impl RequestBody for Bytes {
    fn to_secret_bytes(&self) -> SecretBytes {
        SecretBytes::from(self.clone())
    }
}

impl RequestBody for [u8] {
    fn to_secret_bytes(&self) -> SecretBytes {
        match self {
            [] => SecretBytes::from(Bytes::new()),
            bytes => SecretBytes::new(bytes.to_vec()),
        }
    }
}

impl RequestBody for () {
    fn to_secret_bytes(&self) -> SecretBytes {
        SecretBytes::from(Bytes::new())
    }
}

impl<T: RequestBody + ?Sized> RequestBody for &T {
    fn to_secret_bytes(&self) -> SecretBytes {
        (**self).to_secret_bytes()
    }
}

impl<const LENGTH: usize> RequestBody for [u8; LENGTH] {
    fn to_secret_bytes(&self) -> SecretBytes {
        self.as_slice().to_secret_bytes()
    }
}

macro_rules! copied {
    ($($body:ty),+) => {$(
        impl RequestBody for $body {
            fn to_secret_bytes(&self) -> SecretBytes {
                AsRef::<[u8]>::as_ref(self).to_secret_bytes()
            }
        }
    )+};
}

copied!(Vec<u8>, Box<[u8]>, Cow<'_, [u8]>, str, String);
