//! The time until the last caller of a herd is served, beside the bare primitive that wakes it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_driver::{blocking, nonblocking};
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use edge_oauth_reqwest::Tokio;
use http::{Request, Response};
use tokio::runtime::Builder;
use tokio::sync::Notify;

use crate::measure::{ROUNDS, Spread};
use crate::report::{Report, number};
use crate::sample;

const THREADS: usize = 1000;
const TASKS: usize = 10_000;
const DELAY: Duration = Duration::from_millis(500);
const THIRTY_SECONDS: Duration = Duration::from_secs(30);

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/herd.md"));
    let (mut samples, rounds) = ([const { Vec::new() }; 5], ROUNDS / 2);
    for _ in 0..rounds {
        let took = [
            condvar_threads(),
            our_threads(),
            notify_tasks(),
            timeout_tasks(),
            our_tasks(),
        ];
        for (samples, took) in samples.iter_mut().zip(took) {
            samples.push(took.as_secs_f64() * 1e3);
        }
    }
    let [condvar, threads, notify, timeout, tasks] = samples.map(Spread::from_samples);
    let row = |name: &str, figures: &Spread, first: &Spread| {
        vec![
            name.to_owned(),
            number(figures.least / first.least),
            number(figures.least),
            number(figures.median),
        ]
    };
    let rows = [
        row(
            "a bare condvar, 1,000 threads, from the request on",
            &condvar,
            &condvar,
        ),
        row(
            "edge-oauth, 1,000 threads, from the request on",
            &threads,
            &condvar,
        ),
        row(
            "`Notify` of tokio, 10,000 tasks, from the response on",
            &notify,
            &notify,
        ),
        row(
            "`Notify` with `timeout`, 10,000 tasks, from the response on",
            &timeout,
            &notify,
        ),
        row(
            "edge-oauth, 10,000 tasks, from the response on",
            &tasks,
            &notify,
        ),
    ];
    report.table(
        &["callers", "time, ratio", "ms, minimum", "ms, median"],
        &rows,
    );
    report.at_most(
        "last of 1,000 threads to a bare condvar",
        1.05,
        threads.least / condvar.least,
        None,
    );
    report.at_most(
        "last of 10,000 tasks to `Notify`",
        1.3,
        tasks.least / notify.least,
        None,
    );
    report.verdicts();
}

/// Returns the time until the last of many threads has returned from `call`.
fn herd(call: impl Fn() + Sync) -> Duration {
    let gate = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        let call = || {
            gate.wait();
            call();
        };
        let callers: Vec<_> = (0..THREADS).map(|_| scope.spawn(call)).collect();
        gate.wait();
        let start = Instant::now();
        for caller in callers {
            caller.join().expect("a caller does not panic");
        }
        start.elapsed()
    })
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Idle,
    Requested,
    Ready,
}

/// The first caller makes the request, and the others wait.
fn condvar_threads() -> Duration {
    let (state, changed) = (Mutex::new(State::Idle), Condvar::new());
    herd(|| {
        let mut current = state.lock().unwrap_or_else(PoisonError::into_inner);
        if *current == State::Idle {
            *current = State::Requested;
            drop(current);
            thread::sleep(DELAY);
            *state.lock().unwrap_or_else(PoisonError::into_inner) = State::Ready;
            changed.notify_all();
            return;
        }
        while *current != State::Ready {
            current = changed
                .wait(current)
                .unwrap_or_else(PoisonError::into_inner);
        }
    })
}

type Outcome = Result<Response<SecretBytes>, TransportError>;

fn response() -> Outcome {
    Ok(Response::new(SecretBytes::new(sample::response().into())))
}

struct Slow;

impl blocking::Transport for Slow {
    fn send(&self, _: Request<SecretBytes>, _: RequestLimits) -> Outcome {
        thread::sleep(DELAY);
        response()
    }
}

fn our_threads() -> Duration {
    let source =
        blocking::TokenSource::<blocking::Threads>::new(Slow, sample::config(sample::ENDPOINT));
    herd(|| assert!(source.token().is_ok(), "the response is a token"))
}

/// Returns the time from the response until the last of many tasks is served. `respond` ends the wait of all tasks.
fn flock<F: Future<Output = ()> + Send + 'static>(
    call: impl Fn() -> F,
    respond: impl Fn(),
) -> Duration {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime of two threads").block_on(async {
        let waiting = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let (call, waiting) = (call(), Arc::clone(&waiting));
                tokio::spawn(async move {
                    let (mut call, mut is_first) = (pin!(call), true);
                    poll_fn(|context| {
                        let polled = call.as_mut().poll(context);
                        if std::mem::take(&mut is_first) {
                            waiting.fetch_add(1, Ordering::Relaxed);
                        }
                        polled
                    })
                    .await;
                })
            })
            .collect();
        while waiting.load(Ordering::Relaxed) < TASKS {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let start = Instant::now();
        respond();
        for task in tasks {
            task.await.expect("a caller does not panic");
        }
        start.elapsed()
    })
}

fn notify_tasks() -> Duration {
    let notify = Arc::new(Notify::new());
    flock(
        || {
            let notify = Arc::clone(&notify);
            async move { notify.notified().await }
        },
        || notify.notify_waiters(),
    )
}

/// Each task has a timer of its own, as a caller of a source has.
fn timeout_tasks() -> Duration {
    let notify = Arc::new(Notify::new());
    flock(
        || {
            let notify = Arc::clone(&notify);
            async move {
                let waited = tokio::time::timeout(THIRTY_SECONDS, notify.notified()).await;
                assert!(waited.is_ok(), "the notification comes before");
            }
        },
        || notify.notify_waiters(),
    )
}

/// Responds when it is told to.
struct Told(Arc<Notify>);

impl nonblocking::Transport for Told {
    async fn send(&self, _: Request<SecretBytes>, _: RequestLimits) -> Outcome {
        self.0.notified().await;
        response()
    }
}

fn our_tasks() -> Duration {
    let told = Arc::new(Notify::new());
    let config = sample::config(sample::ENDPOINT);
    let source = nonblocking::Builder::new(config, Tokio).build(Told(Arc::clone(&told)));
    flock(
        || {
            let source = source.clone();
            async move { assert!(source.token().await.is_ok(), "the response is a token") }
        },
        || told.notify_one(),
    )
}
