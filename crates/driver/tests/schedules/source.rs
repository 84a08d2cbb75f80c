//! A source of either kind, and callers that check what they see.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Config, Secret, TokenError};

use crate::options::Options;
use crate::schedules::seeded::Seeded;
use crate::schedules::server::{Reply, Server};
use crate::schedules::store::FaultyStore;
use crate::schedules::world::{AsScripted, Job, World};
use crate::{blocking, nonblocking};

/// The loop that runs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Threads,
    Tasks,
}

#[derive(Clone)]
pub(crate) enum Source {
    Threads(blocking::TokenSource<World>),
    Tasks(nonblocking::TokenSource<World>, World),
}

pub(crate) fn config(secret: &str) -> Config {
    let builder = Config::builder("https://login.example/token", "id");
    builder.client_secret(Secret::new(secret)).build().unwrap()
}

impl Source {
    pub(crate) fn new(
        kind: Kind,
        server: &Server,
        world: &World,
        options: Options,
        store: Option<FaultyStore>,
    ) -> Self {
        let options = options.seed(7);
        match kind {
            Kind::Threads => {
                let mut builder = blocking::TokenSource::builder(config("s3cret")).options(options);
                if let Some(store) = store {
                    builder = builder.store(store).unwrap();
                }
                Self::Threads(builder.runtime(world.clone()).build(server.clone()))
            }
            Kind::Tasks => {
                let builder = nonblocking::Builder::new(config("s3cret"), world.clone());
                let mut builder = builder.options(options);
                if let Some(store) = store {
                    builder = builder.store(store).unwrap();
                }
                Self::Tasks(builder.build(server.clone()), world.clone())
            }
        }
    }

    pub(crate) fn token(&self) -> Result<AccessToken, TokenError> {
        match self {
            Self::Threads(source) => source.token(),
            Self::Tasks(source, world) => world.block_on(source.token()),
        }
    }

    pub(crate) fn token_within(&self, time: Duration) -> Result<AccessToken, TokenError> {
        match self {
            Self::Threads(source) => source.token_within(time),
            Self::Tasks(source, world) => world.block_on(source.token_within(time)),
        }
    }

    pub(crate) fn refresh(&self) -> Result<AccessToken, TokenError> {
        match self {
            Self::Threads(source) => source.refresh(),
            Self::Tasks(source, world) => world.block_on(source.refresh()),
        }
    }

    pub(crate) fn try_token(&self) -> Option<AccessToken> {
        match self {
            Self::Threads(source) => source.try_token(),
            Self::Tasks(source, _) => source.try_token(),
        }
    }

    pub(crate) fn invalidate(&self, token: &AccessToken) {
        match self {
            Self::Threads(source) => source.invalidate(token),
            Self::Tasks(source, _) => source.invalidate(token),
        }
    }

    pub(crate) fn replace_config(&self, config: Config) {
        match self {
            Self::Threads(source) => source.replace_config(config),
            Self::Tasks(source, _) => source.replace_config(config),
        }
    }

    pub(crate) fn settle(&self, at_most: Duration) -> bool {
        match self {
            Self::Threads(source) => source.settle(at_most),
            Self::Tasks(source, world) => world.block_on(source.settle(at_most)),
        }
    }
}

/// One source, its server and its world. Clones are one scene.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) kind: Kind,
    pub(crate) world: World,
    pub(crate) server: Server,
    pub(crate) source: Source,
    seen: Arc<Mutex<Seen>>,
}

/// The token as callers know it.
#[derive(Default)]
struct Seen {
    /// The end of the newest token that a caller had, and no caller rejected.
    valid_until: Option<Duration>,
    rejections: usize,
}

impl Scene {
    pub(crate) fn new(kind: Kind, world: World, replies: impl IntoIterator<Item = Reply>) -> Self {
        let server = Server::new(&world, replies);
        let source = Source::new(kind, &server, &world, Options::default(), None);
        Self::with(kind, world, server, source)
    }

    pub(crate) fn with(kind: Kind, world: World, server: Server, source: Source) -> Self {
        Self {
            kind,
            world,
            server,
            source,
            seen: Arc::default(),
        }
    }

    /// Returns a thread of this scene.
    pub(crate) fn job(&self, job: impl FnOnce(Self) + Send + 'static) -> Job {
        let mut scene = self.clone();
        if self.world.seeded() == Seeded::TwoSources {
            let (server, world) = (&scene.server, &scene.world);
            scene.source = Source::new(scene.kind, server, world, Options::default(), None);
        }
        Box::new(move || job(scene))
    }

    /// Runs `job` in this many threads, and waits for them and for all that they start.
    pub(crate) fn run_all(&self, threads: usize, job: impl Fn(Self) + Clone + Send + 'static) {
        self.world.run((0..threads).map(|_| self.job(job.clone())));
    }

    /// Asks for a token as a program does.
    ///
    /// # Panics
    ///
    /// Panics if the caller waited beside a valid token, or has a token that is no longer to be handed out.
    pub(crate) fn ask(&self) -> Result<AccessToken, TokenError> {
        self.watched(|| match self.world.seeded() {
            Seeded::AlwaysRefreshes => self.source.refresh(),
            _ => self.source.token(),
        })
    }

    pub(crate) fn watched(
        &self,
        ask: impl FnOnce() -> Result<AccessToken, TokenError>,
    ) -> Result<AccessToken, TokenError> {
        let (before, waits) = (self.valid(), self.world.waits());
        let result = ask();
        let waited = self.world.waits() - waits;
        if before.is_some() && self.valid() == before {
            assert_eq!(waited, 0, "a caller waited beside a valid token");
        }
        if let Ok(token) = &result {
            let (now, end) = (self.world.time().monotonic, self.server.end(token.expose()));
            assert!(now < end, "a caller has an expired token");
            let mut seen = self.seen.lock().unwrap();
            seen.valid_until = seen.valid_until.max(Some(end));
        }
        result
    }

    /// Returns the number of rejections if a valid token is cached.
    fn valid(&self) -> Option<usize> {
        let seen = self.seen.lock().unwrap();
        let now = self.world.time().monotonic;
        let end = seen.valid_until?;
        (now < end).then_some(seen.rejections)
    }

    /// Rejects a token as an API does.
    pub(crate) fn reject(&self, token: &AccessToken) {
        self.forget();
        self.source.invalidate(token);
    }

    /// From now on a caller may have to wait.
    pub(crate) fn forget(&self) {
        let mut seen = self.seen.lock().unwrap();
        seen.valid_until = None;
        seen.rejections += 1;
    }

    /// Asks, and has the panic of a transport as the caller of a thread has it: `None`.
    pub(crate) fn ask_or_panic(&self) -> Option<Result<AccessToken, TokenError>> {
        match catch_unwind(AssertUnwindSafe(|| self.ask())) {
            Ok(result) => Some(result),
            Err(panic) if panic.is::<AsScripted>() => None,
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Asks, and goes away after this many polls. A thread cannot: it has no time.
    pub(crate) fn ask_and_leave(&self, polls: usize) {
        match &self.source {
            Source::Threads(source) => drop(source.token_within(Duration::ZERO)),
            Source::Tasks(source, _) => {
                let mut token = pin!(source.token());
                let mut context = Context::from_waker(Waker::noop());
                for _ in 0..polls {
                    if token.as_mut().poll(&mut context).is_ready() {
                        return;
                    }
                    shuttle::thread::yield_now();
                }
            }
        }
    }
}
