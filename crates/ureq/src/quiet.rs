//! Keeps what is on the wire out of the log.

use std::sync::{Mutex, MutexGuard, PoisonError};

use log::LevelFilter;

/// While one of these lives, the process logs nothing at trace level.
///
/// At that level ureq-proto writes every byte that it sends and receives into the log, the secret and
/// the token among them, and has no switch for it. The level is the only one that there is: it is of
/// the whole process, so other trace lines are lost too, for as long as an exchange takes.
pub(crate) struct Quiet {
    lowered: bool,
}

impl Quiet {
    pub(crate) fn new() -> Self {
        let mut count = count();
        let lowered = *count > 0 || log::max_level() == LevelFilter::Trace;
        if lowered {
            *count += 1;
            log::set_max_level(log::max_level().min(LevelFilter::Debug));
        }
        Self { lowered }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if !self.lowered {
            return;
        }
        let mut count = count();
        *count -= 1;
        // Where the program has set another level meanwhile, that one stays.
        if *count == 0 && log::max_level() == LevelFilter::Debug {
            log::set_max_level(LevelFilter::Trace);
        }
    }
}

/// How many live that have lowered the level, or found it lowered.
fn count() -> MutexGuard<'static, usize> {
    static COUNT: Mutex<usize> = Mutex::new(0);
    COUNT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_comes_back_with_the_last_of_them_unless_it_was_changed() {
        log::set_max_level(LevelFilter::Trace);
        let (first, second) = (Quiet::new(), Quiet::new());
        assert_eq!(log::max_level(), LevelFilter::Debug);
        drop(first);
        assert_eq!(log::max_level(), LevelFilter::Debug);
        drop(second);
        assert_eq!(log::max_level(), LevelFilter::Trace);

        let quiet = Quiet::new();
        log::set_max_level(LevelFilter::Error);
        drop(quiet);
        assert_eq!(log::max_level(), LevelFilter::Error);
        drop(Quiet::new());
        assert_eq!(log::max_level(), LevelFilter::Error);
    }
}
