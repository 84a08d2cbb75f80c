//! Everything that a process logs and traces at the most verbose level, searched for planted secrets.

use std::fmt::{Debug, Write};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use log::LevelFilter;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::secrecy::planted::{PATH_AND_QUERY, Planted, SECRET, TOKEN};

/// Returns the collector of all log lines and traces of the process, from the first call on.
///
/// The process must not set another logger. The secrets of the suite are planted already.
pub fn watch() -> &'static Watch {
    &WATCH
}

/// The log lines and traces so far, and the secrets that they must not contain.
pub struct Watch(Mutex<Collected>);

#[derive(Default)]
struct Collected {
    text: String,
    /// The position at which the next search begins.
    from: usize,
    planted: Planted,
}

impl Watch {
    /// Plants a secret. Fails if it was logged already.
    #[track_caller]
    pub fn plant(&self, name: &str, secret: &str) {
        let mut collected = self.lock();
        Planted::new()
            .with(name, secret)
            .assert_not_in(&collected.text);
        collected.planted.plant(name, secret);
    }

    /// Fails if a secret was logged or traced since the last call.
    #[track_caller]
    pub fn assert_no_secret_logged(&self) {
        let mut collected = self.lock();
        let from = collected.from;
        collected.from = collected.text.len();
        collected.planted.assert_not_in(&collected.text[from..]);
        // A line or a dump may continue.
        let overlap = collected.text.len().saturating_sub(OVERLAP).max(from);
        let boundary = (from..=overlap).rfind(|at| collected.text.is_char_boundary(*at));
        collected.from = boundary.unwrap_or(from);
    }

    /// Returns the current position in the text.
    pub fn mark(&self) -> usize {
        self.lock().text.len()
    }

    /// Fails if one of these secrets was logged or traced after the mark.
    ///
    /// The secrets are not planted, since a planted secret makes this search and every later search slower.
    #[track_caller]
    pub fn assert_not_logged(&self, secrets: &Planted, mark: usize) {
        secrets.assert_not_in(&self.lock().text[mark..]);
    }

    /// Fails if an error or one of its causes contains a secret, in `Display` or in `Debug`.
    #[track_caller]
    pub fn assert_no_secret_in_error(&self, error: &(dyn std::error::Error + 'static)) {
        let mut text = String::new();
        let mut next = Some(error);
        while let Some(error) = next {
            let _ = writeln!(text, "{error}\n{error:?}\n{error:#?}");
            next = error.source();
        }
        self.lock().planted.assert_not_in(&text);
        assert!(
            !text.contains("planted"),
            "an error repeats the text of the server: {text:.200}"
        );
    }

    /// Fails if no line begins with this prefix, such as the target of a logger. Then the library does not log, and the other
    /// checks prove nothing.
    #[track_caller]
    pub fn assert_logged(&self, prefix: &str) {
        let collected = self.lock();
        let mut lines = collected.text.lines();
        assert!(
            lines.any(|line| line.starts_with(prefix)),
            "{prefix} is not logged"
        );
    }

    /// Returns the secrets that are planted so far.
    pub fn planted(&self) -> Planted {
        self.lock().planted.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static WATCH: LazyLock<Watch> = LazyLock::new(|| {
    log::set_logger(&LogCollector).expect("the process sets no other logger");
    log::set_max_level(LevelFilter::Trace);
    tracing::subscriber::set_global_default(LogCollector)
        .expect("the process sets no other subscriber");
    let (_, query) = PATH_AND_QUERY.split_once('=').unwrap();
    let planted = Planted::new()
        .with("the client secret", SECRET)
        .with("the token", TOKEN)
        .with("the endpoint's query", query)
        // Every RS256 token of the local Edge begins with this header.
        .with("a JWT", "eyJhbGciOiJSUzI1NiI");
    Watch(Mutex::new(Collected {
        planted,
        ..Collected::default()
    }))
});

struct LogCollector;

impl log::Log for LogCollector {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        WATCH.lock().text += &line;
    }

    fn flush(&self) {}
}

impl Subscriber for LogCollector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::of(span.metadata());
        span.record(&mut line);
        line.end();
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        line.end();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::of(event.metadata());
        event.record(&mut line);
        line.end();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Line {
    fn of(metadata: &Metadata<'_>) -> Self {
        Self(format!("{} {}", metadata.target(), metadata.name()))
    }

    fn end(self) {
        let mut collected = WATCH.lock();
        collected.text += &self.0;
        collected.text.push('\n');
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

const OVERLAP: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn records_events_and_spans_are_collected() {
        watch();
        log::trace!(target: "a_target", "a record of {}", 1);
        tracing::trace!(target: "a_target", number = 2, "an event");
        let span = tracing::trace_span!(target: "a_target", "a_span", number = 3, later = 0);
        span.record("later", 4);
        watch().assert_logged("a_target a record of 1");
        watch().assert_logged("a_target event");
        watch().assert_logged("a_target a_span number=3");
        let text = watch().lock().text.clone();
        assert!(
            text.contains(" number=2") && text.contains(" later=4"),
            "{text}"
        );
        assert!(text.contains("message=an event"), "{text}");
    }

    #[test]
    #[should_panic(expected = "get is not logged")]
    fn prefix_inside_a_line_is_not_found() {
        watch();
        log::trace!(target: "target", "get");
        watch().assert_logged("get");
    }

    #[test]
    fn secret_fails_the_search_once() {
        let collected = Collected {
            text: "a pl4ntedsecret".to_owned(),
            planted: Planted::new().with("the secret", "pl4ntedsecret"),
            ..Collected::default()
        };
        let watch = Watch(Mutex::new(collected));
        catch_unwind(|| watch.assert_no_secret_logged()).unwrap_err();
        watch.assert_no_secret_logged();
        watch.lock().text += "\n706c346e74";
        watch.assert_no_secret_logged();
        watch.lock().text += "6564736563726574";
        catch_unwind(|| watch.assert_no_secret_logged()).unwrap_err();
        watch.assert_no_secret_logged();
    }
}
