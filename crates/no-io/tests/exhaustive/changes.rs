//! The cached token and the configuration are changed from outside.

use edge_oauth_no_io::Event;

use crate::facts::{Facts, Known};
use crate::promise::Promise;
use crate::server::config;
use crate::world::World;

impl World {
    /// APIs reject the token of this age, counted in tokens, to three callers.
    pub(crate) fn reject(&mut self, age: usize) -> bool {
        let Some(index) = self.tokens.len().checked_sub(age + 1) else {
            return false;
        };
        let now = self.clocks.now;
        let token = self.tokens[index].token.clone();
        let before = self.subject.snapshot();
        for _ in 0..3 {
            self.subject.invalidate(&token, now);
        }
        let events = self.events();
        let is_invalidated = |event: &&Event| matches!(event, Event::Invalidated { .. });
        let told = events.iter().filter(is_invalidated).count();
        let after = self.subject.snapshot();
        let is_current = self.valid().is_some() && self.current == Some(index);
        match is_current {
            true => {
                self.check(Promise::OneRejection, told <= 1, || {
                    format!("{told} rejections")
                });
                let is_first = self.facts.rejections == 0;
                let is_dropped = told > 0 && after.is_none();
                self.check(Promise::Dropped, is_dropped || !is_first, || {
                    "it is cached".into()
                });
                self.facts.rejections += 1;
            }
            false => {
                let is_same = match (&before, &after) {
                    (Some(before), Some(after)) => before.is_same(after),
                    (before, after) => before.is_none() && after.is_none(),
                };
                let holds = is_same && told == 0;
                self.check(Promise::Fenced, holds, || "another token is dropped".into());
            }
        }
        if told > 0 && is_current {
            self.current = None;
            for known in &mut self.tokens {
                known.is_dropped |= known.token.expose() == token.expose();
            }
        }
        self.wake_all();
        true
    }

    pub(crate) fn replace(&mut self, version: u64) -> bool {
        self.subject.replace_config(config(version));
        let facts = Facts {
            failures: self.facts.failures,
            ..Facts::default()
        };
        if version == self.version {
            // Lost acquisitions and the second between two tokens belong to any configuration.
            self.facts = Facts {
                lost: self.facts.lost,
                lost_in: self.facts.lost_in,
                lost_at: self.facts.lost_at,
                outcome_at: self.facts.outcome_at,
                token_started: self.facts.token_started,
                rejections: self.facts.rejections,
                ..facts
            };
        } else {
            self.facts = facts;
            if let Some(flight) = self.flight.take() {
                self.note_late(flight);
            }
            for flight in &mut self.late {
                flight.is_disowned = true;
            }
            if (version ^ self.version) & 2 != 0 {
                self.current = None;
            }
            self.version = version;
        }
        self.wake_all();
        true
    }

    pub(crate) fn export(&mut self) -> bool {
        if self.valid().is_none() {
            return false;
        }
        let stored = self.subject.export(self.clocks.now);
        let index = self.current.expect("a token is valid");
        self.stored = stored.map(|stored| (stored, index));
        true
    }

    pub(crate) fn restore(&mut self) -> bool {
        let Some((stored, index)) = self.stored.clone() else {
            return false;
        };
        let now = self.clocks.now;
        if !self.subject.restore(&stored, now) {
            return true;
        }
        let snapshot = self.subject.snapshot().expect("it was restored");
        // Another process can only tell by the wall clock.
        let age = now.wall.saturating_sub(stored.sent());
        let same = self
            .valid()
            .filter(|known| known.token.expose() == snapshot.token().expose());
        let sent = same.map_or(self.lived() - age.as_nanos(), |known| known.sent);
        let is_dropped = self.tokens[index].is_dropped;
        self.current = Some(self.tokens.len());
        self.tokens.push(Known {
            token: snapshot.token().clone(),
            order: 0,
            sent,
            sent_at_the_earliest: sent,
            lifetime: stored.lifetime(),
            is_first: false,
            is_cached: true,
            is_dropped,
        });
        self.wake_all();
        true
    }
}
