//! Callers that are tasks, over reqwest.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use edge_oauth_reqwest::{ReqwestTransport, TokenSource};
use tokio::runtime::{self, Runtime};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::caller::{Act, Gate, NoKey, PAUSE, Target};
use super::time::{Random, duration};

pub(crate) struct Tasks {
    runtime: Runtime,
    sources: Vec<TokenSource>,
    callers: Vec<JoinHandle<()>>,
}

impl Tasks {
    pub(crate) fn start(
        targets: &[Arc<Target>],
        callers: usize,
        seed: u64,
        gate: &Arc<Gate>,
    ) -> io::Result<Self> {
        let mut builder = runtime::Builder::new_multi_thread();
        let mut tasks = Self {
            runtime: builder.worker_threads(2).enable_all().build()?,
            sources: Vec::new(),
            callers: Vec::new(),
        };
        for target in targets {
            let config = target.config(0).ok_or(io::ErrorKind::InvalidInput)?;
            let part = target.number as u64;
            let builder = TokenSource::builder(config).signer(NoKey);
            let builder = builder.options(target.options(seed ^ part));
            let source = builder.build(ReqwestTransport::new().map_err(io::Error::other)?);
            tasks.sources.push(source.clone());
            for caller in 0..callers {
                let (source, target) = (source.clone(), Arc::clone(target));
                let gate = Arc::clone(gate);
                let random = Random::new(seed, 1000 + part * 100 + caller as u64);
                let caller = tasks.runtime.spawn(call(source, target, gate, random));
                tasks.callers.push(caller);
            }
        }
        Ok(tasks)
    }

    /// Waits until no source has a request under way. Returns whether all are done.
    pub(crate) fn settle(&self) -> bool {
        let all = self.sources.iter();
        let settle = |source: &TokenSource| {
            let settle = source.settle(Duration::from_secs(30));
            self.runtime.block_on(settle)
        };
        all.filter(|source| !settle(source)).count() == 0
    }

    pub(crate) fn join(self) -> bool {
        let callers = self.callers.into_iter();
        let join = |caller| self.runtime.block_on(caller);
        callers.filter_map(|caller| join(caller).err()).count() == 0
    }
}

async fn call(source: TokenSource, target: Arc<Target>, gate: Arc<Gate>, mut random: Random) {
    while !gate.stops.load(Ordering::Relaxed) {
        if gate.rests.load(Ordering::Relaxed) {
            gate.resting.fetch_add(1, Ordering::SeqCst);
            while gate.rests.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(20)).await;
            }
            gate.resting.fetch_sub(1, Ordering::SeqCst);
        }
        let act = target.next(&mut random);
        let call = target.asks(act);
        match act {
            Act::Token(max_wait) => {
                target.token(&call, &source.token_within(duration(max_wait)).await);
            }
            Act::Dropped(after) => {
                // Polled at least once.
                if let Ok(outcome) = timeout(duration(after), source.token()).await {
                    target.token(&call, &outcome);
                }
            }
            Act::TryToken => target.maybe_token(&call, source.try_token().as_ref()),
            Act::Remaining(min) => {
                target.token(&call, &source.token_valid_for(duration(min)).await)
            }
            Act::Refresh => target.token(&call, &source.refresh().await),
            Act::Send => {
                if let Some(request) = target.api_request(&call) {
                    target.sent(&call, &source.send(&request).await);
                }
            }
            Act::Invalidate => {
                let token = source.token().await;
                target.token(&call, &token);
                if let Ok(token) = token {
                    target.invalidates(&token);
                    source.invalidate(&token);
                }
            }
            Act::Replace => target.replace(|config| source.replace_config(config)),
        }
        sleep(duration(random.between(1, PAUSE))).await;
    }
}
