//! The state that the callers of one source share: the keeper behind one lock, and the cache that needs none of it.

#[cfg(test)]
mod tests;

use std::iter;
use std::sync::Arc;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Caller, Candidate, Config, Event, Finish, Keeper, Moment,
    SharedResponse, Step, StoreError, StoredToken,
};

use http::HeaderValue;

use crate::cache::Cache;
use crate::endpoints::{Endpoints, Membership};
use crate::events::Events;
use crate::meters::{Meters, Waiting};
use crate::notify::{Notified, Notify};
use crate::options::Options;
use crate::outcome;
use crate::random;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

pub(crate) struct Shared {
    state: Mutex<State>,
    notify: Notify,
    cache: Cache,
    events: Events,
    meters: Meters,
    /// Empty if the source shares nothing about endpoints.
    membership: OnceLock<Membership>,
    /// The acquisitions that run and do not wait for another process.
    pub(crate) working: AtomicUsize,
    pub(crate) options: Options,
}

struct State {
    keeper: Keeper,
    process: u32,
}

/// The waiting callers that have to see a change.
#[derive(PartialEq)]
enum Wake {
    All,
    None,
}

impl Shared {
    pub(crate) fn new(
        config: Config,
        options: Options,
        has_local_store: Option<bool>,
    ) -> Arc<Self> {
        let seed = options.seed.unwrap_or_else(random::number);
        let meters = Meters::new(&config);
        let keeper = Keeper::new(config, Arc::clone(&options.policy), seed);
        let keeper = match has_local_store {
            Some(true) => keeper.with_local_store(),
            Some(false) => keeper.with_store(),
            None => keeper,
        };
        let process = random::process();
        Arc::new(Self {
            state: Mutex::new(State { keeper, process }),
            notify: Notify::default(),
            cache: Cache::new(),
            events: Events::default(),
            meters,
            membership: OnceLock::new(),
            working: AtomicUsize::new(0),
            options,
        })
    }

    /// Returns the cached token if nothing has to be done about it.
    #[inline]
    pub(crate) fn cached(&self, now: Moment) -> Option<AccessToken> {
        self.cache.get(now)
    }

    /// Returns the token that `poll` would return to a caller that was woken, without the keeper's lock: a thousand callers
    /// are woken at once.
    pub(crate) fn cached_for(&self, caller: &Caller, now: Moment) -> Option<AccessToken> {
        let takes_it = caller.takes_any_token();
        takes_it.then(|| self.cached(now)).flatten()
    }

    /// Returns the header value of the cached token if nothing has to be done about it.
    #[inline]
    pub(crate) fn cached_authorization(&self, now: Moment) -> Option<HeaderValue> {
        self.cache.authorization(now)
    }

    /// Returns a wait for the next change. Call it before you poll, or a change in between is missed.
    pub(crate) fn notified(&self) -> Notified {
        self.notify.notified()
    }

    /// Counts a caller that waits, until the result is dropped.
    pub(crate) fn waiting(&self) -> Waiting {
        self.meters.waiting()
    }

    /// Returns whether no acquisition of this source is under way.
    pub(crate) fn is_settled(&self) -> bool {
        self.working.load(Ordering::SeqCst) == 0
    }

    pub(crate) fn end_work(&self) {
        self.working.fetch_sub(1, Ordering::SeqCst);
        self.notify.notify_all();
    }

