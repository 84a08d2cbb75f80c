//! The loop of a call: poll the keeper, then run an acquisition or wait.

use std::sync::Arc;

use edge_oauth_no_io::{AccessToken, Acquisition, Caller, Moment, Place, Step, TokenError};

use crate::blocking::runtime::Runtime;
use crate::blocking::source::TokenSource;
use crate::flight::Flight;

impl<R: Runtime> TokenSource<R> {
    #[cold]
    pub(super) fn fetch(&self, mut caller: Caller) -> Result<AccessToken, TokenError> {
        let mut waiting = None;
        loop {
            let notified = self.shared.notified();
            let now = self.now();
            let step = self.shared.poll(&mut caller, now);
            if !matches!(step, Step::Use(_) | Step::Fail(_)) {
                waiting.get_or_insert_with(|| self.shared.waiting());
            }
            match step {
                Step::Use(token) => return Ok(token),
                Step::Refresh { token, acquisition } => match acquisition.place() {
                    Place::Here => self.run_here(acquisition, now),
                    _ => {
                        self.run_in_background(acquisition, now);
                        return Ok(token);
                    }
                },
                Step::Send(acquisition) => match acquisition.place() {
                    Place::Here => self.run_here(acquisition, now),
                    _ => self.run_in_background(acquisition, now),
                },
                Step::Wait { at_most, .. } => {
                    self.parts.runtime.wait(notified, at_most);
                    if let Some(token) = self.shared.cached_for(&caller, self.now()) {
                        return Ok(token);
                    }
                }
                Step::Fail(error) => return Err(error),
            }
        }
    }

    fn run_here(&self, acquisition: Acquisition, now: Moment) {
        self.parts.run(self.flight(acquisition, now));
    }

    /// If no thread can be had, the flight is dropped, and the next caller runs the acquisition itself.
    pub(super) fn run_in_background(&self, acquisition: Acquisition, now: Moment) {
        let flight = self.flight(acquisition, now);
        let parts = Arc::clone(&self.parts);
        self.parts
            .runtime
            .spawn(Box::new(move || parts.run(flight)));
    }

    fn flight(&self, acquisition: Acquisition, now: Moment) -> Flight {
        let parts = Arc::clone(&self.parts);
        Flight::new(&self.shared, parts, acquisition, now)
    }
}
