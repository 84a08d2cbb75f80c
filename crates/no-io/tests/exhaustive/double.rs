//! The bugs of the keeper's double: steps and completions that it changes.

use std::time::Duration;

use edge_oauth_no_io::{
    Caller, Completion, Found, Keeper, Moment, Policy, Step, StoreError, TransportError,
    TransportErrorKind,
};

use crate::promise::Bug;
use crate::server;
use crate::subject::Subject;

impl Subject {
    /// Returns the step that the bug makes of this one.
    pub(crate) fn with_bug(&mut self, step: Step, caller: &mut Caller, now: Moment) -> Step {
        let Some(bug) = self.bug else { return step };
        match (bug, step) {
            (Bug::CallerWaitsForRefresh, Step::Refresh { acquisition, .. }) => {
                Step::Send(acquisition)
            }
            (Bug::RefreshRunsInLine, Step::Refresh { acquisition, .. }) => {
                self.give_up(acquisition, now);
                self.keeper.poll(now)
            }
            (Bug::RefreshIsForgotten, Step::Refresh { token, acquisition }) => {
                self.give_up(acquisition, now);
                self.keeper.replace_config(self.keeper.config().clone());
                Step::Use(token)
            }
            (Bug::WaitingCallerRequests, Step::Wait { .. }) if self.keeper.is_fetching() => {
                Keeper::new(self.keeper.config().clone(), Policy::default(), 8).poll(now)
            }
            (Bug::RefreshErrorIsReturned, Step::Use(token)) => match self.last_error.take() {
                Some(error) => Step::Fail(error),
                None => Step::Use(token),
            },
            (Bug::ExpiredTokenIsUsed, Step::Send(acquisition)) => match self.latest.take() {
                Some(token) => Step::Refresh { token, acquisition },
                None => Step::Send(acquisition),
            },
            (Bug::RejectedTokenComesBack, Step::Send(acquisition)) => match self.rejected.take() {
                Some(token) => Step::Refresh { token, acquisition },
                None => Step::Send(acquisition),
            },
            (Bug::AttemptIsPutOff, Step::Send(acquisition)) if acquisition.attempt() > 1 => {
                self.give_up(acquisition, now);
                Step::Wait {
                    at_most: Duration::from_secs(1),
                    because: None,
                }
            }
            (Bug::WaitIsZero, Step::Wait { because, .. }) => Step::Wait {
                at_most: Duration::ZERO,
                because,
            },
            (Bug::PermanentErrorIsWaitedFor, Step::Fail(error)) if !error.is_transient() => {
                Step::Wait {
                    at_most: Duration::from_secs(1),
                    because: Some(error),
                }
            }
            (Bug::CallerWaitsInVain, Step::Fail(error)) if error.is_transient() => Step::Wait {
                at_most: caller.time_left(now).max(Duration::from_secs(1)),
                because: Some(error),
            },
            (Bug::LateCallerGetsATimeout, Step::Fail(error)) if error.is_transient() => {
                Step::Fail(TransportError::new(TransportErrorKind::Timeout, "").into())
            }
            (_, step) => step,
        }
    }

    /// Returns the completion that the bug makes of this one, if any.
    pub(crate) fn tampered(&self, completion: Completion, now: Moment) -> Option<Completion> {
        let age = now.monotonic.saturating_sub(self.sent.monotonic);
        let store_error = || Completion::Claimed(Err(StoreError::timeout()));
        Some(match (self.bug, completion) {
            (Some(Bug::LifetimeCountsFromArrival), Completion::Response(response)) => {
                Completion::Response(server::with_later_expiry(response, age))
            }
            (Some(Bug::RetryAfterIsIgnored), Completion::Response(mut response)) => {
                response.headers_mut().clear();
                Completion::Response(response)
            }
            (
                Some(Bug::TransientErrorIsPermanent | Bug::FailedRefreshBacksOffForLong),
                Completion::Failed(_),
            ) => server::denied(),
            (Some(Bug::EntryIsIgnored), Completion::Claimed(Ok(claimed)))
                if matches!(claimed.found, Found::Entry { .. }) =>
            {
                store_error()
            }
            (Some(Bug::LeaseIsIgnored), Completion::Claimed(Ok(claimed)))
                if matches!(claimed.found, Found::Taken { .. }) =>
            {
                store_error()
            }
            (Some(Bug::StoreErrorIsAnEnd), Completion::Claimed(Err(_))) => return None,
            (_, completion) => completion,
        })
    }
}
