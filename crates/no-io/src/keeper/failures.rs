//! The failures since the last success, and the backoff after the latest.

use std::time::Duration;

use http::Uri;

use crate::acquisition::shared_error::SharedError;
use crate::clock::Moment;
use crate::keeper::caller::Caller;
use crate::keeper::jitter::Jitter;
use crate::keeper::outage::{Held, LONGEST};
use crate::keeper::policy::{MIN_BACKOFF, Policy};
use crate::timeline::Time;
use crate::token_response::error::TokenError;
use crate::transport::error::TransportError;
use crate::transport::error_kind::TransportErrorKind;

#[derive(Debug, Default)]
pub(super) struct Failures {
    // Boxed, since most keepers have none.
    backing_off: Option<Box<BackingOff>>,
    transient: u32,
    permanent: u32,
    /// The latest, until the next success.
    last: Option<Box<TokenError>>,
    /// The latest that is no timeout, with its number, until the next success.
    last_but_timeouts: Option<Box<(u64, TokenError)>>,
    ever: u64,
}

/// An error to back off after.
pub(super) struct Failure {
    pub(super) error: TokenError,
    /// The bound while a token is cached.
    pub(super) max_backoff: Option<Duration>,
    /// It comes from another process.
    pub(super) shared: Option<SharedError>,
}

#[derive(Debug)]
pub(super) struct BackingOff {
    pub(super) until: Time,
    /// When the next attempt may start, as far as is known. Others may lift the wait, and so `until` may be earlier.
    pub(super) expected: Time,
    pub(super) error: TokenError,
    reported: bool,
}

impl BackingOff {
    /// Returns whether a wait for the end of this backoff is reported for the first time.
    pub(super) fn is_first_report(&mut self) -> bool {
        !std::mem::replace(&mut self.reported, true)
    }
}

impl Failures {
    /// Backs off after this error, and returns for how long.
    pub(super) fn back_off(
        &mut self,
        failure: Failure,
        policy: &Policy,
        jitter: &mut Jitter,
        time: Time,
        now: Moment,
    ) -> Duration {
        let (error, shared) = (failure.error, failure.shared);
        let count = u32::from(shared.is_none_or(|shared| shared.is_new));
        let backoff = match error.is_transient() {
            true => {
                self.transient = self.transient.saturating_add(count);
                // Full jitter: anything from zero to the bound, so that a fleet does not come in waves. Promise 3: the
                // bound is small while a token is cached, so that the first attempt after an outage is in time.
                let bound = policy.backoff.after(self.transient);
                let bound = bound.min(failure.max_backoff.unwrap_or(bound));
                jitter.up_to(bound).max(MIN_BACKOFF)
            }
            false => {
                self.permanent = self.permanent.saturating_add(count);
                let bound = policy.permanent_backoff.after(self.permanent);
                bound / 2 + jitter.up_to(bound / 2)
            }
        };
        // The process that had the error asks when it is over, or another of the fleet does.
        let backoff = shared.map_or(backoff, |shared| backoff.min(shared.left).max(MIN_BACKOFF));
        // Promise 5: the server's own time is the earliest, plus jitter, or a fleet comes back in one instant.
        let wait = policy.wait_asked_for(&error, now);
        let asked = wait + jitter.up_to(wait / 10);
        let backoff = backoff.max(asked);
        self.note(error, time.after(backoff), time.after(backoff));
        backoff
    }

    /// Backs off without an attempt of this keeper: the endpoint fails for others, and one of them probes it.
    pub(super) fn hold(
        &mut self,
        held: Held,
        max_backoff: Option<Duration>,
        policy: &Policy,
        jitter: &mut Jitter,
        time: Time,
    ) {
        let bound = held
            .spread
            .clamp(policy.backoff.initial, policy.backoff.max);
        // Promise 3: with a cached token the backoff is as short as after an error of this keeper's own.
        let (least, bound) = match max_backoff {
            Some(max) => (Duration::ZERO, bound.min(max)),
            None => (held.left, bound),
        };
        let after = jitter.up_to(bound).max(MIN_BACKOFF);
        // A token for another source ends the wait, so this one looks again once a minute.
        let until = time.after(least.min(LONGEST) + after);
        self.note(*held.error, until, time.after(least + after));
    }

    fn note(&mut self, error: TokenError, until: Time, expected: Time) {
        self.ever += 1;
        self.last = Some(Box::new(error.clone()));
        if !is_timeout(&error) {
            self.last_but_timeouts = Some(Box::new((self.ever, error.clone())));
        }
        self.backing_off = Some(Box::new(BackingOff {
            until,
            expected,
            error,
            reported: false,
        }));
    }

    /// Ends the backoff if its time is over.
    pub(super) fn observe(&mut self, time: Time) {
        self.backing_off
            .take_if(|backing_off| time >= backing_off.until);
    }

    /// Starts again from nothing, and keeps the count of all failures.
    pub(super) fn clear(&mut self) {
        *self = Self {
            ever: self.ever,
            ..Self::default()
        };
    }

    /// Returns the number of failures since the last success.
    pub(super) fn count(&self) -> u32 {
        self.transient.saturating_add(self.permanent)
    }

    pub(super) fn is_backing_off(&self) -> bool {
        self.backing_off.is_some()
    }

    /// Returns when the backoff is over.
    pub(super) fn until(&self) -> Option<Time> {
        self.backing_off
            .as_ref()
            .map(|backing_off| backing_off.until)
    }

    pub(super) fn backing_off(&mut self) -> Option<&mut BackingOff> {
        self.backing_off.as_deref_mut()
    }

    pub(super) fn last(&self) -> Option<&TokenError> {
        self.last.as_deref()
    }

    /// Returns the number of failures that are no news to a caller that comes now: the error of a backoff in force is.
    pub(super) fn seen_by_newcomer(&self) -> u64 {
        self.ever - u64::from(self.is_backing_off())
    }

    /// Promise 5: a caller that gives up gets the server's last error, and a timeout only if there was none since it
    /// began. The caller's own time may have ended the last attempt.
    pub(super) fn error_of_a_late(&self, caller: &Caller, endpoint: &Uri) -> TokenError {
        match (self.last_but_timeouts.as_deref(), self.last()) {
            (Some((number, error)), _) if *number > caller.failures_seen => error.clone(),
            (_, Some(error)) if self.ever > caller.failures_seen => error.clone(),
            _ => {
                let why = "no token within the caller's max_wait";
                let error = TransportError::new(TransportErrorKind::Timeout, why);
                error.at(endpoint).into()
            }
        }
    }
}

pub(super) fn is_timeout(error: &TokenError) -> bool {
    matches!(error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout)
}
