//! Keys that are derived from the client secret.

use ring::hkdf::{HKDF_SHA256, KeyType, Salt};

/// Fills `out` by HKDF-SHA256 (RFC 5869).
pub(crate) fn derive(salt: &[u8], secret: &[u8], info: &[&[u8]], out: &mut [u8]) {
    Salt::new(HKDF_SHA256, salt)
        .extract(secret)
        .expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .expect("HKDF gives up to 255 blocks");
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
