//! A store on a thread of its own.

mod reply;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_driver::{AsyncStore, BoxFuture, Store, StoreKey};
use edge_oauth_no_io::{Claim, Claimed, Config, Finish, Found, Share, StoreError};

use crate::thread::reply::{Reply, Waiting};

/// Runs the calls of a blocking store on one thread, for callers that may not wait for it.
///
/// - A thread waits for at most the timeout of its call, whatever the store does.
/// - A task waits without blocking, so this makes an [`AsyncStore`] of any [`Store`].
///
/// If the store hangs, calls queue up. A claim whose caller has gone is dropped, and a lease that comes too late for its
/// caller is given back. If the store panics, its caller gets an error and the thread goes on. More than 64 calls in the queue are
/// an error at once. The thread ends with the last clone. After a `fork`, the child has no thread, so its calls time
/// out: make the store after the fork.
///
/// ```
/// use edge_oauth_driver::AsyncStore;
/// use edge_oauth_driver::testing::MemoryStore;
/// use edge_oauth_store::StoreThread;
///
/// fn takes_async(_: impl AsyncStore) {}
/// takes_async(StoreThread::new(MemoryStore::new())?);
/// # Ok::<_, edge_oauth_no_io::StoreError>(())
/// ```
pub struct StoreThread<S> {
    store: Arc<S>,
    jobs: SyncSender<Job<S>>,
}

type Job<S> = Box<dyn FnOnce(&S) + Send>;

impl<S: Store + Send + Sync> StoreThread<S> {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no thread left.
    pub fn new(store: S) -> Result<Self, StoreError> {
        let store = Arc::new(store);
        let (jobs, queue) = sync_channel(QUEUE);
        let own = store.clone();
        thread::Builder::new()
            .name("edge-oauth-store".to_owned())
            .spawn(move || run(&*own, &queue))
            .map_err(|error| StoreError::new(format_args!("no thread: {error}")))?;
        Ok(Self { store, jobs })
    }

    fn start_claim(
        &self,
        key: &StoreKey,
        claim: &Claim,
    ) -> Waiting<Result<Claimed<Vec<u8>>, StoreError>> {
        let (key, claim, ends) = (key.clone(), claim.clone(), end(claim.timeout));
        let (jobs, own_key, timeout) = (self.jobs.clone(), key.clone(), claim.timeout);
        let waiting = self.start(move |store, reply| {
            // fault: store-runs-the-claim-of-a-caller-that-is-gone
            let is_gone = ends.is_some_and(|ends| Instant::now() >= ends);
            let claimed = match is_gone {
                true => Err(StoreError::timeout()),
                false => guarded(|| store.claim(&key, &claim)),
            };
            if let Err(claimed) = reply.send(claimed) {
                give_back(store, &key, claimed, claim.timeout);
            }
        });
        // A task may be dropped before it sees the reply. If the queue is full, the lease ends by itself.
        waiting.if_unread(move |claimed| {
            let job = move |store: &S| give_back(store, &own_key, claimed, timeout);
            let _ = jobs.try_send(Box::new(job));
        })
    }

    /// A token that comes late is of use to others, and its number fences it.
    fn start_finish(
        &self,
        key: &StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> Waiting<Result<bool, StoreError>> {
        let key = key.clone();
        self.start(move |store, reply| {
            // A result that is not waited for is dropped.
            let _ = reply.send(guarded(|| store.finish(&key, finish)));
        })
    }

    fn start<R: Send + 'static>(
        &self,
        job: impl FnOnce(&S, Reply<Result<R, StoreError>>) + Send + 'static,
    ) -> Waiting<Result<R, StoreError>> {
        let (reply, waiting) = reply::pair();
        // If the queue is full or closed, the job is dropped, and with it the reply: the caller gets an error.
        let _ = self.jobs.try_send(Box::new(move |store| job(store, reply)));
        waiting
    }
}

/// Ends the lease, if it is one. An error means that it ends by itself.
fn give_back<S: Store>(
    store: &S,
    key: &StoreKey,
    claimed: Result<Claimed<Vec<u8>>, StoreError>,
    timeout: Duration,
) {
    if let Ok(Claimed {
        found: Found::Lease { number },
        ..
    }) = claimed
    {
        let finish = Finish {
            number,
            share: Share::Nothing,
            timeout,
        };
        let _ = guarded(|| store.finish(key, finish));
    }
}

/// The thread goes on after a panic of its store.
fn guarded<R>(call: impl FnOnce() -> Result<R, StoreError>) -> Result<R, StoreError> {
    let result = catch_unwind(AssertUnwindSafe(call));
    result.unwrap_or_else(|_| Err(StoreError::new("it panicked")))
}

fn run<S>(store: &S, queue: &Receiver<Job<S>>) {
    while let Ok(job) = queue.recv() {
        // A caller's waker is foreign code too.
        let _ = catch_unwind(AssertUnwindSafe(|| job(store)));
    }
}

/// Returns `None` if the time is too far away to be a time.
fn end(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

fn dropped<R>(reply: Option<Result<R, StoreError>>) -> Result<R, StoreError> {
    reply.unwrap_or_else(|| {
        Err(StoreError::new(
            "the store's thread is too busy, or has ended",
        ))
    })
}

impl<S: Store + Send + Sync> Store for StoreThread<S> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.store.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        let reply = self.start_claim(key, claim).wait(claim.timeout)?;
        dropped(reply)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let timeout = finish.timeout;
        dropped(self.start_finish(key, finish).wait(timeout)?)
    }

    fn is_local(&self) -> bool {
        self.store.is_local()
    }
}

impl<S: Store + Send + Sync> AsyncStore for StoreThread<S> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.store.key(config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        let waiting = self.start_claim(key, claim);
        Box::pin(async move { dropped(waiting.await) })
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let waiting = self.start_finish(key, finish);
        Box::pin(async move { dropped(waiting.await) })
    }

    fn is_local(&self) -> bool {
        self.store.is_local()
    }
}

impl<S> Clone for StoreThread<S> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            jobs: self.jobs.clone(),
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for StoreThread<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreThread").field(&self.store).finish()
    }
}

const QUEUE: usize = 64;
