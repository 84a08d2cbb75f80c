//! A time limit for work without a timeout, such as a name lookup or the opening of a pipe.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// Does work in a thread. Returns `None` if the time is over first: the thread then continues, and ends with the
/// process.
pub(crate) fn within<T: Send + 'static>(
    time: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, wait) = mpsc::sync_channel(1);
    let place = Arc::new(Mutex::new(None));
    let result = Arc::clone(&place);
    spawn(Box::new(move || {
        let worked = work();
        *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(worked);
        let _ = done.send(());
    }))?;
    wait.recv_timeout(time).ok()?;
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Starts a thread. It and its channel have one type for all kinds of work, so that the program stays small.
fn spawn(work: Box<dyn FnOnce() + Send>) -> Option<()> {
    let thread = thread::Builder::new().name("edge-oauth-work".to_owned());
    thread.spawn(work).ok().map(drop)
}

/// The time limit of a run, if the user sets none.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    // fault: silent-name-server
    #[test]
    fn work_that_does_not_end_is_left_behind() {
        let (release, released) = mpsc::channel::<()>();
        let silent = move || released.recv().is_ok();
        assert_eq!(within(Duration::from_millis(1), silent), None);
        assert!(release.send(()).is_ok(), "it still waits");
        assert_eq!(within(Duration::from_secs(600), || 7), Some(7));
    }
}
