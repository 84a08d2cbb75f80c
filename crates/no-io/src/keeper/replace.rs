//! The cached token, the configuration and the seed are replaced from outside.

use crate::acquisition::known::Known;
use crate::clock::Moment;
use crate::config::config::Config;
use crate::keeper::backoff::Backoff;
use crate::keeper::cached_token::CachedToken;
use crate::keeper::event::Event;
use crate::keeper::keeper::Keeper;
use crate::keeper::policy::MIN_INTERVAL;
use crate::keeper::stored_token::StoredToken;
use crate::token::AccessToken;

impl Keeper {
    /// Drops exactly this token, since an API rejected it, unless a newer one is cached (promise 6).
    ///
    /// If one new token after the other is rejected, the tokens are not at fault: from the second on, a rejected token
    /// stays cached until it is 2 s old, then 4 s, and so on up to the longest permanent backoff. A route that rejects
    /// everything costs few requests, and other callers go on meanwhile.
    pub fn invalidate(&mut self, token: &AccessToken, now: Moment) {
        let time = self.observe(now);
        self.uncached
            .take_if(|uncached| uncached.token.is_same(token));
        let cached = self.cached.as_ref();
        let Some(cached) = cached.filter(|cached| cached.token.is_same(token)) else {
            return;
        };
        let age = time.since(cached.sent);
        let max = self.policy.permanent_backoff.max;
        let kept = Backoff {
            initial: 2 * MIN_INTERVAL,
            max,
        };
        if self.invalidations > 0 && age < kept.after(self.invalidations) {
            return;
        }
        // A token that lived so long was accepted before.
        self.invalidations = match age > 2 * max {
            true => 1,
            false => self.invalidations.saturating_add(1),
        };
        self.rejected.add(token);
        self.cached = None;
        self.journal.record(Event::Invalidated { age });
    }

    /// Replaces the configuration, such as after the secret was rotated, and lifts every backoff. If it shares the health of
    /// its endpoint, the wait after a 429 to its client ends after a second.
    ///
    /// A token of the same cache key stays cached. A response to the old configuration that is still in flight is not
    /// taken, and the next request does not wait for it.
    pub fn replace_config(&mut self, config: Config) {
        self.is_lifted |= self.failures.last().is_some();
        self.failures.clear();
        self.flights.lift_delays();
        // The backoff that other processes share is lifted as well.
        self.first_start = None;
        if config.makes_same_requests(&self.config) {
            self.config = config;
            return;
        }
        if config.cache_key() != self.config.cache_key() {
            self.cached = None;
        }
        self.config = config;
        self.uncached = None;
        self.invalidations = 0;
        if let Some(known) = &mut self.known {
            **known = Known::default();
        }
        self.flights.disown();
        self.journal.record(Event::Replaced);
    }

    /// Returns the cached token, to be stored. An expired token is not exported.
    pub fn export(&mut self, now: Moment) -> Option<StoredToken> {
        let time = self.observe(now);
        let cached = self.cached.as_ref()?;
        Some(cached.export(self.config.cache_key().clone(), time, now))
    }

    /// Takes over a stored token if it is of this configuration, still valid, newer than the cached one, and was not
    /// rejected. Returns whether it was taken.
    pub fn restore(&mut self, stored: &StoredToken, now: Moment) -> bool {
        let time = self.observe(now);
        if stored.key() != self.config.cache_key() {
            return false;
        }
        let restored = CachedToken::restored(stored, time, now, &self.policy, &mut self.jitter)
            .filter(|restored| !restored.is_expired(time))
            // Promise 6: a rejected token is never sent again.
            .filter(|restored| !self.rejected.contains(&restored.token));
        let is_newer = |restored: &CachedToken| {
            let cached = self.cached.as_ref();
            cached.is_none_or(|cached| {
                // Promise 4: of the cached token, the keeper knows the age better than the wall clock.
                let is_another = restored.token.expose() != cached.token.expose();
                let expires_later = restored.schedule.expiry > cached.schedule.expiry;
                is_another && expires_later && restored.sent > cached.sent
            })
        };
        let Some(restored) = restored.filter(is_newer) else {
            return false;
        };
        self.journal.record(Event::Restored {
            lifetime: restored.lifetime,
            expiry: restored.wall_expiry(time, now),
        });
        self.cached = Some(restored);
        true
    }

    /// Mixes randomness into the seed, such as after a `fork`: two processes with one seed would refresh together.
    pub fn reseed(&mut self, entropy: u64) {
        self.jitter.mix(entropy);
    }
}
