//! The first of the two calls to a shared store.

use std::time::Duration;

/// A question to a shared store: returns a newer response, or else gives the lease, the right to make the next token
/// request.
///
/// One call does both, so there is no order of calls to get wrong. All times are of the store's clock, since the Unix
/// epoch: the clocks of the hosts that share a store may differ by minutes.
///
/// [`ReferenceStore`](crate::ReferenceStore) defines the result of each claim.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Claim, Found, ReferenceStore};
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
/// assert!(matches!(store.claim(&claim, now).found, Found::Lease { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The number of the entry that the caller knows already; 0 for none. That entry is not returned.
    pub known: u64,
    /// How long the lease lasts if it is given.
    pub lease: Duration,
    /// The age up to which a shared error response counts. 0 means that none counts.
    ///
    /// An error response is meant for the processes that were there when it arrived. A process that started later
    /// makes its own request, because the fault may be fixed.
    pub max_error_age: Duration,
    /// The time after which no lease is given; 0 if the call only looks.
    ///
    /// A store that hangs may run the claims of callers that are long gone. Without this bound each of them would get
    /// a lease that blocks the others.
    pub until: Duration,
    /// The time that the caller waits for the result.
    pub timeout: Duration,
}

/// The result of a [`Claim`].
///
/// `E` is a response as the store holds it: sealed bytes in a store, a
/// [`SharedResponse`](crate::SharedResponse) in the core.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Claimed, Found};
///
/// let claimed = Claimed { now: Duration::from_secs(1_800_000_000), found: Found::Entry { number: 7, response: "sealed" } };
/// let opened = claimed.map(|number, response| format!("{response} under {number}"));
/// assert_eq!(opened.found, Found::Entry { number: 7, response: "sealed under 7".to_owned() });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed<E> {
    /// The store's clock, since the Unix epoch.
    pub now: Duration,
    /// The state that the claim met.
    pub found: Found<E>,
}

impl<E> Claimed<E> {
    /// Returns the same result with each response converted.
    pub fn map<F>(self, mut convert: impl FnMut(u64, E) -> F) -> Claimed<F> {
        let found = match self.found {
            Found::Entry { number, response } => Found::Entry {
                number,
                response: convert(number, response),
            },
            Found::Lease { number } => Found::Lease { number },
            Found::Taken {
                number,
                left,
                error_response,
            } => Found::Taken {
                number,
                left,
                error_response: error_response.map(|response| convert(number, response)),
            },
            Found::TooLate => Found::TooLate,
        };
        Claimed {
            now: self.now,
            found,
        }
    }
}

/// The state that a [`Claim`] met.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Claim, Found, ReferenceStore};
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
/// let Found::Lease { number } = store.claim(&claim, now).found else { panic!("the store is empty") };
/// let Found::Taken { number: taken, left, .. } = store.claim(&claim, now).found else { panic!("the lease is given") };
/// assert_eq!((taken, left), (number, Duration::from_secs(3)));
/// assert_eq!(store.claim(&claim, now + Duration::from_secs(4)).found, Found::TooLate);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<E> {
    /// There is an entry that the caller does not know. No lease is given.
    Entry {
        /// The number of the entry.
        number: u64,
        /// The token response.
        response: E,
    },
    /// The caller has the lease: make the token request, then call [`Finish`](crate::Finish).
    Lease {
        /// The number of the lease. It is higher than each number that was given before, so it fences late callers.
        number: u64,
    },
    /// Another caller has the lease.
    Taken {
        /// The number of that lease.
        number: u64,
        /// The time until that lease ends.
        left: Duration,
        /// The error response that the holder of the lease got: the lease goes on as the backoff of all.
        error_response: Option<E>,
    },
    /// The claim arrived after its `until`. No lease is given.
    TooLate,
}
