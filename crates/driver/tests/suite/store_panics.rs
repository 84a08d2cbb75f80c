//! A store that panics: the acquisition goes on without it, and no caller has the panic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, MemoryStore, ScriptedTransport, block_on};
use edge_oauth_driver::{
    AsyncStore, BoxFuture, Options, Seal, Store, StoreKey, blocking, nonblocking,
};
use edge_oauth_no_io::{Claim, Claimed, Config, Event, Finish, SharedResponse, StoreError};
use http::Response;

use crate::stage::config;

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Key,
    Claim,
    /// When its future is polled.
    ClaimPoll,
    Finish,
    FinishPoll,
    Seal,
    Open,
}

const ALL: [At; 7] = [
    At::Key,
    At::Claim,
    At::ClaimPoll,
    At::Finish,
    At::FinishPoll,
    At::Seal,
    At::Open,
];

/// Panics in one of its calls.
#[derive(Clone)]
struct Panicking {
    store: Arc<MemoryStore>,
    at: At,
    was_asked: Arc<AtomicBool>,
}

impl Panicking {
    fn passes(&self, at: At) {
        assert_ne!(self.at, at, "as scripted");
    }

    /// The first call is that of the builder.
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        if self.was_asked.swap(true, Ordering::SeqCst) {
            self.passes(At::Key);
        }
        let key = Store::key(&self.store, config)?;
        let seal = Sealed {
            key: key.clone(),
            at: self.at,
        };
        Ok(StoreKey::new(key.name(), key.config_id(), seal))
    }
}

struct Sealed {
    key: StoreKey,
    at: At,
}

impl Seal for Sealed {
    fn seal(
        &self,
        number: u64,
        response: &SharedResponse,
        keep: Duration,
    ) -> Result<Vec<u8>, StoreError> {
        assert_ne!(self.at, At::Seal, "as scripted");
        let share = edge_oauth_no_io::Share::Token {
            response: response.clone(),
            keep,
        };
        let finish = Finish {
            number,
            share,
            timeout: Duration::ZERO,
        };
        match self.key.seal(finish)?.share {
            edge_oauth_no_io::Share::Token { response, .. } => Ok(response),
            other => panic!("{other:?}"),
        }
    }

    fn open(&self, number: u64, sealed: Vec<u8>) -> Option<SharedResponse> {
        assert_ne!(self.at, At::Open, "as scripted");
        let found = edge_oauth_no_io::Found::Entry {
            number,
            response: sealed,
        };
        let now = Duration::ZERO;
        match self.key.open(Claimed { now, found }).found {
            edge_oauth_no_io::Found::Entry { response, .. } => response,
            other => panic!("{other:?}"),
        }
    }
}

impl Store for Panicking {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        self.passes(At::Claim);
        Store::claim(&self.store, key, claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        self.passes(At::Finish);
        Store::finish(&self.store, key, finish)
    }
}

impl AsyncStore for Panicking {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.key(config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        self.passes(At::Claim);
        Box::pin(async move {
            self.passes(At::ClaimPoll);
            Store::claim(&self.store, key, claim)
        })
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.passes(At::Finish);
        Box::pin(async move {
            self.passes(At::FinishPoll);
            Store::finish(&self.store, key, finish)
        })
    }
}

/// A transport whose tokens have this name.
fn transport(name: &'static str) -> ScriptedTransport {
    ScriptedTransport::new(move |_| {
        let body = format!(r#"{{"access_token":"{name}","expires_in":900}}"#);
        Ok(Response::new(body.into_bytes()))
    })
}

/// A store with a token of another source if it is to be opened, and the options that report events.
fn setting(at: At, clock: &Clock) -> (Panicking, Options, Receiver<Event>) {
    let now = clock.clone();
    let store = Arc::new(MemoryStore::with_clock(move || now.now()));
    if at == At::Open {
        let other = blocking::TokenSource::builder(config())
            .store(Arc::clone(&store))
            .unwrap();
        let other = other.runtime(clock.clone()).build(transport("others"));
        assert_eq!(other.token().unwrap().expose(), "others");
    }
    let (event, events) = mpsc::channel();
    let options = Options::default().on_event(move |happened| drop(event.send(happened.clone())));
    let store = Panicking {
        store,
        at,
        was_asked: Arc::default(),
    };
    (store, options, events)
}

/// Blocks until the source is gone.
fn failures_of_the_store(events: &Receiver<Event>) -> Vec<String> {
    let error = |event| match event {
        Event::StoreFailed { error, .. } => Some(error.to_string()),
        _ => None,
    };
    events.iter().filter_map(error).collect()
}

// fault: store-panics
#[test]
fn thread_has_a_token_and_no_panic_if_the_store_panics() {
    for at in ALL {
        let clock = Clock::new();
        let (store, options, events) = setting(at, &clock);
        let builder = blocking::TokenSource::builder(config())
            .store(store)
            .unwrap();
        let builder = builder.options(options).runtime(clock);
        let source = builder.build(transport("own"));
        assert_eq!(source.token().unwrap().expose(), "own", "{at:?}");
        drop(source);
        let failures = failures_of_the_store(&events);
        let panics = usize::from(!matches!(at, At::ClaimPoll | At::FinishPoll));
        assert_eq!(
            failures,
            vec!["the shared store failed: it panicked"; panics],
            "{at:?}"
        );
    }
}

// fault: store-panics
#[test]
fn task_has_a_token_and_no_panic_if_the_store_panics() {
    for at in ALL {
        let clock = Clock::new();
        let (store, options, events) = setting(at, &clock);
        let builder = nonblocking::Builder::new(config(), clock);
        let source = builder
            .store(store)
            .unwrap()
            .options(options)
            .build(transport("own"));
        assert_eq!(block_on(source.token()).unwrap().expose(), "own", "{at:?}");
        drop(source);
        assert_eq!(
            failures_of_the_store(&events),
            ["the shared store failed: it panicked"],
            "{at:?}"
        );
    }
}
