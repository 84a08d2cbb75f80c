//! A transport on which a test decides when an answer comes, and sees who waits.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, block_on};
use edge_oauth_driver::{BoxFuture, Notified, Options, blocking, nonblocking};
use edge_oauth_no_io::{
    Config, Moment, Origin, Provider, RequestLimits, Secret, SecretBytes, TransportError,
    TransportErrorKind,
};
use http::{Request, Response};

#[derive(Clone)]
pub(crate) struct Stage(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    clock: Clock,
}

struct State {
    open: bool,
    requests: Vec<Request<SecretBytes>>,
    waiting: usize,
    /// Those that wait for the answers to be let go.
    tasks: Vec<Waker>,
    answers: VecDeque<Answer>,
    tasks_run: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Answer {
    /// A token with this life, named after the number of its request.
    Token(u64),
    /// A status with these headers and this body.
    Status(u16, &'static str, &'static str),
    Fault(TransportErrorKind),
    Panic,
}

pub(crate) fn config() -> Config {
    let api = Origin::from_url("https://api.example").unwrap();
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .provider(Provider::experience_edge().origin(api))
        .build()
        .unwrap()
}

impl Stage {
    /// Answers with these, then with tokens that live 900 s.
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let state = State {
            open: true,
            requests: Vec::new(),
            waiting: 0,
            tasks: Vec::new(),
            answers: answers.into_iter().collect(),
            tasks_run: true,
        };
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            changed: Condvar::new(),
            clock: Clock::manual(),
        }))
    }

    /// Keeps answers back until [`open`](Self::open).
    pub(crate) fn closed(self) -> Self {
        self.lock().open = false;
        self
    }

    /// Drops tasks instead of running them, as a runtime does that shuts down.
    pub(crate) fn without_runtime(self) -> Self {
        self.lock().tasks_run = false;
        self
    }

    /// Runs tasks from now on.
    pub(crate) fn run_tasks(&self) {
        self.lock().tasks_run = true;
    }

    pub(crate) fn close(&self) {
        self.lock().open = false;
    }

    pub(crate) fn open(&self) {
        self.lock().open = true;
        self.0.changed.notify_all();
        let tasks = mem::take(&mut self.lock().tasks);
        tasks.into_iter().for_each(Waker::wake);
    }

    /// How many hold on to this stage.
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn requests(&self) -> usize {
        self.lock().requests.len()
    }

    /// The requests so far, as method, path, authorization and body.
    pub(crate) fn seen(&self) -> Vec<String> {
        let describe = |request: &Request<SecretBytes>| {
            let authorization = request.headers().get("authorization");
            let authorization = authorization.map_or("-", |value| value.to_str().unwrap());
            let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
            format!(
                "{} {} {authorization} {body}",
                request.method(),
                request.uri().path()
            )
        };
        self.lock().requests.iter().map(describe).collect()
    }

    /// Blocks until this many threads wait for the next notification.
    pub(crate) fn until_waiting(&self, count: usize) {
        let state = self.lock();
        drop(
            self.0
                .changed
                .wait_while(state, |state| state.waiting < count)
                .unwrap(),
        );
    }

    /// Blocks until this many requests have been sent.
    pub(crate) fn until_requests(&self, count: usize) {
        let state = self.lock();
        drop(
            self.0
                .changed
                .wait_while(state, |state| state.requests.len() < count)
                .unwrap(),
        );
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    fn begin(&self, request: Request<SecretBytes>) {
        self.lock().requests.push(request);
        self.0.changed.notify_all();
    }

    fn answer(&self) -> Result<Response<SecretBytes>, TransportError> {
        let mut state = self.lock();
        let number = state.requests.len();
        let answer = state.answers.pop_front().unwrap_or(Answer::Token(900));
        drop(state);
        let (status, headers, body) = match answer {
            Answer::Token(life) => (
                200,
                "",
                format!(r#"{{"access_token":"t{number}","expires_in":{life}}}"#),
            ),
            Answer::Status(status, headers, body) => (status, headers, body.to_owned()),
            Answer::Fault(kind) => return Err(TransportError::new(kind, "as scripted")),
            Answer::Panic => panic!("as scripted"),
        };
        let mut response = Response::builder().status(status);
        if let Some((name, value)) = headers.split_once(": ") {
            response = response.header(name, value);
        }
        Ok(response.body(SecretBytes::new(body.into_bytes())).unwrap())
    }
}

impl blocking::Transport for Stage {
    fn send(
        &self,
        request: Request<SecretBytes>,
        _: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.begin(request);
        let state = self.lock();
        drop(
            self.0
                .changed
                .wait_while(state, |state| !state.open)
                .unwrap(),
        );
        self.answer()
    }
}

impl blocking::Runtime for Stage {
    fn now(&self) -> Moment {
        self.0.clock.now()
    }

    /// A thread that waits for a backoff to end would never see the hand-driven clock move, so a test notifies it by
    /// letting somebody's acquisition finish, or uses the scripted transport.
    fn wait(&self, notified: Notified, _: Duration) {
        self.lock().waiting += 1;
        self.0.changed.notify_all();
        notified.wait(Duration::MAX);
    }

    fn spawn(&self, job: Box<dyn FnOnce() + Send>) {
        if self.lock().tasks_run {
            thread::spawn(job);
        }
    }
}

impl nonblocking::Transport for Stage {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        _: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.begin(request);
        poll_fn(|cx| {
            let mut state = self.lock();
            if state.open {
                return Poll::Ready(());
            }
            state.tasks.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
        self.answer()
    }
}

impl nonblocking::Runtime for Stage {
    fn now(&self) -> Moment {
        self.0.clock.now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if self.lock().tasks_run {
            thread::spawn(|| block_on(task));
        }
    }
}

pub(crate) fn threads(stage: &Stage) -> blocking::TokenSource<Stage> {
    threads_with(stage, config(), Options::default())
}

pub(crate) fn threads_with(
    stage: &Stage,
    config: Config,
    options: Options,
) -> blocking::TokenSource<Stage> {
    let builder = blocking::TokenSource::builder(config).options(options);
    builder.runtime(stage.clone()).build(stage.clone())
}

pub(crate) fn tasks(stage: &Stage) -> nonblocking::TokenSource<Stage> {
    tasks_with(stage, config(), Options::default())
}

pub(crate) fn tasks_with(
    stage: &Stage,
    config: Config,
    options: Options,
) -> nonblocking::TokenSource<Stage> {
    nonblocking::Builder::new(config, stage.clone())
        .options(options)
        .build(stage.clone())
}
