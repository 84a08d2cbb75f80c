//! All that a process logs and traces, at the most talkative level, searched for what was planted.

use std::fmt::{Debug, Write};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use log::LevelFilter;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::exchange::{PATH_AND_QUERY, SECRET, TOKEN};
use crate::planted::Planted;

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
    /// Up to here nothing was found.
    searched: usize,
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

    /// Fails where a secret was logged or traced.
    #[track_caller]
    pub fn assert_silent(&self) {
        let mut heard = self.lock();
        // A line or a dump may have begun before.
        let from = heard.searched.saturating_sub(OVERLAP)..;
        let from = from.into_iter().find(|at| heard.text.is_char_boundary(*at));
        heard
            .planted
            .assert_not_in(&heard.text[from.unwrap_or(0)..]);
        heard.searched = heard.text.len();
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
            "an error repeats the peer: {text}"
        );
    }

    /// Fails where nothing like this was said: then nobody was asked, and silence proves nothing.
    #[track_caller]
    pub fn assert_heard(&self, sign_of_life: &str) {
        let heard = self.lock();
        assert!(
            heard.text.contains(sign_of_life),
            "{sign_of_life} is not heard: {}",
            heard.text
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

const OVERLAP: usize = 64 * 1024;
