//! A runtime with virtual time: the clock moves on when every thread of a schedule waits.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use edge_oauth_no_io::Moment;
use shuttle::thread::{self, JoinHandle, Thread};

use crate::maybe_send::BoxFuture;
use crate::nonblocking::either::either;
use crate::notify::Notified;
use crate::schedules::seeded::Seeded;
use crate::{blocking, nonblocking};

/// The threads of one schedule and their time. Clones are one world.
///
/// The lock inside is a standard one: it is never locked across a switch of threads, so it adds no schedules.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    seeded: Seeded,
}

struct State {
    now: Moment,
    /// The threads that do not wait.
    running: usize,
    /// The sleepers, by the end of the sleep.
    sleeping: BTreeMap<(Duration, u64), Waker>,
    sleeps: u64,
    threads: Vec<JoinHandle<()>>,
    /// True if a wake-up was lost, as the seeded fault has it.
    lost: bool,
    /// How often each thread waited.
    waits: BTreeMap<usize, usize>,
    runs_jobs: bool,
    is_timeless: bool,
}

/// The payload of a scripted panic. It starts without the panic hook, which would print the schedule.
pub(crate) struct AsScripted;

impl World {
    pub(crate) fn new(seeded: Seeded) -> Self {
        let now = Moment {
            monotonic: Duration::from_secs(3600),
            wall: Duration::from_secs(1_800_000_000),
        };
        let state = State {
            now,
            running: 0,
            sleeping: BTreeMap::new(),
            sleeps: 0,
            threads: Vec::new(),
            lost: false,
            waits: BTreeMap::new(),
            runs_jobs: true,
            is_timeless: false,
        };
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            seeded,
        }))
    }

    pub(crate) fn seeded(&self) -> Seeded {
        self.0.seeded
    }

    /// Has threads wait on the condition variable, as those of the standard library do. No time passes.
    pub(crate) fn timeless(self) -> Self {
        self.lock().is_timeless = true;
        self
    }

    pub(crate) fn time(&self) -> Moment {
        self.lock().now
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.now = state.now.after(by);
    }

    /// Drops background jobs from now on, or runs them.
    pub(crate) fn run_jobs(&self, run: bool) {
        self.lock().runs_jobs = run;
    }

    /// Starts a thread of this world. A scripted panic ends it, another one fails the schedule.
    pub(crate) fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.lock().running += 1;
        let running = Running(self.clone());
        let handle = thread::spawn(move || {
            let _running = running;
            if let Err(panic) = catch_unwind(AssertUnwindSafe(job)) {
                if !panic.is::<AsScripted>() {
                    resume_unwind(panic);
                }
            }
        });
        self.lock().threads.push(handle);
    }

    /// Runs these threads to their end, and every thread that they start.
    pub(crate) fn run(&self, jobs: impl IntoIterator<Item = Job>) {
        // Time begins to pass when all of them are there.
        self.lock().running += 1;
        let starting = Running(self.clone());
        jobs.into_iter().for_each(|job| self.spawn(job));
        drop(starting);
        self.join();
    }

    /// Waits for the threads of this world.
    pub(crate) fn join(&self) {
        loop {
            let Some(thread) = self.lock().threads.pop() else {
                return;
            };
            thread.join().unwrap();
        }
    }

    /// Returns how often the current thread waited for a token.
    pub(crate) fn waits(&self) -> usize {
        *self.lock().waits.entry(thread_number()).or_default()
    }

    pub(crate) fn count_wait(&self) {
        *self.lock().waits.entry(thread_number()).or_default() += 1;
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let parker = Arc::new(Parker {
            world: self.clone(),
            thread: thread::current(),
            state: Mutex::default(),
        });
        let waker = Waker::from(Arc::clone(&parker));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            self.count_wait();
            parker.park();
        }
    }

    /// Ends at this time after now.
    pub(crate) fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.lock();
        state.sleeps += 1;
        let end = state.now.monotonic.saturating_add(duration);
        let sleep = Sleep {
            world: self.clone(),
            key: (end, state.sleeps),
        };
        Box::pin(async move { poll_fn(|cx| sleep.poll(cx)).await })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// Takes a thread out of those that run. The last one moves the clock on, and wakes the first sleeper.
    fn stop_one(&self, mut state: MutexGuard<'_, State>) {
        state.running -= 1;
        if state.running > 0 {
            return;
        }
        if let Some(((end, _), waker)) = state.sleeping.pop_first() {
            let left = end.saturating_sub(state.now.monotonic);
            state.now = state.now.after(left);
            drop(state);
            waker.wake();
        }
    }
}

pub(crate) type Job = Box<dyn FnOnce() + Send>;

pub(crate) fn thread_number() -> usize {
    thread::current().id().into()
}

/// Unwinds as a panic does.
pub(crate) fn panic_as_scripted() -> ! {
    resume_unwind(Box::new(AsScripted))
}

struct Running(World);

impl Drop for Running {
    fn drop(&mut self) {
        let state = self.0.lock();
        self.0.stop_one(state);
    }
}

struct Parker {
    world: World,
    thread: Thread,
    state: Mutex<Parked>,
}

#[derive(Default)]
struct Parked {
    is_parked: bool,
    is_woken: bool,
}

impl Parker {
    fn park(&self) {
        {
            let state = self.world.lock();
            let mut parked = self.state.lock().unwrap();
            if std::mem::take(&mut parked.is_woken) {
                return;
            }
            parked.is_parked = true;
            drop(parked);
            self.world.stop_one(state);
        }
        while self.state.lock().unwrap().is_parked {
            thread::park();
        }
        self.state.lock().unwrap().is_woken = false;
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        {
            let mut state = self.world.lock();
            let mut parked = self.state.lock().unwrap();
            let loses = self.world.seeded() == Seeded::LostWakeUp && parked.is_parked;
            if loses && !std::mem::replace(&mut state.lost, true) {
                return;
            }
            parked.is_woken = true;
            if std::mem::take(&mut parked.is_parked) {
                state.running += 1;
            }
        }
        self.thread.unpark();
    }
}

struct Sleep {
    world: World,
    key: (Duration, u64),
}

impl Sleep {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.world.lock();
        if state.now.monotonic >= self.key.0 {
            return Poll::Ready(());
        }
        state.sleeping.insert(self.key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let waker = self.world.lock().sleeping.remove(&self.key);
        drop(waker);
    }
}

impl blocking::Runtime for World {
    fn now(&self) -> Moment {
        self.time()
    }

    fn wait(&self, notified: Notified, at_most: Duration) {
        if self.lock().is_timeless {
            self.count_wait();
            notified.wait(at_most);
        } else {
            self.block_on(either(notified, self.sleep(at_most)));
        }
    }

    fn spawn(&self, job: Box<dyn FnOnce() + Send>) {
        if self.lock().runs_jobs {
            self.spawn(job);
        }
    }
}

impl nonblocking::Runtime for World {
    fn now(&self) -> Moment {
        self.time()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.sleep(duration)
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if self.lock().runs_jobs {
            let world = self.clone();
            self.spawn(move || world.block_on(task));
        }
    }
}
