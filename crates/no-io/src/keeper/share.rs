//! The outcome of an acquisition, shared with other processes.

use std::time::Duration;

use crate::acquisition::shared::{OVERDUE, PATIENCE, Shared};
use crate::clock::Moment;
use crate::keeper::keeper::Keeper;
use crate::keeper::policy::MIN_INTERVAL;
use crate::store::finish::{Finish, Share};
use crate::store::shared_response::SharedResponse;
use crate::timeline::Time;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;

impl Keeper {
    /// Remembers what the store brought, and shares what was obtained under its lease.
    pub(super) fn share(
        &mut self,
        shared: &Shared,
        outcome: &Result<AccessToken, TokenError>,
        age: Duration,
        hold: Duration,
        time: Time,
        now: Moment,
    ) {
        let cached = self.cached.as_ref().filter(|_| self.is_local);
        // The next process counts its failures from zero, so the backoff of a refresh has to be the longest.
        let longest = cached.map_or(Duration::ZERO, |cached| cached.schedule.max_backoff);
        let hold = match outcome {
            Err(_) if !hold.is_zero() => hold.max(longest),
            _ => hold,
        };
        let overdue = time.after(hold).after(OVERDUE);
        let mut known = shared.known;
        if let Some((number, born)) = shared.lease {
            known.took = known.clock.map(|(at, _)| time.since(at));
            let response = SharedResponse::new(&self.config, born, outcome);
            let fault = (self.is_local && outcome.is_err()).then(|| SharedResponse::fault(born));
            let share = match (outcome, response.or(fault)) {
                (Ok(token), Some(response)) => {
                    known.number = number;
                    let lifetime = token.expires_in().unwrap_or(self.policy.default_lifetime);
                    let keep = lifetime.saturating_sub(age);
                    match lifetime > MIN_INTERVAL {
                        true => Share::Token { response, keep },
                        // No keeper caches it.
                        false => Share::Nothing,
                    }
                }
                (Err(error), Some(mut response)) => {
                    known.error = Some((number, overdue));
                    let wait = self.policy.wait_asked_for(error, now);
                    if let (true, false, Some((at, clock))) =
                        (self.is_local, wait.is_zero(), known.clock)
                    {
                        // The store's clock at this moment.
                        let clock = clock.saturating_add(time.since(at));
                        response = response.with_retry_at(clock.saturating_add(wait));
                    }
                    Share::ErrorResponse { response, hold }
                }
                (_, None) => Share::Nothing,
            };
            self.release(number, share);
        }
        if let Some(error) = shared.shared_error.filter(|error| error.is_new) {
            known.error = Some((error.number, overdue));
        }
        // Promise 6: a late outcome must not make an entry new again whose token is rejected since.
        let latest = self.known.as_deref().copied().unwrap_or_default();
        known.number = known.number.max(latest.number);
        known.error = known.error.max(latest.error);
        self.known = Some(Box::new(known));
    }

    /// Ends a lease: the keeper hands this to the store.
    pub(super) fn release(&mut self, number: u64, share: Share<SharedResponse>) {
        self.finish = Some(Box::new(Finish {
            number,
            share,
            timeout: PATIENCE,
        }));
    }
}
