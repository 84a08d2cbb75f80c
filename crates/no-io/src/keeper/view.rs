//! The view that a driver has of a keeper between polls.

use std::time::Duration;

use crate::clock::Moment;
use crate::config::config::Config;
use crate::keeper::event::Event;
use crate::keeper::keeper::Keeper;
use crate::keeper::snapshot::Snapshot;
use crate::store::error::StoreError;
use crate::store::finish::Finish;
use crate::store::shared_response::SharedResponse;

impl Keeper {
    /// Returns the time of the monotonic clock at which `poll` may return a different step by itself. A past time
    /// means now. `None` before the first poll.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let monotonic = |time| self.timeline.moment(time).monotonic;
        let resumes = match (self.flights.lapses(), self.failures.until()) {
            (Some(lapses), _) => lapses.saturating_add(self.flights.spacing()),
            (None, Some(until)) => monotonic(until),
            (None, None) => Duration::ZERO,
        };
        let resumes = resumes.max(self.flights.earliest(false));
        match &self.cached {
            Some(cached) => {
                let schedule = &cached.schedule;
                Some(
                    monotonic(schedule.due)
                        .max(resumes)
                        .min(monotonic(schedule.expiry)),
                )
            }
            None => self.flights.has_started_any().then_some(resumes),
        }
    }

    /// Returns the cached token for callers that read it without the keeper, and until when that is right.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let cached = self.cached.as_ref()?;
        let schedule = &cached.schedule;
        let expiry = self.timeline.moment(schedule.expiry);
        let until = match (self.flights.lapses(), self.failures.until()) {
            (Some(lapses), _) => Moment {
                monotonic: lapses.min(expiry.monotonic),
                wall: expiry.wall,
            },
            // A refresh needs both to be over: the later of them.
            (None, Some(until)) => {
                let later = until.max(schedule.due);
                self.timeline.moment(later.min(schedule.expiry))
            }
            (None, None) => self.timeline.moment(schedule.due),
        };
        Some(Snapshot::new(
            cached.token.clone(),
            until,
            self.timeline.least_lead(),
        ))
    }

    /// Returns whether an acquisition is in flight.
    pub fn is_fetching(&self) -> bool {
        self.flights.is_any()
    }

    /// Returns the configuration in use.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the next event, oldest first. The latest 64 are kept.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.journal.next()
    }

    /// Returns the end of the lease of the acquisition that was finished last, for the store.
    pub fn poll_finish(&mut self) -> Option<Finish<SharedResponse>> {
        self.finish.take().map(|finish| *finish)
    }

    /// Reports that the store did not take the end of a lease. Other processes then wait for the lease to end by itself.
    pub fn handle_store_error(&mut self, error: StoreError) {
        self.journal.record(Event::StoreFailed { error });
    }
}
