//! A kept token as bytes, which only the client secret opens.
//!
//! ```text
//! magic, version │ salt │ nonce │ check │ expiry, assumed? │ ChaCha20-Poly1305 (JSON of the token)
//!       12          16     12       8        8, 1
//! ```
//!
//! Key and check come from the secret and the salt by HKDF-SHA256. All before the token, and the cache
//! key, is authenticated with it. The check tells a secret that was replaced from a file that is damaged.

use std::fmt;
use std::time::Duration;

use edge_oauth_no_io::{CacheKey, Secret, StoredToken};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::cache::{Entry, Problem};

/// Why a file does not open.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sealed {
    /// It is no kept token, or was cut short.
    Foreign,
    /// A later version of this program wrote it.
    Newer(u8),
    /// It was sealed with another client secret.
    OtherSecret,
    /// It is not as it was written.
    Damaged,
}

/// When a token expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expiry {
    /// Since the Unix epoch.
    pub(crate) at: Duration,
    /// The server did not say.
    pub(crate) assumed: bool,
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("is not a kept token"),
            Self::Newer(version) => write!(f, "is of a later format ({version})"),
            Self::OtherSecret => f.write_str("was sealed with another client secret"),
            Self::Damaged => f.write_str("is damaged"),
        }
    }
}

pub(super) fn seal(
    Entry { token, assumed }: &Entry,
    secret: &Secret,
    key: &CacheKey,
) -> Result<Vec<u8>, Problem> {
    let random = |out: &mut [u8]| {
        let filled = SystemRandom::new().fill(out);
        filled.map_err(|_| Problem::new("the system has no random numbers"))
    };
    let mut header = [0; HEADER];
    header[..MAGIC.len()].copy_from_slice(MAGIC);
    header[VERSION_AT] = VERSION;
    random(&mut header[SALT])?;
    random(&mut header[NONCE])?;
    let expiry = token.sent().saturating_add(token.lifetime()).as_secs();
    header[EXPIRY].copy_from_slice(&expiry.to_be_bytes());
    header[ASSUMED_AT] = u8::from(*assumed);
    let (cipher, check) = derive(secret, &header);
    header[CHECK].copy_from_slice(&check);

    // Room for a text that is all escapes: growing would leave a copy behind.
    let scope = token.scope();
    let room = 6 * (token.access_token().expose().len() + scope.map_or(0, str::len)) + 128;
    let mut payload = Zeroizing::new(Vec::with_capacity(room));
    let sent = u64::try_from(token.sent().as_millis()).unwrap_or(u64::MAX);
    let fields = (
        token.access_token().expose(),
        scope,
        sent,
        token.lifetime().as_secs(),
    );
    serde_json::to_writer(&mut *payload, &fields).map_err(Problem::new)?;
    let sealed = cipher.seal_in_place_append_tag(nonce(&header), aad(&header, key), &mut *payload);
    sealed.map_err(|_| Problem::new("the token is too large to be kept"))?;
    Ok([&header, payload.as_slice()].concat())
}

/// A point in time as precise as that of a kept token's request: earlier by less than a millisecond.
pub(crate) fn as_kept(time: Duration) -> Duration {
    time - Duration::from_nanos((time.subsec_nanos() % 1_000_000).into())
}

pub(super) fn open(bytes: Vec<u8>, secret: &Secret, key: &CacheKey) -> Result<Entry, Sealed> {
    let header = header(&bytes)?;
    let (cipher, check) = derive(secret, &header);
    // Of no use to who could time it: the check is in the file.
    if check != header[CHECK] {
        return Err(Sealed::OtherSecret);
    }
    let mut bytes = Zeroizing::new(bytes);
    let opened = cipher.open_in_place(nonce(&header), aad(&header, key), &mut bytes[HEADER..]);
    let payload = opened.map_err(|_| Sealed::Damaged)?;
    let (access_token, scope, sent, lifetime): (String, _, _, _) =
        serde_json::from_slice(payload).map_err(|_| Sealed::Damaged)?;
    let token = StoredToken::new(
        key.clone(),
        Secret::new(access_token),
        scope,
        Duration::from_millis(sent),
        Duration::from_secs(lifetime),
    );
    let assumed = header[ASSUMED_AT] != 0;
    Ok(Entry { token, assumed })
}

/// When the token in these bytes expires: unverified, for a list.
pub(crate) fn expiry(bytes: &[u8]) -> Option<Expiry> {
    let header = header(bytes).ok()?;
    let at = header[EXPIRY].try_into().map(u64::from_be_bytes).ok()?;
    Some(Expiry {
        at: Duration::from_secs(at),
        assumed: header[ASSUMED_AT] != 0,
    })
}

fn header(bytes: &[u8]) -> Result<[u8; HEADER], Sealed> {
    let header = bytes.first_chunk::<HEADER>().ok_or(Sealed::Foreign)?;
    if &header[..MAGIC.len()] != MAGIC {
        return Err(Sealed::Foreign);
    }
    match header[VERSION_AT] {
        VERSION => Ok(*header),
        version => Err(Sealed::Newer(version)),
    }
}

