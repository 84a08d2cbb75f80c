//! Sources to which everything happens that is counted or logged, with secrets in each place that a server writes to.
#![allow(dead_code, reason = "each file of tests uses a part")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge_oauth_driver::blocking::{Runtime, TokenSource};
use edge_oauth_driver::testing::{Clock, MemoryStore, ScriptedTransport};
use edge_oauth_driver::{Notified, Store, StoreKey};
use edge_oauth_no_io::{
    Claim, Claimed, ClientAuth, Config, Finish, Moment, Secret, StoreError, StoredToken,
    TransportError, TransportErrorKind,
};
use http::Response;

pub(crate) const LIFETIME: u64 = 1000;

/// The client's, a parameter of the caller's, the token, and the words of the server.
pub(crate) const SECRETS: [&str; 4] = ["s3cret", "p4rameter", "t0ken", "w0rds"];

pub(crate) fn config(client_id: &str) -> Config {
    Config::builder("https://login.example/token?key=p4rameter", client_id)
        .client_secret(Secret::new("s3cret"))
        .param("key", "p4rameter")
        .build()
        .unwrap()
}

pub(crate) fn token(name: &str) -> String {
    format!(r#"{{"access_token":"t0ken-{name}","expires_in":{LIFETIME}}}"#)
}

/// Returns another token with the key and the times of this one: an API did not reject it.
pub(crate) fn another_token(stored: &StoredToken) -> StoredToken {
    StoredToken::new(
        stored.key().clone(),
        Secret::new("t0ken-restored"),
        None,
        stored.sent(),
        stored.lifetime(),
    )
}

/// Makes transports that respond with a script, and then with tokens.
pub(crate) struct Script;

/// The number of requests that were sent.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<AtomicU32>);

impl Sent {
    pub(crate) fn get(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Script {
    pub(crate) fn tokens() -> ScriptedTransport {
        Self::counted([]).0
    }

    pub(crate) fn counted<const N: usize>(
        responses: [&'static str; N],
    ) -> (ScriptedTransport, Sent) {
        let sent = Sent::default();
        let (count, mut responses) = (sent.clone(), responses.into_iter());
        let transport = ScriptedTransport::new(move |_| {
            let number = count.0.fetch_add(1, Ordering::SeqCst);
            let response = Response::builder()
                .header("x-ratelimit-remaining", "41")
                .header("auth0-organization-quota-limit", "b=per_day;q=9;r=8;t=1")
                .header("auth0-client-quota-limit", QUOTAS);
            let (status, body) = match responses.next().unwrap_or("token") {
                "token" => (200, token(&number.to_string())),
                "closed" => {
                    return Err(TransportError::new(TransportErrorKind::Closed, "w0rds"));
                }
                status => (
                    status.parse().unwrap(),
                    r#"{"error":"w0rds","error_description":"w0rds of s3cret"}"#.to_owned(),
                ),
            };
            Ok(response.status(status).body(body.into_bytes()).unwrap())
        });
        (transport, sent)
    }
}

const QUOTAS: &str =
    "b=per_second;r=1,b=per_minute;r=2,b=per_hour;r=3,b=per_month;r=4,b=s3cret;r=5,b=w0rds;r=6";

/// Plays everything, for clients whose ids begin with `prefix`.
pub(crate) fn every_story(prefix: &str) {
    outages(prefix);
    a_lifetime(prefix);
    lost_requests(prefix);
    a_store(prefix);
}

fn outages(prefix: &str) {
    let clock = Clock::new();
    let (script, _) = Script::counted(["503", "closed", "401", "token", "503", "closed", "401"]);
    let config = config(&format!("{prefix}-outages"));
    let source = TokenSource::builder(config)
        .runtime(clock.clone())
        .build(script);
    source.token().unwrap_err();
    clock.advance(Duration::from_secs(60));
    source.token().unwrap();
    // A refresh by its caller, while the cached token serves.
    for _ in 0..3 {
        clock.advance(Duration::from_secs(20));
        source.refresh().unwrap_err();
    }
    let without = Config::builder("https://login.example/token", format!("{prefix}-unsigned"))
        .client_auth(ClientAuth::Assertion)
        .build()
        .unwrap();
    let unsigned = TokenSource::builder(without)
        .runtime(clock)
        .build(Script::tokens());
    unsigned.token().unwrap_err();
}

fn a_lifetime(prefix: &str) {
    let clock = Clock::new();
    let config = config(&format!("{prefix}-lifetime"));
    let source = TokenSource::builder(config)
        .runtime(clock.clone())
        .build(Script::tokens());
    source.token().unwrap();
    clock.advance(Duration::from_secs(920));
    let stored = source.export().unwrap();
    let old = source.token().unwrap();
    assert!(source.settle(Duration::MAX), "the refresh is over");
    let new = source.token().unwrap();
    assert_ne!(new.expose(), old.expose());
    source.invalidate(&new);
    assert!(source.restore(&another_token(&stored)));
    let another = source.config().to_builder().audience("another");
    source.replace_config(another.build().unwrap());
}

type Job = Box<dyn FnOnce() + Send>;

/// A runtime whose background never runs.
struct Idle {
    clock: Clock,
    /// `None`: jobs are dropped at once.
    jobs: Option<Mutex<Vec<Job>>>,
}

impl Runtime for Idle {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn wait(&self, _: Notified, at_most: Duration) {
        self.clock.advance(at_most);
    }

    fn spawn(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            jobs.lock().unwrap().push(job);
        }
    }
}

fn lost_requests(prefix: &str) {
    for jobs in [None, Some(Mutex::default())] {
        let clock = Clock::new();
        let runtime = Idle {
            clock: clock.clone(),
            jobs,
        };
        let config = config(&format!("{prefix}-lost"));
        let source = TokenSource::builder(config)
            .runtime(runtime)
            .build(Script::tokens());
        assert!(source.try_token().is_none());
        clock.advance(Duration::from_secs(60));
        source.token().unwrap();
        // Its refresh does not run either, and the token serves on.
        clock.advance(Duration::from_secs(920));
        source.token().unwrap();
        source.token_valid_for(Duration::from_secs(10)).unwrap();
    }
}

/// Knows its keys, and nothing else.
struct Broken(MemoryStore);

impl Store for Broken {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.0.key(config)
    }

    fn claim(&self, _: &StoreKey, _: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        Err(StoreError::new("w0rds"))
    }

    fn finish(&self, _: &StoreKey, _: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        Err(StoreError::new("w0rds"))
    }
}

fn a_store(prefix: &str) {
    let clock = Clock::new();
    let now = clock.clone();
    let store = Arc::new(MemoryStore::with_clock(move || now.now()));
    let source = |store: Arc<MemoryStore>| {
        let builder = TokenSource::builder(config(&format!("{prefix}-store")));
        builder
            .runtime(clock.clone())
            .store(store)
            .unwrap()
            .build(Script::tokens())
    };
    let first = source(Arc::clone(&store));
    let second = source(store);
    let token = first.token().unwrap();
    assert_eq!(second.token().unwrap().expose(), token.expose());
    let broken = TokenSource::builder(config(&format!("{prefix}-broken"))).runtime(clock.clone());
    let broken = broken.store(Broken(MemoryStore::new())).unwrap();
    broken.build(Script::tokens()).token().unwrap();
}
