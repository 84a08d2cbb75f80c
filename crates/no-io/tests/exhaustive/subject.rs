//! The keeper under test, or a double of it with a bug.

use std::iter;
use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Caller, Completion, Config, Event, Finish, Keeper, Moment,
    Policy, SharedResponse, Snapshot, Step, StoredToken, TokenError,
};

use crate::promise::Bug;
use crate::server::config;

/// The kind of store that the keeper has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Store {
    None,
    Shared,
    Local,
}

/// A keeper that changes its inputs or outputs if it has a bug.
pub(crate) struct Subject {
    pub(crate) keeper: Keeper,
    pub(crate) bug: Option<Bug>,
    started_at: Moment,
    /// When the latest acquisition was handed out.
    handed_out: Moment,
    /// When its request left.
    pub(crate) sent: Moment,
    pub(crate) last_error: Option<TokenError>,
    pub(crate) latest: Option<AccessToken>,
    pub(crate) rejected: Option<AccessToken>,
    snapshot: Option<Snapshot>,
    events: Vec<Event>,
}

impl Subject {
    pub(crate) fn new(
        store: Store,
        version: u64,
        bug: Option<Bug>,
        is_steady: bool,
        now: Moment,
    ) -> Self {
        let policy = Policy::default();
        let policy = match is_steady {
            true => policy
                .first_refresh_from(80)
                .refresh_between(80..=80)
                .backoff(Duration::from_millis(50), Duration::from_secs(30)),
            false => policy,
        };
        let policy = match bug {
            Some(Bug::RefreshIsEarly) => policy.first_refresh_from(10).refresh_between(10..=20),
            Some(Bug::MarginIsIgnored) => policy.expiry_margin(Duration::ZERO),
            _ => policy,
        };
        let keeper = Keeper::new(config(version), policy, 7);
        let keeper = match store {
            Store::None => keeper,
            Store::Shared => keeper.with_store(),
            Store::Local => keeper.with_local_store(),
        };
        Self {
            keeper,
            bug,
            started_at: now,
            handed_out: now,
            sent: now,
            last_error: None,
            latest: None,
            rejected: None,
            snapshot: None,
            events: Vec::new(),
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn clocks(&self, now: Moment) -> Moment {
        let start = self.started_at;
        let passed = |now: Duration, start| now.saturating_sub(start);
        match self.bug {
            Some(Bug::SleepIsMissed) => Moment {
                wall: start.wall + passed(now.monotonic, start.monotonic),
                ..now
            },
            Some(Bug::MonotonicClockIsMissed) => Moment {
                monotonic: start.monotonic + passed(now.wall, start.wall),
                ..now
            },
            _ => now,
        }
    }

    pub(crate) fn poll(&mut self, caller: &mut Caller, now: Moment) -> Step {
        let now = self.clocks(now);
        let step = self.keeper.poll_for(caller, now);
        let step = self.with_bug(step, caller, now);
        if let Step::Send(_) | Step::Refresh { .. } = &step {
            self.handed_out = now;
        }
        step
    }

    /// Loses an acquisition, and tells of it to nobody.
    pub(crate) fn give_up(&mut self, acquisition: Acquisition, now: Moment) {
        let told: Vec<_> = self.told();
        self.keeper.finish(acquisition, now);
        let _ = self.told();
        self.events.extend(told);
    }

    fn told(&mut self) -> Vec<Event> {
        iter::from_fn(|| self.keeper.poll_event()).collect()
    }

    pub(crate) fn act(&mut self, acquisition: &mut Acquisition, now: Moment) -> Action {
        let now = match self.has(Bug::RequestIgnoresItsEnd) {
            true => self.handed_out,
            false => self.clocks(now),
        };
        let action = acquisition.poll(now, [0; 16]);
        if let Action::Send(..) = action {
            self.sent = now;
        }
        action
    }

    pub(crate) fn handle(
        &mut self,
        acquisition: &mut Acquisition,
        completion: Completion,
        now: Moment,
    ) {
        let now = self.clocks(now);
        if let Some(completion) = self.tampered(completion, now) {
            acquisition.handle(completion, now);
        }
    }

    pub(crate) fn finish(
        &mut self,
        acquisition: Acquisition,
        now: Moment,
    ) -> Option<Result<AccessToken, TokenError>> {
        let now = self.clocks(now);
        let outcome = self.keeper.finish(acquisition, now);
        match &outcome {
            Some(Ok(token)) => {
                self.last_error = None;
                self.latest = Some(token.clone());
                if self.has(Bug::TokensInALoop) && self.keeper.snapshot().is_none() {
                    let told = self.told();
                    self.keeper = Keeper::new(config(0), Policy::default(), 7);
                    self.events.extend(told);
                }
            }
            Some(Err(error)) => {
                self.last_error = Some(error.clone());
                if self.has(Bug::BackoffIsLifted) {
                    self.keeper.replace_config(self.keeper.config().clone());
                }
            }
            None => {}
        }
        outcome
    }

    pub(crate) fn invalidate(&mut self, token: &AccessToken, now: Moment) {
        let now = self.clocks(now);
        if self.has(Bug::RejectionIsIgnored) {
            return;
        }
        let cached = self.keeper.snapshot();
        match cached {
            Some(cached) if self.has(Bug::AnyTokenIsInvalidated) => {
                self.keeper.invalidate(cached.token(), now);
            }
            _ => self.keeper.invalidate(token, now),
        }
        self.rejected = Some(token.clone());
    }

    pub(crate) fn replace_config(&mut self, config: Config) {
        self.keeper.replace_config(config);
    }

    /// The keeper reads the clocks.
    pub(crate) fn observe(&mut self, now: Moment) {
        let _ = self.export(now);
        if self.has(Bug::ErrorsAreForgotten) && self.keeper.poll_timeout() <= Some(now.monotonic) {
            self.keeper.replace_config(self.keeper.config().clone());
        }
    }

    pub(crate) fn export(&mut self, now: Moment) -> Option<StoredToken> {
        let now = self.clocks(now);
        self.keeper.export(now)
    }

    pub(crate) fn restore(&mut self, stored: &StoredToken, now: Moment) -> bool {
        let now = self.clocks(now);
        self.keeper.restore(stored, now)
    }

    pub(crate) fn snapshot(&mut self) -> Option<Snapshot> {
        let snapshot = self.keeper.snapshot();
        if self.has(Bug::SnapshotOutlasts) {
            if let Some(snapshot) = &snapshot {
                self.snapshot.get_or_insert_with(|| snapshot.copy());
            }
            return self.snapshot.as_ref().map(Snapshot::copy).or(snapshot);
        }
        snapshot
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.keeper.poll_timeout()
    }

    pub(crate) fn is_fetching(&self) -> bool {
        self.keeper.is_fetching()
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        let mut events = std::mem::take(&mut self.events);
        events.extend(self.told());
        if self.has(Bug::RejectionsAddUp) {
            let again = events
                .iter()
                .filter(|event| matches!(event, Event::Invalidated { .. }));
            let again: Vec<_> = again.cloned().collect();
            events.extend(again);
        }
        events
    }

    pub(crate) fn end_of_lease(&mut self) -> Option<Finish<SharedResponse>> {
        let end = self.keeper.poll_finish();
        end.filter(|_| !self.has(Bug::LeaseIsKept))
    }
}
