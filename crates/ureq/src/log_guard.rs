//! Keeps what is on the wire out of the log.

use std::sync::{Mutex, PoisonError};

use log::LevelFilter;

/// While one of these lives, the process logs nothing at trace level.
///
/// At that level ureq-proto writes every byte that it sends and receives into the log, the secret and
/// the token among them, and has no switch for it. The level is the only one that there is. It is of
/// the whole process, so other trace lines are lost too, for as long as a request takes; and a
/// program that raises it meanwhile has what it asked for.
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
        // A level that the program has set meanwhile stays, unless it is the one that was set here.
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
