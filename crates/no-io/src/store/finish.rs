//! The second of the two calls to a shared store.

use std::time::Duration;

/// The end of a lease, and the response to share.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Finish, ReferenceStore, Share};
///
/// let now = Duration::from_secs(1_800_000_000); // by the store's clock
/// let mut store = ReferenceStore::default();
/// let share = Share::Token { response: "a token", keep: Duration::from_secs(900) };
/// let finish = Finish { number: 7, share, timeout: Duration::from_millis(100) };
/// assert!(store.finish(finish, now), "the store had no token");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish<E> {
    /// The number of the lease.
    pub number: u64,
    /// The response to share.
    pub share: Share<E>,
    /// The time that the caller waits for the result.
    pub timeout: Duration,
}

/// The response that a [`Finish`] shares with other processes.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Finish, ReferenceStore, Share};
///
/// let now = Duration::from_secs(1_800_000_000); // by the store's clock
/// let mut store = ReferenceStore::default();
/// let share = Share::ErrorResponse { response: "invalid_client", hold: Duration::from_secs(5) };
/// let finish = Finish { number: 7, share, timeout: Duration::from_millis(100) };
/// assert!(!store.finish(finish, now), "an error response is no token");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share<E> {
    /// A token.
    Token {
        /// The token response.
        response: E,
        /// How long the store keeps it: the remaining lifetime.
        keep: Duration,
    },
    /// An error response. Other processes back off with this one.
    ErrorResponse {
        /// The error response.
        response: E,
        /// How long the lease goes on: the backoff.
        hold: Duration,
    },
    /// No response: the request failed, or was not made.
    Nothing,
}

impl<E> Finish<E> {
    /// Returns the same call with its response converted.
    ///
    /// # Errors
    ///
    /// Returns the error of the conversion.
    pub fn try_map<F, X>(
        self,
        convert: impl FnOnce(u64, E, Duration) -> Result<F, X>,
    ) -> Result<Finish<F>, X> {
        let share = match self.share {
            Share::Token { response, keep } => Share::Token {
                response: convert(self.number, response, keep)?,
                keep,
            },
            Share::ErrorResponse { response, hold } => Share::ErrorResponse {
                response: convert(self.number, response, hold)?,
                hold,
            },
            Share::Nothing => Share::Nothing,
        };
        Ok(Finish {
            number: self.number,
            share,
            timeout: self.timeout,
        })
    }
}
