//! The part of an acquisition that asks the shared store first.

use std::time::Duration;

use crate::acquisition::holders::{HeldLease, Holders};
use crate::acquisition::known::Known;
use crate::acquisition::need::{LEASE, Need};
use crate::acquisition::pauses::Pauses;
use crate::acquisition::rejected::Rejected;
use crate::acquisition::shared_error::{Errors, SharedError};
use crate::config::config::Config;
use crate::store::claim::{Claim, Claimed, Found};
use crate::store::error::StoreError;
use crate::store::shared_response::SharedResponse;
use crate::timeline::Time;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;

/// Looks for a response in the store, and for the lease to make the request if there is none.
///
/// | found | next |
/// |---|---|
/// | an entry of use | its token is the outcome |
/// | an entry of no use; too late | claim again; after 4 claims in a row, request without the store |
/// | the lease | request |
/// | somebody else's lease | pause, claim again |
/// | the next lease, if the first ran out | its holder died: pause, claim again |
/// | the next lease, if the first was ended | its holder got no response, or one that is not shared: the same, for three of them |
/// | the same lease a second after its end; the fifth one, if four were ended | request without the store |
/// | an error response that the keeper does not know | it is the outcome |
/// | an error response of one machine whose `Retry-After` is not over; any if a valid token is cached | it is the outcome, also for a process that started later |
/// | the known one | it is the outcome again, and not counted; in its last second pause, claim again |
/// | the known one a second after its end, an older one, or one that does not open | request without the store |
/// | an error of the store | request without the store |
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) known: Known,
    pub(super) rejected: Rejected,
    pub(super) need: Need,
    pub(super) began: Time,
    pub(super) stage: Stage,
    /// The entry to claim past: known, or of no use.
    pub(super) past: u64,
    pub(super) claims: u32,
    pub(super) pauses: Pauses,
    pub(super) holders: Holders,
    /// The number of the lease, and the store's clock at its claim.
    pub(crate) lease: Option<(u64, Duration)>,
    /// The age of the entry whose token is the outcome.
    pub(crate) adopted: Option<Duration>,
    /// The error response that is the outcome.
    pub(crate) shared_error: Option<SharedError>,
    pub(crate) error: Option<StoreError>,
    pub(super) errors: Errors,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    Claim,
    /// For a lease that has this much left.
    Pause(Duration),
    Over,
}

/// The next step of an acquisition with a store.
#[derive(Debug)]
pub(crate) enum Next {
    Claim(Claim),
    Pause(Duration),
    Request,
}

/// The outcome that a claim brought, with the time that its age counts from.
pub(crate) type Brought = Option<(Result<AccessToken, TokenError>, Time)>;

/// The time of one claim.
pub(super) struct ClaimTimes {
    pub(super) sent: Time,
    pub(super) received: Time,
    /// The store's clock.
    pub(super) store: Duration,
}

impl Shared {
    pub(crate) fn new(known: Known, rejected: Rejected, need: Need, began: Time) -> Self {
        Self {
            known,
            rejected,
            need,
            began,
            stage: Stage::Claim,
            past: known.number,
            claims: 0,
            pauses: Pauses::default(),
            holders: Holders::default(),
            lease: None,
            adopted: None,
            shared_error: None,
            error: None,
            errors: match need.is_local && !need.fresh {
                true => Errors::All,
                false => Errors::Witnessed,
            },
        }
    }

    /// Returns what to do next. `left` is the time of the acquisition, `random` any number.
    pub(crate) fn next(&mut self, time: Time, left: Duration, random: u128) -> Next {
        match self.stage {
            Stage::Over => Next::Request,
            // Promise 2: the request keeps half of the time. A store must not cost the token.
            _ if self.claims > 0 && left < self.need.kept() => {
                self.stage = Stage::Over;
                Next::Request
            }
            Stage::Claim => {
                self.claims += 1;
                let timeout = PATIENCE.min(left / 2);
                // A keeper that does not know the store's clock yet only looks.
                let until = self.known.clock.map_or(Duration::ZERO, |(at, clock)| {
                    clock.saturating_add(time.since(at)).saturating_add(timeout)
                });
                Next::Claim(Claim {
                    known: self.past,
                    lease: self.need.lease(self.known.took),
                    max_error_age: match self.errors {
                        Errors::All => Duration::MAX,
                        Errors::Witnessed => self.max_error_age(time),
                        Errors::None => Duration::ZERO,
                    },
                    until,
                    timeout,
                })
            }
            Stage::Pause(lease_left) => {
                self.stage = Stage::Claim;
                Next::Pause(self.pauses.next(lease_left, random))
            }
        }
    }

    /// Takes the result of the claim that left at `sent`. Returns the outcome if it brought one.
    pub(crate) fn handle(
        &mut self,
        result: Result<Claimed<Option<SharedResponse>>, StoreError>,
        config: &Config,
        sent: Time,
        time: Time,
    ) -> Brought {
        let claimed = match result {
            Ok(claimed) => claimed,
            Err(error) => {
                self.error = Some(error);
                self.stage = Stage::Over;
                return None;
            }
        };
        // As of when the claim left: a store's clock that is read too early makes tokens older, not younger.
        self.known.clock = Some((sent, claimed.now));
        let at = ClaimTimes {
            sent,
            received: time,
            store: claimed.now,
        };
        match claimed.found {
            Found::Entry { number, response } => self.handle_entry(number, response, config, &at),
            Found::Lease { number } => {
                self.lease = Some((number, claimed.now));
                self.stage = Stage::Over;
                None
            }
            Found::Taken {
                number,
                left,
                error_response: Some(response),
            } => self.handle_error((number, left), response, config, &at),
            Found::Taken { number, left, .. } => {
                let end = claimed.now.saturating_add(left).as_micros();
                let longest = self.need.longest_lease();
                let lease = HeldLease {
                    number,
                    over: time.after(left.min(longest).saturating_add(OVERDUE)),
                    after_end: u64::try_from(end).unwrap_or(u64::MAX),
                };
                if lease.lasts() >= left && lease.lasts() <= LEASE {
                    self.known.took.get_or_insert(lease.lasts() / 2);
                }
                self.stage = match self.holders.is_waited_for(lease, time) {
                    true => Stage::Pause(left),
                    false => Stage::Over,
                };
                self.claims = 1;
                None
            }
            Found::TooLate => {
                self.claim_again();
                None
            }
        }
    }

    /// Returns whether the outcome is another process's.
    pub(crate) fn has_outcome(&self) -> bool {
        self.adopted.is_some() || self.shared_error.is_some()
    }

    pub(super) fn claim_again(&mut self) {
        self.stage = match self.claims < MAX_CLAIMS {
            true => Stage::Claim,
            false => Stage::Over,
        };
    }
}

/// How long a claim may take.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// A lease that is not over this long after its end never ends.
pub(crate) const OVERDUE: Duration = Duration::from_secs(1);

/// In a row, without a pause.
const MAX_CLAIMS: u32 = 4;
