//! The part of an acquisition that asks the shared store first.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::config::config::Config;
use crate::store::claim::{Claim, Claimed, Found};
use crate::store::error::StoreError;
use crate::store::shared_response::SharedResponse;
use crate::timeline::Time;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;
use crate::token_response::response::token_response;

/// The facts that a keeper remembers of its store from one acquisition to the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    /// The number of the newest entry that the keeper took or stored.
    pub(crate) number: u64,
    /// The newest error response that the keeper backed off after: its number, and when it is overdue.
    pub(crate) error: Option<(u64, Time)>,
    /// The digests of the tokens that were rejected last, the latest first. A copy of a secret would not be wiped with it.
    pub(crate) rejected: [Option<u64>; 4],
    /// One instant by both clocks: ours, and the store's.
    pub(crate) clock: Option<(Time, Duration)>,
    /// The most that the latest holder took from its lease to its token, as far as the keeper knows.
    pub(crate) took: Option<Duration>,
}

impl Known {
    /// Notes that an API rejected the token.
    pub(crate) fn reject(&mut self, token: &AccessToken) {
        self.rejected.rotate_right(1);
        self.rejected[0] = Some(digest(token));
    }
}

/// The token that an acquisition needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    /// An entry has to be valid for longer than this, unless it was requested after the acquisition began.
    pub(crate) remaining: Duration,
    /// An entry has to be requested after the acquisition began.
    pub(crate) fresh: bool,
    pub(crate) default_lifetime: Duration,
    pub(crate) expiry_margin: Duration,
    /// The age up to which a shared error response counts, as of when the acquisition began.
    pub(crate) max_error_age: Duration,
    /// The processes that share the store have one address, so each of them keeps to the server's `Retry-After`.
    pub(crate) is_local: bool,
    /// A valid token is cached, and callers are served with it meanwhile.
    pub(crate) is_refresh: bool,
    /// The time for the lease of another process, beside the time for a request.
    pub(crate) wait: Duration,
    /// The time that is kept for a request.
    pub(crate) timeout: Duration,
}

/// An error response of another process that is the outcome of an acquisition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedError {
    pub(crate) number: u64,
    /// The time until it is over.
    pub(crate) left: Duration,
    /// False if the keeper counted it before.
    pub(crate) is_new: bool,
}

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
    need: Need,
    began: Time,
    stage: Stage,
    /// The entry to claim past: known, or of no use.
    past: u64,
    claims: u32,
    pauses: u32,
    waited_for: Option<WaitedFor>,
    /// The number of holders before that one that ended their lease and left nothing.
    ended: u32,
    /// The number of the lease, and the store's clock at its claim.
    pub(crate) lease: Option<(u64, Duration)>,
    /// The age of the entry whose token is the outcome.
    pub(crate) adopted: Option<Duration>,
    /// The error response that is the outcome.
    pub(crate) shared_error: Option<SharedError>,
    pub(crate) error: Option<StoreError>,
    errors: Errors,
}

/// The error responses that a claim asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Errors {
    /// An error response of any age, since the server's wait may apply to this process.
    All,
    /// Those that arrived while this process or its caller was there.
    Witnessed,
    /// None: the last one was a fault of another process, and this one has no token to wait with.
    None,
}

