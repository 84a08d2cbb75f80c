//! The rules of a shared store, as two functions without IO.

use std::time::Duration;

use crate::store::claim::{Claim, Claimed, Found};
use crate::store::finish::{Finish, Share};

/// The state of one store key, and the two steps that change it: the definition that every shared store is tested
/// against.
///
/// A store runs one step at a time for each key, with its own clock. A step that fails halfway must leave the old
/// state.
///
/// `claim`, the first row that fits:
///
/// | state | result |
/// |---|---|
/// | an entry that is not expired, with another number than `known` | `Entry` |
/// | a lease that began no later than now and has not ended, without an error response or with one younger than `max_error_age` | `Taken` |
/// | now is later than `until` | `TooLate` |
/// | anything else | `Lease`: a new one, whose number is the highest of now in microseconds, the last lease's plus 1 and the entry's plus 1 |
///
/// `finish`, each row that fits:
///
/// | call | effect |
/// |---|---|
/// | a token whose number is higher than the entry's | it becomes the entry, also without the lease |
/// | a number that is at least the lease's | the lease gets that number and ends now; with an error response it ends after `hold` |
///
/// An expired entry keeps its number, so that a late token of an older lease is never accepted. A lease that begins in
/// the future is ignored: the clock was set back.
///
/// The lease after one that ran out has a number from after its end. So those who wait can tell a holder that died from
/// a holder that ended its lease without a token.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Claim, Finish, Found, ReferenceStore, Share};
///
/// let now = Duration::from_secs(1_800_000_000);
/// let claim = Claim {
///     known: 0,
///     lease: Duration::from_secs(3),
///     max_error_age: Duration::ZERO,
///     until: now + Duration::from_secs(1),
///     timeout: Duration::from_millis(100),
/// };
/// let mut store = ReferenceStore::default();
///
/// // The first caller gets the lease, the second has to wait …
/// let Found::Lease { number } = store.claim(&claim, now).found else { panic!("the store is empty") };
/// assert!(matches!(store.claim(&claim, now).found, Found::Taken { .. }));
///
/// // … and then gets the token.
/// let share = Share::Token { response: "a token", keep: Duration::from_secs(900) };
/// assert!(store.finish(Finish { number, share, timeout: claim.timeout }, now));
/// assert_eq!(store.claim(&claim, now).found, Found::Entry { number, response: "a token" });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceStore<E> {
    /// The latest token response that was accepted.
    pub entry: Option<StoreEntry<E>>,
    /// The latest lease that was given.
    pub lease: Option<StoreLease<E>>,
}

/// A token response in a store.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Finish, ReferenceStore, Share};
///
/// let now = Duration::from_secs(1_800_000_000); // by the store's clock
/// let mut store = ReferenceStore::default();
/// let share = Share::Token { response: "a token", keep: Duration::from_secs(900) };
/// store.finish(Finish { number: 7, share, timeout: Duration::from_millis(100) }, now);
/// let entry = store.entry.expect("the token was accepted");
/// assert_eq!((entry.number, entry.expires), (7, now + Duration::from_secs(900)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreEntry<E> {
    /// The number of the lease under which it was obtained.
    pub number: u64,
    /// The token response; `None` if it expired and only its number is kept.
    pub response: Option<E>,
    /// The time from which it is not returned any more, by the store's clock.
    pub expires: Duration,
}

/// A lease in a store.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Claim, ReferenceStore};
///
/// let now = Duration::from_secs(1_800_000_000); // by the store's clock
/// let claim = Claim {
///     known: 0,
///     lease: Duration::from_secs(3),
///     max_error_age: Duration::ZERO,
///     until: now + Duration::from_secs(1),
///     timeout: Duration::from_millis(100),
/// };
/// let mut store = ReferenceStore::<&str>::default();
/// store.claim(&claim, now);
/// let lease = store.lease.expect("it is given");
/// assert_eq!((lease.began, lease.ends), (now, now + Duration::from_secs(3)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreLease<E> {
    /// Its number.
    pub number: u64,
    /// When it was given, or when its holder finished, by the store's clock.
    pub began: Duration,
    /// When it ends, by the store's clock.
    pub ends: Duration,
    /// The error response of its holder.
    pub error_response: Option<E>,
}

impl<E> StoreEntry<E> {
    fn held(&self) -> Option<(u64, &E)> {
        let response = self.response.as_ref()?;
        Some((self.number, response))
    }
}

impl<E: Clone> ReferenceStore<E> {
    /// Returns a newer entry, or gives the lease, or says why not. `now` is the store's clock, since the Unix epoch.
    pub fn claim(&mut self, claim: &Claim, now: Duration) -> Claimed<E> {
        Claimed {
            now,
            found: self.look(claim, now).unwrap_or_else(|| {
                let number = self.next_number(now);
                self.lease = Some(StoreLease {
                    number,
                    began: now,
                    ends: now.saturating_add(claim.lease),
                    error_response: None,
                });
                Found::Lease { number }
            }),
        }
    }

    /// Returns the result of a claim that changes nothing; `None` if the claim gets the lease.
    pub fn look(&self, claim: &Claim, now: Duration) -> Option<Found<E>> {
        let entry = self.entry.as_ref();
        let entry = entry.filter(|entry| entry.number != claim.known && now < entry.expires);
        if let Some((number, response)) = entry.and_then(StoreEntry::held) {
            let response = response.clone();
            return Some(Found::Entry { number, response });
        }
        let counts = |lease: &&StoreLease<E>| {
            let runs = lease.began <= now && now < lease.ends;
            let young = || now - lease.began < claim.max_error_age;
            runs && (lease.error_response.is_none() || young())
        };
        if let Some(lease) = self.lease.as_ref().filter(counts) {
            return Some(Found::Taken {
                number: lease.number,
                left: lease.ends - now,
                error_response: lease.error_response.clone(),
            });
        }
        (now > claim.until).then_some(Found::TooLate)
    }

    /// Ends a lease and takes its response. Returns whether a token was accepted.
    pub fn finish(&mut self, finish: Finish<E>, now: Duration) -> bool {
        let number = finish.number;
        let (token, error_response) = match finish.share {
            Share::Token { response, keep } => (Some((response, keep)), None),
            Share::ErrorResponse { response, hold } => (None, Some((response, hold))),
            Share::Nothing => (None, None),
        };
        if self
            .lease
            .as_ref()
            .is_none_or(|lease| number >= lease.number)
        {
            let hold = error_response
                .as_ref()
                .map_or(Duration::ZERO, |(_, hold)| *hold);
            self.lease = Some(StoreLease {
                number,
                began: now,
                ends: now.saturating_add(hold),
                error_response: error_response.map(|(response, _)| response),
            });
        }
        let newer = self
            .entry
            .as_ref()
            .is_none_or(|entry| number > entry.number);
        match token {
            Some((response, keep)) if newer => {
                self.entry = Some(StoreEntry {
                    number,
                    response: Some(response),
                    expires: now.saturating_add(keep),
                });
                true
            }
            _ => false,
        }
    }

    fn next_number(&self, now: Duration) -> u64 {
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let lease = self.lease.as_ref().map_or(0, |lease| lease.number);
        let entry = self.entry.as_ref().map_or(0, |entry| entry.number);
        micros.max(lease.max(entry).saturating_add(1))
    }
}

impl<E> Default for ReferenceStore<E> {
    fn default() -> Self {
        Self {
            entry: None,
            lease: None,
        }
    }
}
