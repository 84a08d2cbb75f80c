//! What the feature `tracing` logs: the story of a token, without a secret in it.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use edge_oauth_driver::blocking::TokenSource;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::stage::{Answer, Stage, config};

/// Writes down every event, at every level.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
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

#[test]
fn the_log_tells_what_happens_and_no_secret() {
    let echo = r#"{"error":"invalid_client","error_description":"no client id with s3cret"}"#;
    let stage = Stage::new([Answer::Status(401, "", echo), Answer::Token(900)]);
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        let source = TokenSource::new(stage.clone(), config());
        source.token().unwrap_err();
        stage.clock().advance(std::time::Duration::from_secs(60));
        let token = source.token().unwrap();
        stage.clock().advance(std::time::Duration::from_secs(2));
        source.reject(&token);
        source.token().unwrap();
    });
    let lines = lines.0.lock().unwrap();
    for told in [
        "WARN message=token request refused",
        "INFO message=token fetched",
        "INFO message=token refused",
    ] {
        assert!(lines.contains(told), "{told} is missing in: {lines}");
    }
    assert!(lines.contains("no client id with [redacted]"), "{lines}");
    assert!(
        !lines.contains("s3cret") && !lines.contains("t2"),
        "{lines}"
    );
}
