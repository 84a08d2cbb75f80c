//! The times at which the machine did not run this program, so that a busy machine is not taken for a fault.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::server::locked;
use super::time::{MILLISECOND, SECOND, Time, now};

#[derive(Default)]
pub(crate) struct Stalls {
    seen: Mutex<VecDeque<(Time, Time)>>,
    stops: AtomicBool,
}

impl Stalls {
    /// Starts a thread that sleeps again and again, and notes how late it wakes.
    pub(crate) fn watch() -> Arc<Self> {
        let stalls = Arc::new(Self::default());
        let shared = Arc::clone(&stalls);
        thread::spawn(move || {
            while !shared.stops.load(Ordering::Relaxed) {
                let before = now();
                thread::sleep(Duration::from_millis(10));
                let late = (now() - before).saturating_sub(10 * MILLISECOND);
                if late > 20 * MILLISECOND {
                    let mut seen = locked(&shared.seen);
                    seen.push_back((now(), late));
                    if seen.len() > 1000 {
                        seen.pop_front();
                    }
                }
            }
        });
        stalls
    }

    /// Returns the sum of the stalls since a second before this time.
    pub(crate) fn since(&self, time: Time) -> Time {
        let seen = locked(&self.seen);
        let late = seen.iter().rev();
        let late = late.take_while(|(at, _)| *at + SECOND > time);
        late.map(|(_, late)| late).sum()
    }

    pub(crate) fn stop(&self) {
        self.stops.store(true, Ordering::Relaxed);
    }
}
