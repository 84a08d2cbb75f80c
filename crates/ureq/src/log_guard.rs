//! Keeps the bytes on the wire out of the log.

use std::sync::{Mutex, PoisonError};

use log::LevelFilter;

/// Keeps the log level of the process below trace while it lives.
///
/// At trace level ureq-proto logs every byte that it sends and receives, secrets and tokens included, and it has no
/// option for this. The log level belongs to the whole process, so other trace lines are lost during a request. If a
/// program raises the level meanwhile, its level applies.
pub(crate) struct LogGuard(());

struct Count {
    living: usize,
    lowered: bool,
}

static COUNT: Mutex<Count> = Mutex::new(Count {
    living: 0,
    lowered: false,
});

impl LogGuard {
    pub(crate) fn new() -> Self {
        let mut count = COUNT.lock().unwrap_or_else(PoisonError::into_inner);
        count.living += 1;
        if log::max_level() == LevelFilter::Trace {
            log::set_max_level(LevelFilter::Debug);
            count.lowered = true;
        }
        Self(())
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let mut count = COUNT.lock().unwrap_or_else(PoisonError::into_inner);
        count.living -= 1;
        if count.living > 0 || !std::mem::take(&mut count.lowered) {
            return;
        }
        // Keep a level that the program has set meanwhile.
        if log::max_level() == LevelFilter::Debug {
            log::set_max_level(LevelFilter::Trace);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_comes_back_with_the_last_of_them_unless_it_was_changed() {
        log::set_max_level(LevelFilter::Trace);
        let (first, second) = (LogGuard::new(), LogGuard::new());
        assert_eq!(log::max_level(), LevelFilter::Debug);
        drop(first);
        assert_eq!(log::max_level(), LevelFilter::Debug);
        drop(second);
        assert_eq!(log::max_level(), LevelFilter::Trace);

        let log_guard = LogGuard::new();
        log::set_max_level(LevelFilter::Error);
        drop(log_guard);
        assert_eq!(log::max_level(), LevelFilter::Error);

        let first = LogGuard::new();
        log::set_max_level(LevelFilter::Trace);
        let second = LogGuard::new();
        assert_eq!(
            log::max_level(),
            LevelFilter::Debug,
            "the next exchange lowers it"
        );
        drop(first);
        drop(second);
        assert_eq!(log::max_level(), LevelFilter::Trace);
    }
}
