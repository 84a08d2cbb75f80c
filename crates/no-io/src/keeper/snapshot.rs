//! The cached token, readable without the keeper.

use std::time::Duration;

use crate::clock::Moment;
use crate::timeline::SKEW;
use crate::token::AccessToken;

/// The token that [`Keeper::poll`](crate::Keeper::poll) would return, and the readings of the clocks until which it
/// would return nothing else: for a driver that serves callers without a lock on the keeper.
///
/// ```
/// # use std::time::Duration;
/// # use edge_oauth_no_io::{Completion, Config, Keeper, Moment, Policy, Secret, Step};
/// # let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s")).build()?;
/// # let now = Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) };
/// # let mut keeper = Keeper::new(config, Policy::default(), 7);
/// # let Step::Send(mut acquisition) = keeper.poll(now) else { panic!() };
/// # let _ = acquisition.poll(now, [0; 16]);
/// # let body = br#"{"access_token":"abc","expires_in":900}"#.to_vec();
/// # acquisition.handle(Completion::Response(http::Response::new(edge_oauth_no_io::SecretBytes::new(body))), now);
/// # keeper.finish(acquisition, now);
/// let snapshot = keeper.snapshot().expect("a token is cached");
/// assert!(snapshot.lasts(now));
/// assert!(!snapshot.lasts(now.after(Duration::from_secs(900))));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Snapshot {
    token: AccessToken,
    ends: Ends,
}

/// In nanoseconds, which compare in a fraction of the instructions that a `Duration` takes. A time that does not fit
/// reads as the end: the keeper is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ends {
    monotonic: u64,
    wall: u64,
    /// How far at least the wall clock is ahead of the monotonic one; negative if it is behind.
    lead: i64,
}

impl Snapshot {
    pub(crate) fn new(token: AccessToken, until: Moment, least_lead: (Duration, Duration)) -> Self {
        let (wall_lead, monotonic_lead) = least_lead;
        Self {
            token,
            ends: Ends {
                monotonic: nanos(until.monotonic),
                wall: nanos(until.wall),
                lead: signed(nanos(wall_lead)).saturating_sub(signed(nanos(monotonic_lead))),
            },
        }
    }

    /// Returns the token.
    #[inline]
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    /// Returns whether the token may be used now without asking the keeper: neither clock has reached the end, and their
    /// distance is the one that the keeper knows. A clock that was set back moves that end, and a sleep that the keeper
    /// has not seen would be hidden by a clock that is set back later.
    #[inline]
    pub fn lasts(&self, now: Moment) -> bool {
        let (monotonic, wall) = (nanos(now.monotonic), nanos(now.wall));
        // A difference that does not fit reads as negative, so the keeper is asked.
        let lead = wall.wrapping_sub(monotonic) as i64;
        let above = lead.wrapping_sub(self.ends.lead) as u64;
        monotonic < self.ends.monotonic && wall < self.ends.wall && above <= LEAD_RANGE
    }

    /// Returns a snapshot whose token is in memory of its own. Threads that read different copies share no reference
    /// count.
    pub fn copy(&self) -> Self {
        Self {
            token: self.token.copy(),
            ends: self.ends,
        }
    }

    /// Returns whether both are of one token and one end.
    pub fn is_same(&self, other: &Self) -> bool {
        self.token.is_same(&other.token) && self.ends == other.ends
    }
}

#[inline]
fn nanos(time: Duration) -> u64 {
    match time.as_secs() {
        seconds if seconds < MAX_SECONDS => {
            seconds * 1_000_000_000 + u64::from(time.subsec_nanos())
        }
        _ => u64::MAX,
    }
}

fn signed(nanos: u64) -> i64 {
    i64::try_from(nanos).unwrap_or(i64::MAX)
}

/// From the least lead to the greatest, either being as far from what the keeper saw as two readings may be apart.
const LEAD_RANGE: u64 = 2 * SKEW as u64;

/// The whole seconds whose nanoseconds fit, some 584 years.
const MAX_SECONDS: u64 = u64::MAX / 1_000_000_000;