/// The cipher, and what tells one secret from another.
fn derive(secret: &Secret, header: &[u8; HEADER]) -> (LessSafeKey, [u8; CHECK_LENGTH]) {
    let mut out = Zeroizing::new([0; KEY_LENGTH + CHECK_LENGTH]);
    let extracted = Salt::new(HKDF_SHA256, &header[SALT]).extract(secret.expose().as_bytes());
    extracted
        .expand(&[INFO], Length(out.len()))
        .and_then(|okm| okm.fill(&mut *out))
        .expect("HKDF gives 40 bytes");
    let (key, check) = out.split_at(KEY_LENGTH);
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("the key is 32 bytes");
    (
        LessSafeKey::new(key),
        check.try_into().expect("the check is 8 bytes"),
    )
}

fn nonce(header: &[u8; HEADER]) -> Nonce {
    Nonce::try_assume_unique_for_key(&header[NONCE]).expect("the nonce is 12 bytes")
}

fn aad(header: &[u8; HEADER], key: &CacheKey) -> Aad<Vec<u8>> {
    Aad::from([header, key.as_ref()].concat())
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

use std::ops::Range;

const MAGIC: &[u8; 11] = b"edge-oauth\0";
const VERSION_AT: usize = 11;
const VERSION: u8 = 1;
const SALT: Range<usize> = 12..28;
const NONCE: Range<usize> = 28..40;
const CHECK: Range<usize> = 40..48;
const EXPIRY: Range<usize> = 48..56;
const ASSUMED_AT: usize = 56;
const HEADER: usize = 57;
const KEY_LENGTH: usize = 32;
const CHECK_LENGTH: usize = 8;
const INFO: &[u8] = b"edge-oauth cache";

#[cfg(test)]
mod tests {
    use edge_oauth_no_io::Config;

    use super::*;

    fn key(client_id: &str) -> CacheKey {
        let config = Config::builder("https://login.example/token", client_id)
            .client_secret(Secret::new("s3cret"))
            .build();
        config.unwrap().cache_key().clone()
    }

    fn token_sent_at(sent: Duration) -> Entry {
        let scope = Some("read write".to_owned());
        let lifetime = Duration::from_secs(900);
        Entry {
            token: StoredToken::new(key("a"), Secret::new("a.\"b\\c"), scope, sent, lifetime),
            assumed: true,
        }
    }

    fn token() -> Entry {
        token_sent_at(Duration::from_millis(1_800_000_000_123))
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_secret_and_key() {
        let bytes = seal(&token(), &Secret::new("s3cret"), &key("a")).unwrap();
        let at = Duration::from_secs(1_800_000_900);
        let assumed = true;
        assert_eq!(expiry(&bytes), Some(Expiry { at, assumed }));
        let entry = open(bytes, &Secret::new("s3cret"), &key("a")).unwrap();
        assert!(entry.assumed);
        let opened = entry.token;
        assert_eq!(opened.access_token().expose(), "a.\"b\\c");
        assert_eq!(opened.scope(), Some("read write"));
        assert_eq!(opened.sent(), Duration::from_millis(1_800_000_000_123));
        assert_eq!(opened.lifetime(), Duration::from_secs(900));
    }

    #[test]
    fn the_time_of_a_kept_token_is_as_precise_as_it_is_said() {
        for nanoseconds in [0, 1, 999_999] {
            let sent = Duration::new(1_800_000_000, 123_000_000 + nanoseconds);
            let entry = token_sent_at(sent);
            let bytes = seal(&entry, &Secret::new("s3cret"), &key("a")).unwrap();
            let opened = open(bytes, &Secret::new("s3cret"), &key("a")).unwrap();
            assert_eq!(opened.token.sent(), as_kept(sent));
        }
    }

    #[test]
    fn two_files_of_one_token_have_nothing_in_common_but_the_frame() {
        let secret = Secret::new("s3cret");
        let (one, other) = (
            seal(&token(), &secret, &key("a")).unwrap(),
            seal(&token(), &secret, &key("a")).unwrap(),
        );
        assert_ne!(one[SALT], other[SALT]);
        assert_ne!(one[NONCE], other[NONCE]);
        assert_ne!(one[HEADER..], other[HEADER..]);
    }

    #[test]
    fn another_secret_is_told_from_damage() {
        let secret = Secret::new("s3cret");
        let bytes = seal(&token(), &secret, &key("a")).unwrap();
        assert_eq!(
            open(bytes.clone(), &Secret::new("other"), &key("a")).err(),
            Some(Sealed::OtherSecret)
        );
        assert_eq!(
            open(bytes.clone(), &secret, &key("b")).err(),
            Some(Sealed::Damaged)
        );
        let mut newer = bytes;
        newer[VERSION_AT] = 2;
        assert_eq!(
            open(newer, &secret, &key("a")).err(),
            Some(Sealed::Newer(2))
        );
    }

    #[test]
    fn a_change_anywhere_is_noticed() {
        let secret = Secret::new("s3cret");
        let bytes = seal(&token(), &secret, &key("a")).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(open(changed, &secret, &key("a")).is_err(), "byte {at}");
            assert!(
                open(bytes[..at].to_vec(), &secret, &key("a")).is_err(),
                "cut at {at}"
            );
        }
    }
}
