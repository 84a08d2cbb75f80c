//! The time limit of `--timeout` for a run. Waits for a server count, and the time of a person or a command does not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_driver::system_time;

/// The remaining time.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    left: Duration,
    /// The end by the monotonic clock, while work is in progress.
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

    /// Begins the time limit anew.
    pub(crate) fn renew(&self, left: Duration) {
        self.set(left, None);
    }

    /// Does work that counts, and passes the remaining time to it.
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

#[cfg(test)]
mod tests {
    use super::*;

    // fault: timeout-per-request
    #[test]
    fn budget_is_spent_only_by_work() {
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
