//! Callers that are threads, over ureq.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use edge_oauth_ureq::{TokenSource, UreqTransport};

use super::caller::{Act, Gate, NoKey, PAUSE, Target};
use super::time::{Random, duration};

pub(crate) struct Threads {
    sources: Vec<TokenSource>,
    callers: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(crate) fn start(
        targets: &[Arc<Target>],
        callers: usize,
        seed: u64,
        gate: &Arc<Gate>,
    ) -> io::Result<Self> {
        let mut threads = Self {
            sources: Vec::new(),
            callers: Vec::new(),
        };
        for target in targets {
            let config = target.config(0).ok_or(io::ErrorKind::InvalidInput)?;
            let part = target.number as u64;
            let builder = TokenSource::builder(config).signer(NoKey);
            let builder = builder.options(target.options(seed ^ part));
            let source = builder.build(UreqTransport::new());
            threads.sources.push(source.clone());
            for caller in 0..callers {
                let (source, target) = (source.clone(), Arc::clone(target));
                let gate = Arc::clone(gate);
                let mut random = Random::new(seed, 1000 + part * 100 + caller as u64);
                let thread = thread::Builder::new();
                let caller = thread.spawn(move || call(&source, &target, &gate, &mut random))?;
                threads.callers.push(caller);
            }
        }
        Ok(threads)
    }

    /// Waits until no source has a request under way. Returns whether all are done.
    pub(crate) fn settle(&self) -> bool {
        let all = self.sources.iter();
        all.filter(|source| !source.settle(Duration::from_secs(30)))
            .count()
            == 0
    }

    pub(crate) fn join(self) -> bool {
        let callers = self.callers.into_iter();
        callers.filter_map(|caller| caller.join().err()).count() == 0
    }
}

fn call(source: &TokenSource, target: &Target, gate: &Gate, random: &mut Random) {
    while !gate.stops.load(Ordering::Relaxed) {
        if gate.rests.load(Ordering::Relaxed) {
            gate.resting.fetch_add(1, Ordering::SeqCst);
            while gate.rests.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
            gate.resting.fetch_sub(1, Ordering::SeqCst);
        }
        let act = target.next(random);
        let call = target.asks(act);
        match act {
            // A thread is not cancelled: it has little time instead.
            Act::Token(max_wait) | Act::Dropped(max_wait) => {
                target.token(&call, &source.token_within(duration(max_wait)));
            }
            Act::TryToken => target.maybe_token(&call, source.try_token().as_ref()),
            Act::Remaining(min) => target.token(&call, &source.token_valid_for(duration(min))),
            Act::Refresh => target.token(&call, &source.refresh()),
            Act::Send => {
                if let Some(request) = target.api_request(&call) {
                    target.sent(&call, &source.send(&request));
                }
            }
            Act::Invalidate => {
                let token = source.token();
                target.token(&call, &token);
                if let Ok(token) = token {
                    target.invalidates(&token);
                    source.invalidate(&token);
                }
            }
            Act::Replace => target.replace(|config| source.replace_config(config)),
        }
        thread::sleep(duration(random.between(1, PAUSE)));
    }
}
