//! How many tokens a client may be given in an hour or a day.

/// A number of tokens that each client may be given in a stretch of time.
///
/// Told in the header `Auth0-Client-Quota-Limit` of successes and of refusals with 429, as
/// `b=per_hour;q=10;r=7;t=3540`: the bucket, its size, what is left, the seconds to its reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quota {
    /// This many tokens in an hour.
    PerHour(u64),
    /// This many tokens in a day.
    PerDay(u64),
}
