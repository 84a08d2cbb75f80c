//! Time and threads.

use std::time::Duration;

use edge_oauth_no_io::Moment;

use crate::clock::system_time;
use crate::notify::Notified;
use crate::sync::thread;

/// The clocks, the waits and the background threads of a source. [`Threads`] has those of the standard library; a test
/// has its own ([`testing::Clock`](crate::testing::Clock)).
///
/// ```
/// use edge_oauth_driver::blocking::Runtime;
///
/// /// Runs background work in a pool of the program.
/// struct Pool(std::sync::mpsc::Sender<Box<dyn FnOnce() + Send>>);
///
/// impl Runtime for Pool {
///     fn spawn(&self, job: Box<dyn FnOnce() + Send>) {
///         // If the pool is gone, the job is dropped.
///         let _ = self.0.send(job);
///     }
/// }
/// ```
pub trait Runtime: Send + Sync + 'static {
    /// Returns what both clocks show.
    fn now(&self) -> Moment {
        system_time()
    }

    /// Blocks until `notified` is notified, and at most for this time. It may return earlier.
    fn wait(&self, notified: Notified, at_most: Duration) {
        notified.wait(at_most);
    }

    /// Runs `job` in the background. If that cannot be done, drops it: the next caller makes the request itself.
    fn spawn(&self, job: Box<dyn FnOnce() + Send>) {
        let builder = thread::Builder::new().name("edge-oauth-refresh".to_owned());
        // An error drops the job.
        let _ = builder.spawn(job);
    }
}

/// The clocks and the threads of the standard library.
///
/// ```
/// use edge_oauth_driver::blocking::{Runtime, Threads};
///
/// let (sender, receiver) = std::sync::mpsc::channel();
/// Threads.spawn(Box::new(move || sender.send("in the background").unwrap()));
/// assert_eq!(receiver.recv()?, "in the background");
/// # Ok::<_, std::sync::mpsc::RecvError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads;

impl Runtime for Threads {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::notify::Notify;

    #[test]
    fn job_runs_in_a_thread_of_its_own() {
        let (done, is_done) = sync_channel(1);
        Threads.spawn(Box::new(move || done.send(7).unwrap()));
        assert_eq!(is_done.recv(), Ok(7));
    }

    #[test]
    fn wait_lasts_until_the_notification() {
        let (notify, notified) = (Notify::default(), AtomicU32::new(0));
        let (begins, has_begun) = sync_channel(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..=100 {
                    let wait = notify.notified();
                    begins.send(()).unwrap();
                    Threads.wait(wait, Duration::MAX);
                    assert_eq!(notified.load(Ordering::SeqCst), round);
                }
            });
            for round in 1..=100 {
                has_begun.recv().unwrap();
                notified.store(round, Ordering::SeqCst);
                notify.notify_all();
            }
        });
    }
}
