//! The progress of a run: messages about its events, and their effect on later requests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_driver::system_time;
use edge_oauth_no_io::{Event, StoreError};

use crate::output::terminal;

#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The time until which the cached token is valid, by the monotonic clock.
    valid_until: Mutex<Duration>,
    pub(super) has_sent: AtomicBool,
    has_warned: AtomicBool,
    has_waited: AtomicBool,
}

impl Progress {
    /// Returns whether a valid token is cached. A request is then a refresh in the background.
    pub(super) fn has_token(&self) -> bool {
        let until = self.valid_until.lock();
        system_time().monotonic < *until.unwrap_or_else(PoisonError::into_inner)
    }

    fn set_valid_for(&self, time: Duration) {
        let until = system_time().after(time).monotonic;
        *self
            .valid_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Warns once that the run goes on without its cache.
    pub(super) fn warn_about_cache(&self, error: &StoreError) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            terminal::warning(format_args!(
                "the token cache is not used: {}",
                error.detail()
            ));
        }
    }

    /// Reports once that another run makes the request.
    pub(super) fn report_other_run(&self) {
        if !self.has_waited.swap(true, Ordering::Relaxed) {
            terminal::detail(match self.has_token() {
                true => "another run is refreshing the token",
                false => "another run is requesting the same token: waiting for it",
            });
        }
    }

    /// Handles an event, and reports it if the user asked with `-v`.
    pub(super) fn report(&self, event: &Event) {
        match event {
            Event::Adopted { lifetime, age, .. } => {
                self.set_valid_for(usable(*lifetime).saturating_sub(*age));
                terminal::detail("the token is from the cache");
            }
            Event::Fetched {
                lifetime,
                took,
                cached,
                ..
            } => {
                let kept = match cached {
                    true => "",
                    false => ", too short to be cached",
                };
                terminal::end_progress();
                if *cached {
                    self.set_valid_for(usable(*lifetime));
                }
                terminal::detail(format_args!(
                    "a new token after {}: its lifetime is {}{kept}",
                    rounded(*took),
                    rounded(*lifetime)
                ));
            }
            Event::Failed {
                error,
                backoff,
                serving,
                ..
            } => {
                let backoff = rounded(*backoff);
                match (serving, self.has_sent.load(Ordering::Relaxed)) {
                    (true, true) => terminal::warning(format_args!(
                        "the cached token is used; its refresh failed: {error}"
                    )),
                    (true, false) => terminal::detail(format_args!(
                        "the cached token is used: its refresh failed in another run, and the next attempt is in {backoff}"
                    )),
                    // A person would wait without a word until the time is over.
                    _ if error.is_transient() && !terminal::is_verbose() => {
                        terminal::progress(format_args!("retrying: {error}"));
                    }
                    _ => terminal::detail(format_args!(
                        "{}: {error}; the next attempt is in {backoff} at the earliest",
                        match error.is_transient() {
                            true => "an attempt failed",
                            false => "refused",
                        }
                    )),
                }
            }
            Event::StoreFailed { error, .. } => self.warn_about_cache(error),
            Event::Waiting { backoff, .. } => {
                terminal::detail(format_args!("waiting for {}", rounded(*backoff)));
            }
            Event::Invalidated { .. } => {
                self.set_valid_for(Duration::ZERO);
                terminal::detail("the API rejected the token");
            }
            Event::Cancelled | Event::Lapsed => terminal::detail("a token request was cancelled"),
            _ => {}
        }
    }
}

/// Returns the time for which a token of this lifetime is used.
fn usable(lifetime: Duration) -> Duration {
    lifetime - (lifetime / 10).min(EXPIRY_MARGIN)
}

/// Returns the time in whole milliseconds.
fn rounded(time: Duration) -> humantime::FormattedDuration {
    let whole = Duration::new(time.as_secs(), time.subsec_millis() * 1_000_000);
    humantime::format_duration(whole)
}

/// The expiry margin of the source.
const EXPIRY_MARGIN: Duration = Duration::from_secs(30);
