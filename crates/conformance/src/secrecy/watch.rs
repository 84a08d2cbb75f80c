//! All that a process logs and traces, at the most talkative level, searched for what was planted.

use std::fmt::{Debug, Write};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use log::LevelFilter;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::secrecy::planted::{PATH_AND_QUERY, Planted, SECRET, TOKEN};

/// Listens to every logger of the process from the first call on. No other one may be set.
///
/// What the suite itself plants is planted already.
pub fn watch() -> &'static Watch {
    &WATCH
}

/// What was said so far, and what must not have been.
pub struct Watch(Mutex<Heard>);

#[derive(Default)]
struct Heard {
    text: String,
    /// Where the next search begins.
    from: usize,
    planted: Planted,
}

impl Watch {
    /// Plants a secret. It may have been said already, which fails here.
    #[track_caller]
    pub fn plant(&self, name: &str, secret: &str) {
        let mut heard = self.lock();
        Planted::new().with(name, secret).assert_not_in(&heard.text);
        heard.planted.plant(name, secret);
    }

    /// Fails where a secret was logged or traced, once for each time.
    #[track_caller]
    pub fn assert_silent(&self) {
        let mut heard = self.lock();
        let from = heard.from;
        heard.from = heard.text.len();
        heard.planted.assert_not_in(&heard.text[from..]);
        // A line or a dump may go on.
        let overlap = heard.text.len().saturating_sub(OVERLAP).max(from);
        let boundary = (from..=overlap).rfind(|at| heard.text.is_char_boundary(*at));
        heard.from = boundary.unwrap_or(from);
    }

    /// How much was said so far.
    pub fn mark(&self) -> usize {
        self.lock().text.len()
    }

    /// Fails where one of these was logged or traced after the mark. They are not planted, which costs a search of all that
    /// was said, and one of each search to come.
    #[track_caller]
    pub fn assert_silent_about(&self, secrets: &Planted, mark: usize) {
        secrets.assert_not_in(&self.lock().text[mark..]);
    }

    /// Fails where an error tells a secret: in `Display`, in `Debug`, or in what its causes say.
    #[track_caller]
    pub fn assert_error_is_silent(&self, error: &(dyn std::error::Error + 'static)) {
        let mut text = String::new();
        let mut next = Some(error);
        while let Some(error) = next {
            let _ = writeln!(text, "{error}\n{error:?}\n{error:#?}");
            next = error.source();
        }
        self.lock().planted.assert_not_in(&text);
        assert!(
            !text.contains("planted"),
            "an error repeats the peer: {text:.200}"
        );
    }

    /// Fails where no line begins so, which is with the target of a log: then nobody was asked, and silence
    /// proves nothing.
    #[track_caller]
    pub fn assert_heard(&self, sign_of_life: &str) {
        let heard = self.lock();
        let mut lines = heard.text.lines();
        assert!(
            lines.any(|line| line.starts_with(sign_of_life)),
            "{sign_of_life} is not heard"
        );
    }

    /// What is planted so far.
    pub fn planted(&self) -> Planted {
        self.lock().planted.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static WATCH: LazyLock<Watch> = LazyLock::new(|| {
    log::set_logger(&Ears).expect("this is the only logger of the process");
    log::set_max_level(LevelFilter::Trace);
    tracing::subscriber::set_global_default(Ears).expect("and the only subscriber");
    let (_, query) = PATH_AND_QUERY.split_once('=').unwrap();
    let planted = Planted::new()
        .with("the client secret", SECRET)
        .with("the token", TOKEN)
        .with("the endpoint's query", query)
        // What every RS256 token of the local Edge begins with.
        .with("a JWT", "eyJhbGciOiJSUzI1NiI");
    Watch(Mutex::new(Heard {
        planted,
        ..Heard::default()
    }))
});

struct Ears;

impl log::Log for Ears {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        WATCH.lock().text += &line;
    }

    fn flush(&self) {}
}

impl Subscriber for Ears {
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
        let mut heard = WATCH.lock();
        heard.text += &self.0;
        heard.text.push('\n');
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
    fn records_events_and_spans_are_heard() {
        watch();
        log::trace!(target: "a_target", "a record of {}", 1);
        tracing::trace!(target: "a_target", number = 2, "an event");
        let span = tracing::trace_span!(target: "a_target", "a_span", number = 3, later = 0);
        span.record("later", 4);
        watch().assert_heard("a_target a record of 1");
        watch().assert_heard("a_target event");
        watch().assert_heard("a_target a_span number=3");
        let text = watch().lock().text.clone();
        assert!(
            text.contains(" number=2") && text.contains(" later=4"),
            "{text}"
        );
        assert!(text.contains("message=an event"), "{text}");
    }

    #[test]
    #[should_panic(expected = "get is not heard")]
    fn a_word_within_a_line_is_no_sign_of_life() {
        watch();
        log::trace!(target: "target", "get");
        watch().assert_heard("get");
    }

    #[test]
    fn a_finding_fails_one_search() {
        let heard = Heard {
            text: "a pl4ntedsecret".to_owned(),
            planted: Planted::new().with("the secret", "pl4ntedsecret"),
            ..Heard::default()
        };
        let watch = Watch(Mutex::new(heard));
        catch_unwind(|| watch.assert_silent()).unwrap_err();
        watch.assert_silent();
        watch.lock().text += "\n706c346e74";
        watch.assert_silent();
        watch.lock().text += "6564736563726574";
        catch_unwind(|| watch.assert_silent()).unwrap_err();
        watch.assert_silent();
    }
}
