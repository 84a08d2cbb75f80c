//! The bugs of a process's double: steps and completions that it changes.

use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Caller, Completion, Config, Found, Keeper, Moment, Policy, SecretBytes, Step,
    StoreError, TransportError, TransportErrorKind,
};

use crate::bugs::Bug;
use crate::process::Process;

impl Process {
    /// Polls the keeper. Returns the step that the bug makes of its step.
    pub(crate) fn poll(&mut self, caller: &mut Caller, now: Moment) -> Step {
        let Some(bug) = self.bug else {
            return self.keeper.poll_for(caller, now);
        };
        let mut plain = Caller::new()
            .max_wait(caller.time_left(now), now)
            .that_may_leave();
        let caller = match bug {
            Bug::WishesAreForgotten => &mut plain,
            _ => caller,
        };
        let step = self.keeper.poll_for(caller, now);
        let timeout = || TransportError::new(TransportErrorKind::Timeout, "").into();
        match (bug, step) {
            (Bug::CachedTokenIsRefreshed, Step::Use(token)) => Step::Refresh {
                token,
                acquisition: another(self.keeper.config(), now),
            },
            (Bug::WaitingCallerRequests, Step::Wait { .. }) if self.flights.len() == 1 => {
                Step::Send(another(self.keeper.config(), now))
            }
            (Bug::RejectedTokenComesBack, Step::Send(acquisition)) => match self.rejected.take() {
                Some(token) => Step::Refresh { token, acquisition },
                None => Step::Send(acquisition),
            },
            (Bug::PermanentErrorIsWaitedFor, Step::Fail(error)) if !error.is_transient() => {
                Step::Wait {
                    at_most: Duration::from_secs(1),
                    because: Some(error),
                }
            }
            (Bug::WaitIsAnError, Step::Wait { .. }) => Step::Fail(timeout()),
            (Bug::LateCallerGetsATimeout, Step::Fail(error)) if error.is_transient() => {
                Step::Fail(timeout())
            }
            (Bug::RefreshErrorIsReturned, Step::Refresh { token, acquisition }) => {
                match self.last_error.take() {
                    Some(error) => {
                        self.keeper.finish(acquisition, now);
                        Step::Fail(error)
                    }
                    None => Step::Refresh { token, acquisition },
                }
            }
            (Bug::CallerWaitsForRefresh, Step::Refresh { acquisition, .. }) => {
                Step::Send(acquisition)
            }
            (Bug::CallerWaitsForRefresh, Step::Use(_)) if self.keeper.is_fetching() => Step::Wait {
                at_most: Duration::from_secs(1),
                because: None,
            },
            (_, step) => step,
        }
    }

    /// Returns the completion that the bug makes of this one.
    pub(crate) fn tampered(&self, completion: Completion) -> Completion {
        match (self.bug, completion) {
            (Some(Bug::LifetimeIsTooLong), Completion::Response(response)) => {
                Completion::Response(response.map(|body| {
                    let body = String::from_utf8_lossy(body.as_ref()).replace(":300}", ":360}");
                    SecretBytes::new(body.into_bytes())
                }))
            }
            (Some(Bug::RetryAfterIsIgnored), Completion::Response(mut response)) => {
                response.headers_mut().clear();
                Completion::Response(response)
            }
            (Some(Bug::EntryIsIgnored), Completion::Claimed(Ok(claimed)))
                if matches!(claimed.found, Found::Entry { .. }) =>
            {
                Completion::Claimed(Err(StoreError::timeout()))
            }
            (Some(Bug::ResponsesAreLost), Completion::Response(_)) => {
                Completion::Failed(TransportError::new(TransportErrorKind::Closed, ""))
            }
            (_, completion) => completion,
        }
    }
}

/// Returns the policy that the bug makes of the default.
pub(crate) fn policy(bug: Option<Bug>) -> Policy {
    let policy = Policy::default();
    match bug {
        Some(Bug::RefreshIsEarly) => policy.first_refresh_from(10).refresh_between(10..=20),
        _ => policy,
    }
}

/// Returns an acquisition that the keeper of the process did not start.
fn another(config: &Config, now: Moment) -> Acquisition {
    let Step::Send(acquisition) = Keeper::new(config.clone(), Policy::default(), 8).poll(now)
    else {
        panic!("a keeper without a token requests one")
    };
    acquisition
}
