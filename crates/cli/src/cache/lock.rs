//! The lock that keeps concurrent runs to one request.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cache::Problem;
use crate::terminal;

/// CachedToken until it is dropped; the system ends that of a process which dies.
#[derive(Debug)]
pub(crate) struct Lock(#[allow(dead_code, reason = "closing the file is what unlocks it")] File);

impl Lock {
    /// `None` where another run holds it for all this time.
    pub(super) fn of(file: File, at_most: Duration) -> Result<Option<Self>, Problem> {
        let began = Instant::now();
        let mut pause = SHORTEST;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self(file))),
                Err(TryLockError::Error(error)) => {
                    return Err(Problem::new(format_args!("the lock: {error}")));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            let left = at_most.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            if pause == SHORTEST {
                terminal::detail("another run is asking for the same token: waiting for it");
            }
            // The standard library's waiting lock has no timeout.
            thread::sleep(pause.min(left));
            pause = (2 * pause).min(LONGEST);
        }
    }
}

const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(50);
