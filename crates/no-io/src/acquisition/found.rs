//! Responses of other processes: which of them count, and for how long.

use std::time::Duration;

use crate::acquisition::shared::{Brought, ClaimTimes, OVERDUE, Shared, Stage};
use crate::acquisition::shared_error::{Errors, SharedError};
use crate::config::config::Config;
use crate::store::shared_response::SharedResponse;
use crate::timeline::Time;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;
use crate::token_response::response::token_response;

impl Shared {
    /// Takes a token response.
    pub(super) fn handle_entry(
        &mut self,
        number: u64,
        response: Option<SharedResponse>,
        config: &Config,
        at: &ClaimTimes,
    ) -> Brought {
        // An older entry comes from an old snapshot of the store: its token may be rejected already.
        let newer = response.filter(|_| number > self.known.number);
        let brought = newer.and_then(|entry| {
            let age = entry.age(at.store)?;
            let token = self.of_use(&entry, age, config, at)?;
            Some((number, token, age))
        });
        if let Some((number, token, age)) = brought {
            self.known.number = number;
            // Promise 6: it may have come another way, such as by `restore`.
            if !self.rejected.contains(&token) {
                self.adopted = Some(age);
                // Its holder took no longer than the token is old.
                let took = self.known.took.filter(|_| self.holders.is_empty());
                self.known.took = Some(took.map_or(age, |took| took.min(age)));
                return Some((Ok(token), at.sent.before(age)));
            }
        }
        self.past = number;
        self.claim_again();
        None
    }

    fn of_use(
        &self,
        entry: &SharedResponse,
        age: Duration,
        config: &Config,
        at: &ClaimTimes,
    ) -> Option<AccessToken> {
        let token = token_response(config, &entry.response(at.store)).ok()?;
        let age = age.saturating_add(at.received.since(at.sent));
        let is_met = self
            .need
            .is_met_by(token.expires_in(), age, at.received.since(self.began));
        is_met.then_some(token)
    }

    /// Takes the error response that the holder of a lease left, by the number and the rest of the lease.
    pub(super) fn handle_error(
        &mut self,
        (number, left): (u64, Duration),
        response: Option<SharedResponse>,
        config: &Config,
        at: &ClaimTimes,
    ) -> Brought {
        self.stage = Stage::Over;
        // The store's clock may have been set back.
        let response = response.filter(|response| response.age(at.store).is_some());
        let retry_at = response.as_ref().and_then(SharedResponse::retry_at);
        let is_fault = response.as_ref().is_some_and(SharedResponse::is_fault);
        // Promise 5: the server asked this machine to wait, whichever process heard it.
        let holds = self.errors == Errors::All
            && (self.need.is_refresh || retry_at.is_some_and(|end| end > at.store));
        let errors = match is_fault {
            true => Errors::None,
            false => Errors::Witnessed,
        };
        if !holds && self.errors != errors {
            self.errors = errors;
            self.claim_again();
            return None;
        }
        let is_witnessed = !is_fault && !self.max_error_age(at.sent).is_zero();
        let response = response.filter(|_| holds || is_witnessed);
        let response = response.map(|response| response.response(at.store));
        let read = response.and_then(|response| token_response(config, &response).err());
        let error = read.and_then(|error| self.error_of_use(number, left, error, at.received));
        Some((Err(error?), at.received))
    }

    /// Returns the error if the keeper has to back off with it. Each counts once, by its number.
    fn error_of_use(
        &mut self,
        number: u64,
        left: Duration,
        error: TokenError,
        time: Time,
    ) -> Option<TokenError> {
        let (left, is_new) = self.known.error_left(number, left, time)?;
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

    /// Returns the age up to which an error response counts: the time that this keeper, or its caller, was there.
    pub(super) fn max_error_age(&self, time: Time) -> Duration {
        let waited = time.since(self.began);
        self.need.max_error_age.saturating_add(waited)
    }
}
