//! The log lines of the feature `tracing`: the story of a token, without a secret. This file has its own process,
//! since tracing caches its callsites for the whole process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge_oauth_driver::Options;
use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::{Clock, ScriptedTransport};
use edge_oauth_no_io::{Config, Secret};
use http::Response;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down every event, at every level.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut lines = self.0.lock().unwrap();
        write!(lines, "\nspan {}", span.metadata().name()).unwrap();
        span.record(&mut Line(&mut lines));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut lines = self.0.lock().unwrap();
        write!(lines, "\n{}", event.metadata().level()).unwrap();
        event.record(&mut Line(&mut lines));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

/// Panics at every event, as a logger does that prints to a closed pipe.
struct Panicking;

impl Subscriber for Panicking {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        panic!("failed printing to stdout")
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

// fault: log-subscriber-panics
#[test]
fn log_that_panics_costs_neither_the_token_nor_an_event() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    let answer = r#"{"access_token":"t0ken","expires_in":900}"#;
    let transport = ScriptedTransport::new(move |_| Ok(Response::new(answer.into())));
    let events = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&events);
    let options = Options::default().on_event(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let source = TokenSource::builder(config)
        .options(options)
        .runtime(Clock::new())
        .build(transport);
    tracing::subscriber::with_default(Panicking, || {
        let token = source.token().unwrap();
        assert_eq!(events.load(Ordering::SeqCst), 1, "the token is fetched");
        source.invalidate(&token);
        assert_eq!(events.load(Ordering::SeqCst), 2, "the token is rejected");
    });
    assert!(source.settle(Duration::ZERO));
}

#[test]
fn log_contains_the_events_and_no_secret() {
    let clock = Clock::new();
    let mut answers = 0;
    let transport = ScriptedTransport::new(move |_| {
        answers += 1;
        let (status, body) = match answers {
            1 => (
                401,
                r#"{"error":"invalid_client","error_description":"no client with s3cret"}"#
                    .to_owned(),
            ),
            n => (
                200,
                format!(r#"{{"access_token":"t0ken{n}","expires_in":900}}"#),
            ),
        };
        Ok(Response::builder()
            .status(status)
            .body(body.into_bytes())
            .unwrap())
    });
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    let source = TokenSource::builder(config)
        .runtime(clock.clone())
        .build(transport);

    let lines = Lines::default();
    tracing::subscriber::set_global_default(lines.clone()).unwrap();
    source.token().unwrap_err();
    clock.advance(Duration::from_secs(60));
    let token = source.token().unwrap();
    clock.advance(Duration::from_secs(2));
    source.invalidate(&token);
    source.token().unwrap();

    let lines = lines.0.lock().unwrap();
    for told in [
        "WARN message=token request failed host=\"login.example\" client_id=\"id\" cache_key=",
        "INFO message=token fetched host=",
        "INFO message=token rejected",
        "[withheld: it repeats a credential]",
        "span token_request host=\"login.example\" client_id=\"id\" cache_key=",
    ] {
        assert!(lines.contains(told), "{told} is missing in: {lines}");
    }
    assert!(
        !lines.contains("s3cret") && !lines.contains("t0ken"),
        "{lines}"
    );
}
