//! The time that `--timeout` allows in all: every wait for a server takes from it, and the time that a person
//! or a command takes does not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_driver::system_time;
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError, TransportErrorKind};
use edge_oauth_ureq::UreqTransport;
use http::{Request, Response};

/// The time that is left.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    left: Duration,
    /// The end, by the monotonic clock, while work is being done.
    ends: Option<Duration>,
}

impl Budget {
    pub(crate) fn new(left: Duration) -> Self {
        Self(Arc::new(Mutex::new(State { left, ends: None })))
    }

    pub(crate) fn left(&self) -> Duration {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.ends {
            Some(ends) => ends.saturating_sub(system_time().monotonic),
            None => state.left,
        }
    }

    /// Does work that takes from the time, and tells it how much is left.
    pub(crate) fn spend<T>(&self, work: impl FnOnce(Duration) -> T) -> T {
        let left = self.left();
        self.set(left, Some(system_time().after(left).monotonic));
        let done = work(left);
        self.set(self.left(), None);
        done
    }

    fn set(&self, left: Duration, ends: Option<Duration>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State { left, ends };
    }
}

/// A transport whose requests all end within the budget.
#[derive(Debug)]
pub(crate) struct Bounded {
    pub(crate) transport: UreqTransport,
    pub(crate) budget: Budget,
}

impl Transport for Bounded {
    fn send(
        &self,
        request: Request<SecretBytes>,
        mut limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        limits.timeout = limits.timeout.min(self.budget.left());
        if limits.timeout.is_zero() {
            let detail = "the time of --timeout is over";
            return Err(TransportError::new(TransportErrorKind::Timeout, detail));
        }
        self.transport.send(request, limits)
    }
}

#[cfg(test)]
mod tests {
    use edge_oauth_local::LocalEdge;

    use super::*;

    // fault: timeout-per-request
    #[test]
    fn request_is_not_sent_when_the_time_is_over() {
        let edge = LocalEdge::start().unwrap();
        let transport = UreqTransport::new();
        let budget = Budget::new(Duration::ZERO);
        let bounded = Bounded { transport, budget };
        let mut request = Request::new(SecretBytes::new(Vec::new()));
        *request.uri_mut() = edge.token_url().parse().unwrap();
        let limits = RequestLimits::token(Duration::from_secs(600));
        let error = bounded.send(request, limits).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Timeout);
        assert_eq!(edge.served().token_requests, 0);
    }

    // fault: timeout-per-request
    #[test]
    fn time_is_taken_by_work_and_not_by_what_is_between() {
        let budget = Budget::new(Duration::from_secs(600));
        let left = budget.spend(|left| left);
        assert_eq!(left, Duration::from_secs(600));
        let after = budget.left();
        assert!(after <= left);
        assert_eq!(budget.left(), after, "nothing is taken outside of work");
        let none = Budget::new(Duration::ZERO);
        assert_eq!(none.spend(|left| left), Duration::ZERO);
    }
}
