//! Events on their way from the keeper to the observer.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use edge_oauth_no_io::{Config, Event};

use crate::meters::Meters;
use crate::options::Observer;
use crate::sync::{Mutex, MutexGuard, PoisonError};
use crate::trace;

/// Events in the keeper's order, whichever threads report them.
#[derive(Default)]
pub(crate) struct Events(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    events: VecDeque<(Config, Event)>,
    is_delivering: bool,
}

impl Events {
    /// Adds events of a source with this configuration. Returns whether there were any.
    pub(crate) fn add(&self, config: &Config, new: impl Iterator<Item = Event>) -> bool {
        let mut new = new.peekable();
        if new.peek().is_none() {
            return false;
        }
        let new = new.map(|event| (config.clone(), event));
        self.lock().events.extend(new);
        true
    }

    /// Reports the events, one thread at a time. An observer that calls the source does not wait for itself.
    pub(crate) fn deliver(&self, meters: &Meters, observer: Option<&Observer>) {
        let mut queue = self.lock();
        if queue.is_delivering {
            return;
        }
        queue.is_delivering = true;
        while let Some((config, event)) = queue.events.pop_front() {
            drop(queue);
            // Neither a log nor an observer that panics takes a caller, an acquisition or the events to come with it.
            let _ = catch_unwind(AssertUnwindSafe(|| trace::log(&config, &event)));
            meters.record(&config, &event);
            if let Some(observer) = observer {
                let _ = catch_unwind(AssertUnwindSafe(|| observer(&event)));
            }
            queue = self.lock();
        }
        // A source is idle for most of a token's lifetime, and the room for one event is a few hundred bytes.
        queue.events = VecDeque::new();
        queue.is_delivering = false;
    }

    /// A panic elsewhere leaves the queue whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
