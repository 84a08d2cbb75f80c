//! A shared response as bytes that only the secret of its configuration opens.
//!
//! ```text
//! magic, version │ salt │ nonce │ check │ expiry, default? │ ChaCha20-Poly1305 (the response)
//!       12          16     12       8        8, 1
//! ```
//!
//! Key and check come from the secret and the salt by HKDF-SHA256. The header, the entry's number and the
//! configuration's place are authenticated with the response: an entry opens only for its secret, configuration and number.

use std::ops::Range;
use std::time::Duration;

use edge_oauth_driver::Seal;
use edge_oauth_no_io::{CacheKey, SecretBytes, SharedResponse, StoreError};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::hkdf::derive;

/// The expiry of a sealed token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expiry {
    /// The time, in seconds since the Unix epoch, by the store's clock.
    pub at: Duration,
    /// True if the server named no lifetime, and the default was taken.
    pub is_default: bool,
}

/// Returns the expiry in the header of a sealed token: unverified, for a list. `None` if these bytes are no such token.
pub fn expiry(sealed: &[u8]) -> Option<Expiry> {
    let header = header(sealed)?;
    let at = header[EXPIRY].try_into().map(u64::from_be_bytes).ok()?;
    Some(Expiry {
        at: Duration::from_secs(at),
        is_default: header[DEFAULT_AT] != 0,
    })
}

/// The reason why an entry does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// It is no sealed token, or was cut short.
    Foreign,
    /// Another version wrote it.
    OtherFormat(u8),
    /// It was changed, or belongs to another place.
    Damaged,
}

pub(crate) struct EntrySeal {
    secret: SecretBytes,
    /// The name and the id of the configuration.
    place: Vec<u8>,
}

impl EntrySeal {
    pub(crate) fn new(secret: SecretBytes, name: &str, id: &CacheKey) -> Self {
        Self {
            secret,
            place: [name.as_bytes(), id.as_ref()].concat(),
        }
    }

    /// Returns why an entry does not open; `None` if it does.
    pub(crate) fn check(&self, number: u64, sealed: Vec<u8>) -> Option<Unopened> {
        let Some(header) = sealed.first_chunk::<HEADER>().copied() else {
            return Some(Unopened::Foreign);
        };
        match header[VERSION_AT] {
            _ if !header.starts_with(MAGIC) => Some(Unopened::Foreign),
            version if version != VERSION => Some(Unopened::OtherFormat(version)),
            _ if self.open(number, sealed).is_none() => Some(Unopened::Damaged),
            _ => None,
        }
    }

    /// Returns the cipher, and the bytes that distinguish another secret from damage.
    fn cipher(&self, header: &[u8; HEADER]) -> (LessSafeKey, [u8; CHECK_LENGTH]) {
        let mut out = Zeroizing::new([0; KEY_LENGTH + CHECK_LENGTH]);
        derive(&header[SALT], self.secret.as_ref(), &[INFO], &mut *out);
        let (key, check) = out.split_at(KEY_LENGTH);
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("the key is 32 bytes");
        let check = check.try_into().expect("the check is 8 bytes");
        (LessSafeKey::new(key), check)
    }

    /// All parts but the last have a fixed length, so no two lists of parts are the same bytes.
    fn aad(&self, header: &[u8; HEADER], number: u64) -> Aad<Vec<u8>> {
        let number = number.to_be_bytes();
        Aad::from([header, &number[..], &self.place].concat())
    }
}

impl Seal for EntrySeal {
    fn seal(
        &self,
        number: u64,
        response: &SharedResponse,
        expires: Duration,
    ) -> Result<Vec<u8>, StoreError> {
        let random = |out: &mut [u8]| {
            let filled = SystemRandom::new().fill(out);
            filled.map_err(|_| StoreError::new("the system has no random numbers"))
        };
        let mut header = [0; HEADER];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        header[VERSION_AT] = VERSION;
        random(&mut header[SALT])?;
        random(&mut header[NONCE])?;
        header[EXPIRY].copy_from_slice(&expires.as_secs().to_be_bytes());
        header[DEFAULT_AT] = u8::from(!response.names_lifetime());
        let (cipher, check) = self.cipher(&header);
        header[CHECK].copy_from_slice(&check);

        let plain = response.to_bytes();
        // Room for the tag: growing would leave a copy behind.
        let room = plain.as_ref().len() + CHACHA20_POLY1305.tag_len();
        let mut payload = Zeroizing::new(Vec::with_capacity(room));
        payload.extend(plain.as_ref());
        cipher
            .seal_in_place_append_tag(nonce(&header), self.aad(&header, number), &mut *payload)
            .map_err(|_| StoreError::new("the response is too large to be sealed"))?;
        Ok([&header, payload.as_slice()].concat())
    }