    /// Returns what to do. An acquisition in it counts as work, which its [`Work`](crate::flight::Work) ends.
    pub(crate) fn poll(&self, caller: &mut Caller, now: Moment) -> Step {
        let admit = |candidate: &Candidate<'_>| match self.membership.get() {
            Some(membership) => membership.admit(candidate, now),
            None => Ok(()),
        };
        self.change(Wake::None, |keeper| {
            let step = keeper.poll_among(caller, now, admit);
            if matches!(step, Step::Send(_) | Step::Refresh { .. }) {
                // Under the keeper's lock: once a caller or an event tells of an acquisition, `settle` waits for it.
                self.working.fetch_add(1, Ordering::SeqCst);
            }
            step
        })
    }

    /// Returns the token for a caller that never waits, and the acquisition to run in the background for it.
    pub(crate) fn poll_without_wait(
        &self,
        now: Moment,
    ) -> (Option<AccessToken>, Option<Acquisition>) {
        match self.poll(&mut Caller::new().that_never_waits(), now) {
            Step::Use(token) => (Some(token), None),
            Step::Refresh { token, acquisition } => (Some(token), Some(acquisition)),
            Step::Send(acquisition) => (None, Some(acquisition)),
            Step::Wait { .. } | Step::Fail(_) => (None, None),
        }
    }

    /// Shares from now on what the source learns about its endpoint. The first call counts.
    pub(crate) fn share_endpoints(&self, endpoints: &Endpoints) {
        self.membership.get_or_init(|| endpoints.join());
    }

    /// Takes the outcome of an acquisition. Returns it in one word, and the end of its lease.
    pub(crate) fn finish(
        &self,
        acquisition: Acquisition,
        now: Moment,
    ) -> (&'static str, Option<Finish<SharedResponse>>) {
        if let Some(membership) = self.membership.get() {
            membership.note(&acquisition, now);
        }
        let mut outcome = None;
        let finish = self.change_and_see(
            Wake::All,
            |keeper| {
                keeper.finish(acquisition, now);
                keeper.poll_finish()
            },
            |event| outcome = outcome.or(outcome::of_event(event)),
        );
        (outcome.unwrap_or(outcome::IGNORED), finish)
    }

    pub(crate) fn handle_store_error(&self, error: StoreError) {
        self.change(Wake::None, |keeper| keeper.handle_store_error(error));
    }

    pub(crate) fn invalidate(&self, token: &AccessToken, now: Moment) {
        self.change(Wake::None, |keeper| keeper.invalidate(token, now));
    }

    pub(crate) fn replace_config(&self, config: Config) {
        self.change(Wake::All, |keeper| keeper.replace_config(config));
    }

    pub(crate) fn export(&self, now: Moment) -> Option<StoredToken> {
        self.change(Wake::None, |keeper| keeper.export(now))
    }

    pub(crate) fn restore(&self, stored: &StoredToken, now: Moment) -> bool {
        self.change(Wake::All, |keeper| keeper.restore(stored, now))
    }

    pub(crate) fn config(&self) -> Config {
        self.lock().keeper.config().clone()
    }

    fn change<R>(&self, wake: Wake, change: impl FnOnce(&mut Keeper) -> R) -> R {
        self.change_and_see(wake, change, |_| {})
    }

    /// Every change goes through here: it publishes the snapshot, wakes the callers, and then reports the events. `see` is
    /// shown the events of this change.
    fn change_and_see<R>(
        &self,
        wake: Wake,
        change: impl FnOnce(&mut Keeper) -> R,
        mut see: impl FnMut(&Event),
    ) -> R {
        let mut state = self.lock();
        let process = random::process();
        if state.process != process {
            // Both sides of a `fork` have the parent's seed.
            state.process = process;
            state.keeper.reseed(random::number());
        }
        let result = change(&mut state.keeper);
        self.cache.set(state.keeper.snapshot());
        let config = state.keeper.config().clone();
        let new = iter::from_fn(|| state.keeper.poll_event()).inspect(|event| see(event));
        // Under the keeper's lock, so that the order is the keeper's.
        let has_events = self.events.add(&config, new);
        drop(state);
        if wake == Wake::All {
            self.notify.notify_all();
        }
        if has_events {
            let observer = self.options.observer.as_ref();
            self.events.deliver(&self.meters, observer);
        }
        result
    }

    /// A panic elsewhere leaves the state whole: the keeper finishes each change before it returns.
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
