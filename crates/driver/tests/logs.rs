//! The log lines and the spans of the feature `tracing` against their contract, docs/guide/logs-and-metrics.md. In a file
//! of its own, since the subscriber is of the whole process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "observed/contract.rs"]
mod contract;
#[path = "observed/stories.rs"]
mod stories;

use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Waker};
use std::time::Duration;

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::{Clock, block_on};
use edge_oauth_driver::{BoxFuture, nonblocking};
use edge_oauth_no_io::{Moment, RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use contract::{Line, documented_lines, documented_span};
use stories::{Script, config, every_story};

/// Keeps every line and span of the process, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Entry>>>);

#[derive(Clone)]
struct Entry {
    is_span: bool,
    name: &'static str,
    level: String,
    target: String,
    /// In order.
    declared: Vec<&'static str>,
    values: Vec<(&'static str, String)>,
}

impl Log {
    fn install() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        let log = LOG.get_or_init(|| {
            let log = Self::default();
            tracing::subscriber::set_global_default(log.clone()).unwrap();
            log
        });
        log.clone()
    }

    /// Returns the entries of the clients whose ids begin so.
    fn of(&self, client_id: &str) -> Vec<Entry> {
        let entries = self.0.lock().unwrap();
        let is_of = |entry: &&Entry| entry.value("client_id").starts_with(client_id);
        entries.iter().filter(is_of).cloned().collect()
    }

    fn add(&self, is_span: bool, metadata: &'static Metadata<'static>) -> Entry {
        Entry {
            is_span,
            name: metadata.name(),
            level: metadata.level().to_string(),
            target: metadata.target().to_owned(),
            declared: metadata.fields().iter().map(|field| field.name()).collect(),
            values: Vec::new(),
        }
    }
}

impl Entry {
    fn value(&self, name: &str) -> &str {
        let value = self.values.iter().find(|(its_name, _)| *its_name == name);
        value.map_or("", |(_, value)| value)
    }
}

impl Visit for Entry {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.values.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.values.push((field.name(), format!("{value:?}")));
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("edge_oauth")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut entry = self.add(true, span.metadata());
        span.record(&mut entry);
        let mut entries = self.0.lock().unwrap();
        entries.push(entry);
        Id::from_u64(entries.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut entries = self.0.lock().unwrap();
        values.record(&mut entries[id.into_u64() as usize - 1]);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut entry = self.add(false, event.metadata());
        event.record(&mut entry);
        self.0.lock().unwrap().push(entry);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn guide_lists_each_line_with_its_level_and_fields() {
    let log = Log::install();
    every_story("lines");
    let lines = log.of("lines-").into_iter().filter(|entry| !entry.is_span);
    let logged: BTreeSet<_> = lines
        .map(|entry| {
            let common = ["message", "host", "client_id", "cache_key"];
            assert_eq!(entry.declared[..4], common);
            assert_eq!(entry.target, "edge_oauth");
            Line {
                message: entry.value("message").to_owned(),
                fields: entry.declared[4..]
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect(),
                level: entry.level,
            }
        })
        .collect();
    assert_eq!(logged, documented_lines().collect::<BTreeSet<_>>());
}

#[test]
fn guide_lists_the_fields_of_the_span() {
    let log = Log::install();
    every_story("spans");
    let spans = log.of("spans-").into_iter().filter(|entry| entry.is_span);
    let (fields, outcomes) = documented_span();
    let mut seen = BTreeSet::new();
    for span in spans {
        let identity = (span.name, &*span.level, &*span.target);
        assert_eq!(identity, ("token_request", "INFO", "edge_oauth"));
        assert_eq!(span.declared, fields);
        assert_ne!(span.value("attempt"), "0");
        seen.insert(span.value("outcome").to_owned());
    }
    assert!(
        seen.is_subset(&outcomes.iter().cloned().collect()),
        "{seen:?}"
    );
    let told = ["adopted", "permanent_error", "token", "transient_error"];
    assert!(
        told.iter().all(|outcome| seen.contains(*outcome)),
        "{seen:?}"
    );
}

#[test]
fn span_of_a_task_tells_its_attempt_and_outcome() {
    let log = Log::install();
    let clock = Clock::new();
    let (script, _) = Script::counted(["503", "closed"]);
    let source = nonblocking::Builder::new(config("tasks"), clock).build(script);
    block_on(source.token()).unwrap();
    assert!(block_on(source.settle(Duration::MAX)), "the span has ended");
    let spans = log.of("tasks").into_iter().filter(|entry| entry.is_span);
    let told: Vec<_> = spans
        .map(|span| format!("{} {}", span.value("attempt"), span.value("outcome")))
        .collect();
    assert_eq!(told, ["1 transient_error", "2 transient_error", "3 token"]);
}

#[test]
fn span_of_a_late_outcome_says_that_it_is_ignored() {
    let log = Log::install();
    let source: Arc<OnceLock<TokenSource>> = Arc::default();
    let inner = Arc::clone(&source);
    let transport = edge_oauth_driver::testing::ScriptedTransport::new(move |_| {
        let another = config("late-another");
        inner.get().unwrap().replace_config(another);
        Ok(http::Response::new(stories::token("abc").into_bytes()))
    });
    let _ = source.set(TokenSource::new(transport, config("late")));
    // The next attempt is for a configuration that is in use.
    source.get().unwrap().token().unwrap();
    let spans = log.of("late").into_iter().filter(|entry| entry.is_span);
    let told: Vec<_> = spans.map(|span| span.value("outcome").to_owned()).collect();
    assert_eq!(told, ["ignored", "token"]);
}

/// Sends a request that has no response, and drops what should run in the background.
struct Gone;

impl nonblocking::Transport for Gone {
    async fn send(
        &self,
        _: Request<SecretBytes>,
        _: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        std::future::pending().await
    }
}

impl nonblocking::Runtime for Gone {
    fn now(&self) -> Moment {
        Clock::new().now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn spawn(&self, _: BoxFuture<'static, ()>) {}
}

#[test]
fn span_of_a_cancelled_caller_says_that_it_is_cancelled() {
    let log = Log::install();
    let source = nonblocking::Builder::new(config("cancelled"), Gone).build(Gone);
    let mut caller = Box::pin(source.token());
    let mut context = Context::from_waker(Waker::noop());
    assert!(caller.as_mut().poll(&mut context).is_pending());
    drop(caller);
    let spans = log
        .of("cancelled")
        .into_iter()
        .filter(|entry| entry.is_span);
    let told: Vec<_> = spans.map(|span| span.value("outcome").to_owned()).collect();
    assert_eq!(told, ["cancelled"]);
}

#[test]
fn lines_and_spans_repeat_no_secret() {
    let log = Log::install();
    every_story("secrets");
    let mut shown = String::new();
    for entry in log.of("secrets-") {
        write!(shown, "{:?}", entry.values).unwrap();
    }
    assert!(
        shown.contains("withheld"),
        "the server's words were logged: {shown}"
    );
    for secret in ["s3cret", "p4rameter", "t0ken"] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}
