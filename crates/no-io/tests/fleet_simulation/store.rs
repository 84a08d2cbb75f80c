//! The shared store: the reference store of each place, behind a network, with faults.

use std::collections::HashMap;
use std::time::Duration;

use edge_oauth_no_io::{Claim, Claimed, Finish, Found, ReferenceStore, SharedResponse, StoreError};

use crate::bugs::Bug;
use crate::oracle::Oracle;
use crate::random::Random;
use crate::{Time, wall};

pub(crate) type State = ReferenceStore<Option<SharedResponse>>;
pub(crate) type Claimant = Result<Claimed<Option<SharedResponse>>, StoreError>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// Refuses each connection.
    Gone,
    /// Accepts calls, and does none of them.
    Hangs,
    /// Keeps calls, and does them at once when it goes on.
    HoldsBack,
    /// Returns entries, and writes nothing.
    ReadOnly,
    /// Returns anything.
    Nonsense,
    /// Its entries do not open.
    Unreadable,
    /// Does each call, and its reply is lost.
    LosesReplies,
    /// Does each call, or fails, or loses the reply.
    Flaky,
    /// Takes no finish.
    LosesFinishes,
    /// Says that a lease that is over has its whole time left.
    LeasesNeverEnd,
}

pub(crate) struct Store {
    pub places: HashMap<String, State>,
    pub fault: Fault,
    bug: Option<Bug>,
    /// The shortest and the longest time of one way.
    pub takes: (Time, Time),
    /// In microseconds, against the true time.
    pub skew: i64,
    /// The clock stands since then.
    pub stands: Option<Duration>,
}

impl Store {
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        Self {
            places: HashMap::new(),
            fault: Fault::None,
            bug,
            takes: (100, 2_000),
            skew: 0,
            stands: None,
        }
    }

    pub(crate) fn clock(&self, now: Time) -> Duration {
        let running = || wall(now, self.skew);
        self.stands.unwrap_or_else(running)
    }

    /// Runs one claim.
    pub(crate) fn claim(
        &mut self,
        place: &str,
        claim: &Claim,
        now: Time,
        random: &mut Random,
        oracle: &mut Oracle,
    ) -> Claimant {
        let clock = self.clock(now);
        let fault = self.fault;
        let state = self.places.entry(place.to_owned()).or_default();
        if self.bug == Some(Bug::NumbersFollowTheClock) {
            *state = State::default();
        }
        match fault {
            Fault::Nonsense => return nonsense(state, clock, random),
            Fault::ReadOnly => {
                return match state.look(claim, clock) {
                    Some(found) => Ok(Claimed { now: clock, found }.map(|_, response| response)),
                    None => Err(StoreError::new("READONLY")),
                };
            }
            Fault::LeasesNeverEnd => {
                if let Some(lease) = &mut state.lease {
                    lease.ends = lease.ends.max(clock + Duration::from_secs(3));
                }
            }
            _ => {}
        }
        let claimed = state.claim(claim, clock);
        if let Found::Lease { number } = claimed.found {
            oracle.lease(place, number);
        }
        Ok(claimed.map(|_, response| response.filter(|_| fault != Fault::Unreadable)))
    }

    /// Runs one finish.
    pub(crate) fn finish(
        &mut self,
        place: &str,
        finish: Finish<Option<SharedResponse>>,
        now: Time,
        oracle: &mut Oracle,
    ) {
        // As the script of Redis: no number follows the last one.
        if finish.number >= LAST_NUMBER {
            return;
        }
        if matches!(
            self.fault,
            Fault::ReadOnly | Fault::LosesFinishes | Fault::Nonsense
        ) {
            return;
        }
        let clock = self.clock(now);
        let state = self.places.entry(place.to_owned()).or_default();
        let number = finish.number;
        if self.bug == Some(Bug::StaleTokensAreTaken) {
            state.entry = None;
        }
        if state.finish(finish, clock) {
            oracle.accepted(place, number);
        }
    }
}

/// A double is exact up to this one.
const LAST_NUMBER: u64 = (1 << 53) - 1;

/// Anything that a place could say: its own entry under any number, leases, times at their ends.
fn nonsense(state: &State, clock: Duration, random: &mut Random) -> Claimant {
    let numbers = [0, 1, random.next() >> 12, u64::MAX];
    let number = numbers[random.below(4)];
    let times = [
        Duration::ZERO,
        Duration::from_secs(2),
        Duration::from_secs(random.next() % 10_000),
        Duration::MAX,
    ];
    let left = times[random.below(4)];
    // Entries are sealed with their number, so a store cannot make one up.
    let entry = state.entry.as_ref();
    let found = match (random.below(6), entry) {
        (0, _) => return Err(StoreError::new("nonsense")),
        (1, Some(entry)) => Found::Entry {
            number: entry.number,
            response: entry.response.clone().flatten(),
        },
        (2, _) => Found::Entry {
            number,
            response: None,
        },
        (3, _) => Found::Lease { number },
        (4, _) => Found::Taken {
            number,
            left,
            error_response: random.percent(50).then_some(None),
        },
        _ => Found::TooLate,
    };
    Ok(Claimed { now: clock, found })
}