    fn open(&self, number: u64, sealed: Vec<u8>) -> Option<SharedResponse> {
        let mut sealed = Zeroizing::new(sealed);
        let header = header(&sealed)?;
        let (cipher, check) = self.cipher(&header);
        // Its timing reveals nothing: the check is part of the entry.
        if check != header[CHECK] {
            return None;
        }
        let aad = self.aad(&header, number);
        let opened = cipher.open_in_place(nonce(&header), aad, &mut sealed[HEADER..]);
        SharedResponse::from_bytes(opened.ok()?)
    }
}

fn header(sealed: &[u8]) -> Option<[u8; HEADER]> {
    let header = sealed.first_chunk::<HEADER>()?;
    let fits = header.starts_with(MAGIC) && header[VERSION_AT] == VERSION;
    fits.then_some(*header)
}

fn nonce(header: &[u8; HEADER]) -> Nonce {
    Nonce::try_assume_unique_for_key(&header[NONCE]).expect("the nonce is 12 bytes")
}

const MAGIC: &[u8; 11] = b"edge-oauth\0";
const VERSION_AT: usize = 11;
/// 1 was that of the program's own cache, before entries had numbers.
const VERSION: u8 = 2;
const SALT: Range<usize> = 12..28;
const NONCE: Range<usize> = 28..40;
const CHECK: Range<usize> = 40..48;
const EXPIRY: Range<usize> = 48..56;
const DEFAULT_AT: usize = 56;
const HEADER: usize = 57;
const KEY_LENGTH: usize = 32;
const CHECK_LENGTH: usize = 8;
const INFO: &[u8] = b"edge-oauth store entry";

#[cfg(test)]
mod tests {
    use edge_oauth_no_io::{AccessToken, Config, Secret};

    use super::*;

    fn config(secret: &str, client_id: &str) -> Config {
        Config::builder("https://login.example/token", client_id)
            .client_secret(Secret::new(secret))
            .build()
            .unwrap()
    }

    fn seal_of(secret: &str, client_id: &str) -> EntrySeal {
        let id = config(secret, client_id).store_id();
        EntrySeal::new(SecretBytes::new(secret.as_bytes().to_vec()), "name", &id)
    }

    fn response(expires_in: Option<u64>) -> SharedResponse {
        let lifetime = expires_in.map(Duration::from_secs);
        let token = AccessToken::new("the-token", lifetime, Some("read write")).unwrap();
        let born = Duration::from_secs(1_800_000_000);
        SharedResponse::new(&config("s3cret", "a"), born, &Ok(token)).unwrap()
    }

    fn sealed() -> Vec<u8> {
        let expires = Duration::from_millis(1_800_000_900_123);
        seal_of("s3cret", "a")
            .seal(7, &response(Some(900)), expires)
            .unwrap()
    }

    #[test]
    fn sealed_response_opens_with_the_same_secret_key_and_number() {
        let opened = seal_of("s3cret", "a").open(7, sealed()).unwrap();
        assert_eq!(
            opened.to_bytes().as_ref(),
            response(Some(900)).to_bytes().as_ref()
        );
    }

    #[test]
    fn header_tells_the_expiry() {
        let at = Duration::from_secs(1_800_000_900);
        let named = Expiry {
            at,
            is_default: false,
        };
        assert_eq!(expiry(&sealed()), Some(named));
        let unnamed = seal_of("s3cret", "a").seal(7, &response(None), at).unwrap();
        assert_eq!(expiry(&unnamed).map(|expiry| expiry.is_default), Some(true));
        assert_eq!(expiry(b"edge-oauth\0"), None);
        for at in [0, VERSION_AT] {
            let mut other = sealed();
            other[at] += 1;
            assert_eq!(expiry(&other), None, "byte {at}");
        }
    }

    #[test]
    fn other_secret_configuration_or_number_does_not_open() {
        assert!(seal_of("other", "a").open(7, sealed()).is_none());
        assert!(seal_of("s3cret", "b").open(7, sealed()).is_none());
        assert!(seal_of("s3cret", "a").open(8, sealed()).is_none());
    }

    #[test]
    fn any_change_or_cut_is_noticed() {
        let (seal, bytes) = (seal_of("s3cret", "a"), sealed());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(seal.open(7, changed).is_none(), "byte {at}");
            assert!(seal.open(7, bytes[..at].to_vec()).is_none(), "cut at {at}");
        }
        assert!(seal.open(7, [&bytes[..], &[0]].concat()).is_none());
    }

    #[test]
    fn two_seals_of_one_response_share_the_frame_only() {
        let (one, other) = (sealed(), sealed());
        assert_ne!(one[SALT], other[SALT]);
        assert_ne!(one[NONCE], other[NONCE]);
        assert_ne!(one[HEADER..], other[HEADER..]);
        for text in ["the-token", "read", "s3cret"] {
            assert!(!one.windows(text.len()).any(|part| part == text.as_bytes()));
        }
    }
}
