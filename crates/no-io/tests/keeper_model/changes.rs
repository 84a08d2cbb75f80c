//! The changes of the cached token and of the configuration from outside.

use std::time::Duration;

use edge_oauth_no_io::{Event, Keeper, Secret, Snapshot, StoredToken};

use super::model::Model;
use super::observed::Known;
use super::setup::{MAX_LIFETIME, audience, config};

impl Model {
    pub(super) fn invalidate(&mut self, age: u64) {
        let newest = self.known.len().saturating_sub(1);
        let index = newest.saturating_sub(age as usize);
        let Some(token) = self.known.get(index).map(|known| known.token.clone()) else {
            return;
        };
        let before = self.keeper.snapshot();
        self.keeper.invalidate(&token, self.clocks.now);
        let after = self.keeper.snapshot();
        let dropped = before.is_some() && after.is_none();
        if let (Some(before), true) = (&before, dropped) {
            let same = before.token().is_same(&token);
            assert!(same, "promise 6: another token was dropped");
        }
        self.note_loss(&before, &after);
        self.assert_events(
            |event| matches!(event, Event::Invalidated { .. }),
            usize::from(dropped),
        );
    }

    pub(super) fn replace(&mut self, version: u64) {
        let before = self.keeper.snapshot();
        self.keeper.replace_config(config(version));
        let changed = version != self.version;
        self.assert_events(
            |event| matches!(event, Event::Replaced),
            usize::from(changed),
        );
        let after = self.keeper.snapshot();
        if audience(version) == audience(self.version) {
            assert_eq!(before.is_some(), after.is_some(), "a token is dropped");
        } else {
            assert!(after.is_none(), "a token of another audience");
        }
        self.note_loss(&before, &after);
        // fault: a-fault-fixed-at-the-server
        self.backoff_until = None;
        self.latest = [self.interval; 2];
        if changed {
            self.late.extend(self.flight.take());
            self.latest = [None; 2];
            self.interval = None;
            self.failed = false;
            self.version = version;
            self.generation += 1;
        }
    }

    pub(super) fn restore(&mut self, age: u64, lifetime: u64) {
        let stored = StoredToken::new(
            self.keeper.config().cache_key().clone(),
            Secret::new(format!("t0ken-{}", self.known.len())),
            None,
            self.clocks
                .now
                .wall
                .saturating_sub(Duration::from_secs(age)),
            Duration::from_secs(lifetime),
        );
        let before = self.keeper.snapshot();
        let before = before.and_then(|before| self.find(before.token()));
        let before = before.map(|known| known.expires);
        let restored = self.keeper.restore(&stored, self.clocks.now);
        self.assert_events(
            |event| matches!(event, Event::Restored { .. }),
            usize::from(restored),
        );
        if restored {
            self.note_restored(&stored);
            let after = self.known.last().map(|known| known.expires);
            let longer = before.is_none() || before < after;
            assert!(longer, "a token with less lifetime replaces another");
        }
    }

    pub(super) fn restart(&mut self) {
        let Some(stored) = self.keeper.export(self.clocks.now) else {
            return;
        };
        self.keeper = Keeper::new(config(self.version), self.policy.policy(), 8);
        self.flight = None;
        self.late.clear();
        self.latest = [None; 2];
        self.interval = None;
        self.backoff_until = None;
        self.failed = false;
        self.known.clear();
        let restored = self.keeper.restore(&stored, self.clocks.now);
        assert_eq!(restored, self.keeper.snapshot().is_some());
        self.assert_events(
            |event| matches!(event, Event::Restored { .. }),
            usize::from(restored),
        );
        if restored {
            self.note_restored(&stored);
        }
    }

    /// Returns whether a caller that polls now is served.
    pub(super) fn serves(&self) -> bool {
        let snapshot = self.keeper.snapshot();
        let known = snapshot.and_then(|snapshot| self.find(snapshot.token()));
        known.is_some_and(|known| self.clocks.elapsed < known.expires)
    }

    pub(super) fn newest_replaces_the_others(&mut self) {
        let others = self.known.len() - 1;
        for known in &mut self.known[..others] {
            known.gone = true;
        }
    }

    /// Notes a token that was cached before and is not cached now: it must not come back.
    pub(super) fn note_loss(&mut self, before: &Option<Snapshot>, after: &Option<Snapshot>) {
        if let (Some(before), None) = (before, after) {
            let mut known = self.known.iter_mut();
            let lost = known.find(|known| known.token.is_same(before.token()));
            lost.expect("it was known").gone = true;
        }
    }

    fn note_restored(&mut self, stored: &StoredToken) {
        let snapshot = self.keeper.snapshot().expect("it was restored");
        let token = snapshot.token().clone();
        let lifetime = stored.lifetime().min(MAX_LIFETIME);
        let usable = lifetime - self.policy.margin(lifetime);
        let age = self.clocks.now.wall.saturating_sub(stored.sent());
        let left = usable.saturating_sub(age);
        let earliest_refresh = self.policy.earliest_refresh(lifetime, false);
        let earliest_refresh = earliest_refresh.saturating_sub(age);
        self.known.push(Known {
            token,
            number: 0,
            expires: self.clocks.elapsed + left.as_nanos(),
            earliest_refresh: self.clocks.elapsed + earliest_refresh.as_nanos(),
            gone: false,
        });
        assert!(self.serves(), "promise 4: an expired token is restored");
        self.newest_replaces_the_others();
    }
}
