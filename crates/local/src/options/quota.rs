//! The number of tokens that a client may get in an hour or a day.

/// A number of tokens that each client may get in an hour or a day.
///
/// The header `Auth0-Client-Quota-Limit` of successes and of 429 responses reports it as
/// `b=per_hour;q=10;r=7;t=3540`: the bucket, its size, the remaining tokens, and the seconds until its reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quota {
    /// Allows this many tokens in an hour.
    PerHour(u64),
    /// Allows this many tokens in a day.
    PerDay(u64),
}