/// The lease of another process that was waited for.
#[derive(Clone, Copy, Debug)]
struct WaitedFor {
    number: u64,
    /// The time from which it counts as a lease that never ends.
    over: Time,
    /// The least number of a lease that follows it after it ran out: its end by the store's clock, in microseconds.
    after_end: u64,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
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

impl Shared {
    pub(crate) fn new(known: Known, need: Need, began: Time) -> Self {
        Self {
            known,
            need,
            began,
            stage: Stage::Claim,
            past: known.number,
            claims: 0,
            pauses: 0,
            waited_for: None,
            ended: 0,
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
    pub(crate) fn next(&mut self, time: Time, left: Duration, random: u64) -> Next {
        match self.stage {
            Stage::Over => Next::Request,
            // Promise 2: the request keeps half of the time. A store must not cost the token.
            _ if self.claims > 0 && left < self.kept() => self.go_alone(),
            Stage::Claim => {
                self.claims += 1;
                let timeout = PATIENCE.min(left / 2);
                // A keeper that does not know the store's clock yet only looks.
                let until = self.known.clock.map_or(Duration::ZERO, |(at, clock)| {
                    clock.saturating_add(time.since(at)).saturating_add(timeout)
                });
                Next::Claim(Claim {
                    known: self.past,
                    lease: self.lease(),
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
                let bound = (MIN_PAUSE * (1 << self.pauses.min(5))).min(MAX_PAUSE);
                self.pauses += 1;
                let half = bound / 2;
                let random = u64::try_from(half.as_nanos()).map_or(0, |half| random % half.max(1));
                let pause = half + Duration::from_nanos(random);
                Next::Pause(pause.min(lease_left.saturating_add(MIN_PAUSE)))
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
        match claimed.found {
            Found::Entry { number, response } => {
                // An older entry comes from an old snapshot of the store: its token may be rejected already.
                let newer = response.filter(|_| number > self.known.number);
                let brought = newer.and_then(|entry| {
                    let age = entry.age(claimed.now)?;
                    let token = self.of_use(&entry, claimed.now, config, age, sent, time)?;
                    Some((number, token, age))
                });
                if let Some((number, token, age)) = brought {
                    self.known.number = number;
                    // Promise 6: it may have come another way, such as by `restore`.
                    if !self.known.rejected.contains(&Some(digest(&token))) {
                        self.adopted = Some(age);
                        // Its holder took no longer than the token is old.
                        let took = self.known.took.filter(|_| self.waited_for.is_none());
                        self.known.took = Some(took.map_or(age, |took| took.min(age)));
                        return Some((Ok(token), sent.before(age)));
                    }
                }
                self.past = number;
                self.claim_again();
                None
            }
            Found::Lease { number } => {
                self.lease = Some((number, claimed.now));
                self.stage = Stage::Over;
                None
            }
            Found::Taken {
                number,
                left,
                error_response: Some(response),
            } => {
                self.stage = Stage::Over;
                // The store's clock may have been set back.
                let response = response.filter(|response| response.age(claimed.now).is_some());
                let retry_at = response.as_ref().and_then(SharedResponse::retry_at);
                let is_fault = response.as_ref().is_some_and(SharedResponse::is_fault);
                // Promise 5: the server asked this machine to wait, whichever process heard it.
                let holds = self.errors == Errors::All
                    && (self.need.is_refresh || retry_at.is_some_and(|at| at > claimed.now));
                let errors = match is_fault {
                    true => Errors::None,
                    false => Errors::Witnessed,
                };
                if !holds && self.errors != errors {
                    self.errors = errors;
                    self.claim_again();
                    return None;
                }
                let is_witnessed = !is_fault && !self.max_error_age(sent).is_zero();
                let response = response.filter(|_| holds || is_witnessed);
                let response = response.map(|response| response.response(claimed.now));
                let read = response.and_then(|response| token_response(config, &response).err());
                let error = read.and_then(|error| self.error_of_use(number, left, error, time));
                Some((Err(error?), time))
            }
            Found::Taken { number, left, .. } => {
                let end = claimed.now.saturating_add(left).as_micros();
                let lease = WaitedFor {
                    number,
                    over: time.after(left.min(self.longest_lease()).saturating_add(OVERDUE)),
                    after_end: u64::try_from(end).unwrap_or(u64::MAX),
                };
                // The number is the time at which the lease was given, or later, so the keeper learns how long its holder
                // made it.
                let lasts = Duration::from_micros(lease.after_end.saturating_sub(number));
                if lasts >= left && lasts <= LEASE {
                    self.known.took.get_or_insert(lasts / 2);
                }
                let waited_for = self.waited_for.get_or_insert(lease);
                if number != waited_for.number {
                    // fault: fleet-follows-a-killed-holder
                    let ran_out = number >= waited_for.after_end;
                    // fault: fleet-follows-a-stopped-holder
                    if ran_out || self.ended < MAX_ENDED {
                        *waited_for = lease;
                        self.ended += u32::from(!ran_out);
                    }
                }
                // No convoy: the holders that were waited for left nothing of use, so the next will not either.
                self.stage = match waited_for.number == number && time < waited_for.over {
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

    /// Returns the error if the keeper has to back off with it. Each counts once, by its number.
    fn error_of_use(
        &mut self,
        number: u64,
        left: Duration,
        error: TokenError,
        time: Time,
    ) -> Option<TokenError> {
        let (left, is_new) = match self.known.error {
            // It comes from an old snapshot of the store.
            Some((known, _)) if number < known => return None,
            // The store lies, or its clock stands.
            Some((known, overdue)) if number == known && time >= overdue => return None,
            Some((known, overdue)) if number == known => (left.min(overdue.since(time)), false),
            _ => (left, true),
        };
        // The store may end a backoff a little later than the keeper: that is no second failure.
        if !is_new && left <= OVERDUE {
            self.stage = Stage::Pause(left);
            self.claims = 1;
            return None;
        }
        self.shared_error = Some(SharedError {
            number,
            left,
            is_new,
        });
        Some(error)
    }

    /// Returns how long the lease of a claim lasts. If callers would wait for a holder that is killed or stopped, it is twice
    /// the time that the latest lease took.
    // fault: killed-holder-of-a-short-lived-token
    fn lease(&self) -> Duration {
        let lasts = self.need.is_refresh
            && self.need.remaining >= LEASE.saturating_add(2 * self.need.timeout);
        match self.known.took {
            Some(took) if !lasts => took
                .saturating_mul(2)
                .clamp(MIN_LEASE, self.longest_lease()),
            _ => self.longest_lease(),
        }
    }

    /// On one machine a slow server has more time: an error response counts only within its lease.
    fn longest_lease(&self) -> Duration {
        match self.need.is_local {
            true => LEASE.max(self.need.timeout / 2),
            false => LEASE,
        }
    }

    /// Returns the age up to which an error response counts: the time that this keeper, or its caller, was there.
    fn max_error_age(&self, time: Time) -> Duration {
        let waited = time.since(self.began);
        self.need.max_error_age.saturating_add(waited)
    }

    fn of_use(
        &self,
        entry: &SharedResponse,
        now: Duration,
        config: &Config,
        age: Duration,
        sent: Time,
        time: Time,
    ) -> Option<AccessToken> {
        let token = token_response(config, &entry.response(now)).ok()?;
        let lifetime = token.expires_in().unwrap_or(self.need.default_lifetime);
        let margin = self.need.expiry_margin.min(lifetime / 10);
        let age_now = age.saturating_add(time.since(sent));
        let is_new = age_now <= time.since(self.began);
        let remaining = lifetime.checked_sub(age_now)?.checked_sub(margin)?;
        let lives_longer = !self.need.fresh && remaining > self.need.remaining;
        (!remaining.is_zero() && (is_new || lives_longer)).then_some(token)
    }

    /// Returns whether the outcome is another process's.
    pub(crate) fn has_outcome(&self) -> bool {
        self.adopted.is_some() || self.shared_error.is_some()
    }

    /// Returns the part of the wait that is left when the request is made, once.
    pub(crate) fn take_unused_wait(&mut self, left: Duration) -> Duration {
        let unused = left.saturating_sub(self.need.timeout).min(self.need.wait);
        self.need.wait = Duration::ZERO;
        unused
    }

    fn kept(&self) -> Duration {
        match self.need.wait.is_zero() {
            true => self.need.timeout / 2,
            false => self.need.timeout,
        }
    }

    fn claim_again(&mut self) {
        self.stage = match self.claims < MAX_CLAIMS {
            true => Stage::Claim,
            false => Stage::Over,
        };
    }

    fn go_alone(&mut self) -> Next {
        self.stage = Stage::Over;
        Next::Request
    }
}

/// Returns a number that tells tokens apart. Two with one number cost a request.
fn digest(token: &AccessToken) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.expose().hash(&mut hasher);
    hasher.finish()
}

/// The longest lease. A holder that needs longer may finish after the next one: the higher number wins.
pub(crate) const LEASE: Duration = Duration::from_secs(3);

/// The shortest lease, however fast the server.
const MIN_LEASE: Duration = Duration::from_millis(500);

/// How long a claim may take.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// A lease that is not over this long after its end never ends.
pub(crate) const OVERDUE: Duration = Duration::from_secs(1);

const MIN_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(250);

/// How many holders that left nothing are followed by a wait for the next one. A holder that was stopped finds its
/// request timed out, and a newcomer may overwrite an error response; but a server that is down fails them all.
const MAX_ENDED: u32 = 3;

/// In a row, without a pause.
const MAX_CLAIMS: u32 = 4;
