//! What is known of a keeper from outside, to hold it to its promises.

use std::collections::VecDeque;
use std::iter;
use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Completion, Config, Event, Keeper, MAX_WAIT, Moment, Policy,
    Secret, SecretBytes, Snapshot, Step, StoredToken, TokenError, TransportError,
    TransportErrorKind,
};
use http::Response;

use crate::call::Call;

pub(crate) struct Model {
    keeper: Keeper,
    policy: Kind,
    now: Moment,
    /// What really passed, as far as the clocks can tell: running, sleeping, and steps forward.
    lived: Nanos,
    /// Neither clock has run back or come to its end.
    steady: bool,
    flight: Option<Flight>,
    kept_back: VecDeque<Flight>,
    /// Every token that the keeper has had.
    known: Vec<Known>,
    /// When the latest two exchanges departed, since the clock ran back or the configuration changed.
    latest: [Option<Duration>; 2],
    /// The same after the latest token: a second between two tokens, which nothing lifts.
    floor: Option<Duration>,
    /// No exchange may depart earlier.
    /// In lived time.
    quiet_until: Option<Nanos>,
    version: u64,
    /// How often the configuration was replaced.
    generation: u64,
}

struct Flight {
    acquisition: Acquisition,
    /// By the monotonic clock.
    sent: Duration,
    /// In lived time.
    born: Nanos,
    timeout: Duration,
    generation: u64,
}

struct Known {
    token: AccessToken,
    /// From here on in lived time it must not be handed out.
    dead: Nanos,
    /// It is not held any more, and must not come back.
    gone: bool,
}

impl Model {
    pub(crate) fn new(policy: u64) -> Self {
        let policy = Kind::of(policy);
        Self {
            keeper: Keeper::new(config(0), policy.policy(), 7),
            policy,
            now: Moment {
                monotonic: Duration::from_secs(1_000),
                wall: Duration::from_secs(1_800_000_000),
            },
            lived: 0,
            steady: true,
            flight: None,
            kept_back: VecDeque::new(),
            known: Vec::new(),
            latest: [None; 2],
            floor: None,
            quiet_until: None,
            version: 0,
            generation: 0,
        }
    }

    pub(crate) fn make(&mut self, call: Call) {
        match call {
            Call::Poll => drop(self.poll()),
            Call::Pass(milliseconds) => self.pass(Duration::from_millis(milliseconds)),
            Call::PassLong(seconds) => self.pass(Duration::from_secs(seconds)),
            Call::Sleep(seconds) => {
                let wall = self.now.wall.checked_add(Duration::from_secs(seconds));
                self.steady &= wall.is_some();
                self.lived += (wall.unwrap_or(Duration::MAX) - self.now.wall).as_nanos();
                self.now.wall = wall.unwrap_or(Duration::MAX);
            }
            Call::SetBack(seconds) => {
                let back = Duration::from_secs(seconds);
                self.now.wall = self.now.wall.saturating_sub(back);
            }
            Call::RunBack(milliseconds) => {
                let back = Duration::from_millis(milliseconds);
                self.now.monotonic = self.now.monotonic.saturating_sub(back);
                self.steady = false;
            }
            Call::PassToTimeout => self.pass_to_timeout(),
            Call::Token(life) => {
                let flight = self.flight.take();
                self.arrive(flight, Some(life), true);
            }
            Call::TokenWithoutLife => {
                let flight = self.flight.take();
                self.arrive(flight, None, true);
            }
            Call::LateToken(life) => {
                let flight = self.kept_back.pop_front();
                self.arrive(flight, Some(life), false);
            }
            Call::Fault(kind) => {
                let flight = self.flight.take();
                self.fail(flight, kind, true);
            }
            Call::LateFault => {
                let flight = self.kept_back.pop_front();
                self.fail(flight, 0, false);
            }
            Call::Refuse(status, retry_after) => self.refuse(status, retry_after),
            Call::Cancel => {
                if let Some(flight) = self.flight.take() {
                    assert!(self.keeper.finish(flight.acquisition, self.now).is_none());
                    self.assert_events(|event| matches!(event, Event::Cancelled), 1);
                }
            }
            Call::LateCancel => {
                if let Some(flight) = self.kept_back.pop_front() {
                    assert!(self.keeper.finish(flight.acquisition, self.now).is_none());
                    self.assert_events(|event| matches!(event, Event::Cancelled), 0);
                }
            }
            Call::Forget => self.forget(),
            Call::Reject(index) => self.invalidate(index),
            Call::Replace(version) => self.replace(version % 4),
            Call::Restore(age, life) => self.restore(age, life),
            Call::Restart => self.restart(),
        }
        // Each move of the clocks is seen, or no two clocks could tell a set-back and a sleep apart from neither.
        let _ = self.keeper.export(self.now);
        assert_eq!(self.events().len(), 0, "an event that nobody expects");
        assert_eq!(self.keeper.poll_timeout(), self.keeper.poll_timeout());
        if let Some(snapshot) = self.keeper.snapshot() {
            let known = self.find(snapshot.token());
            assert!(known.is_some(), "a token out of nowhere");
        }
    }

    /// Nothing that the keeper knows is printed with it.
    pub(crate) fn end(&self) {
        let shown = format!("{:?}", self.keeper);
        assert!(
            !shown.contains("s3cret") && !shown.contains("t0ken"),
            "{shown}"
        );
    }

    fn pass(&mut self, by: Duration) {
        let ends = self.now.monotonic.checked_add(by).is_none();
        self.steady &= !ends && self.now.wall.checked_add(by).is_some();
        let before = self.now;
        self.now = self.now.after(by);
        let passed = self.now.monotonic - before.monotonic;
        self.lived += passed.max(self.now.wall - before.wall).as_nanos();
    }

    /// `poll` goes on as it answered until then, and answers otherwise then.
    fn pass_to_timeout(&mut self) {
        let before = self.poll();
        let (Some(at), true) = (self.keeper.poll_timeout(), self.steady) else {
            return;
        };
        let left = at.saturating_sub(self.now.monotonic);
        if before.departs() || left > CENTURY {
            return;
        }
        self.pass(left.saturating_sub(NANOSECOND));
        let until = self.poll();
        // The wall clock may have come first.
        if until != before || !self.steady {
            return;
        }
        assert_eq!(self.keeper.poll_timeout(), Some(at));
        self.pass(NANOSECOND);
        assert_ne!(self.poll(), before, "poll_timeout is early");
    }

    fn poll(&mut self) -> Answered {
        let snapshot = self.keeper.snapshot();
        let step = self.keeper.poll(self.now);
        let answered = Answered::of(&step);
        if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.lasts(self.now)) {
            let same = matches!(&step, Step::Use(token) if token.is_same(snapshot.token()));
            assert!(same, "a snapshot that does not last: {step:?}");
        }
        match &step {
            Step::Use(token) | Step::Refresh { token, .. } => {
                self.assert_usable(token);
                let snapshot = self.keeper.snapshot();
                let snapshot = snapshot.expect("what is handed out is cached");
                assert!(snapshot.token().is_same(token));
            }
            Step::Send(_) | Step::Wait { .. } | Step::Fail(_) => {
                assert!(self.keeper.snapshot().is_none(), "promise 1: {step:?}");
                self.known.iter_mut().for_each(|known| known.gone = true);
            }
        }
        self.assert_events_of_poll();
        let lived = self.lived;
        self.quiet_until.take_if(|quiet| lived >= *quiet);
        match step {
            Step::Send(acquisition) | Step::Refresh { acquisition, .. } => self.depart(acquisition),
            Step::Wait { at_most, because } => {
                assert!(!at_most.is_zero(), "a hot loop");
                // Up to a tenth of what the server asked for is added as jitter.
                let longest = MAX_WAIT + MAX_WAIT / 10;
                assert!(!self.steady || at_most <= longest, "waits {at_most:?}");
                assert!(because.is_none_or(|error| error.is_transient()));
            }
            Step::Fail(error) => assert!(!error.is_transient()),
            Step::Use(_) => {}
        }
        if self.now.monotonic < Duration::MAX {
            let timeout = self.keeper.poll_timeout().expect("there was a poll");
            assert!(timeout > self.now.monotonic, "who sleeps until then spins");
        }
        answered
    }

    fn depart(&mut self, mut acquisition: Acquisition) {
        let Action::Send(request, limits) = acquisition.poll(self.now, [0; 16]) else {
            assert!(!self.steady, "a request is sent as soon as it may be");
            self.keeper.finish(acquisition, self.now);
            self.assert_events(|event| matches!(event, Event::Cancelled), 1);
            return;
        };
        let sent = self.now.monotonic;
        assert!(limits.timeout <= self.policy.timeout());
        if self.steady {
            assert!(self.flight.is_none(), "promise 2: two are under way");
            if let Some(before) = self.latest[0] {
                let gap = sent.saturating_sub(before);
                assert!(gap >= MIN_BACKOFF, "three exchanges within {gap:?}");
            }
            if let Some(quiet) = self.quiet_until {
                panic!("promise 5: sent before {quiet:?}");
            }
        }
        let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
        assert!(body.contains(&secret(self.version)), "an old secret");
        self.latest = [self.latest[1], Some(sent).filter(|_| self.steady)];
        self.flight = Some(Flight {
            acquisition,
            sent,
            born: self.lived,
            timeout: limits.timeout,
            generation: self.generation,
        });
    }

    fn arrive(&mut self, flight: Option<Flight>, life: Option<u64>, current: bool) {
        let Some(flight) = flight else { return };
        let name = format!("t0ken-{}", self.known.len());
        let body = match life {
            Some(life) => format!(r#"{{"access_token":"{name}","expires_in":{life}}}"#),
            None => format!(r#"{{"access_token":"{name}"}}"#),
        };
        let before = self.keeper.snapshot();
        let (sent, born) = (flight.sent, flight.born);
        let response = Response::new(SecretBytes::new(body.into_bytes()));
        let outcome = self.finish(flight, Completion::Response(response));
        let Some(outcome) = outcome else {
            assert!(!current, "the answer to the configuration in use");
            return;
        };
        let token = outcome.expect("a good answer");
        let life = Duration::from_secs(life.unwrap_or(self.policy.default_lifetime()));
        let life = life.min(MAX_LIFETIME);
        let dead = born + (life - self.policy.margin(life)).as_nanos();
        self.known.push(Known {
            token: token.clone(),
            dead,
            gone: false,
        });
        let held = self.keeper.snapshot();
        let kept = held
            .as_ref()
            .is_some_and(|held| held.token().is_same(&token));
        if kept {
            assert!(self.lived < dead, "promise 4: expired on arrival");
            self.replaced_by_newest();
        } else {
            self.lose(&before, &held);
            self.known.last_mut().unwrap().gone = true;
        }
        let events = self.events();
        match events.as_slice() {
            [
                Event::Fetched {
                    cached: told,
                    lifetime,
                    ..
                },
            ] => {
                assert_eq!((*told, *lifetime), (kept, life));
                // A second between two tokens, counted from when the request was sent.
                let floor = || sent + MIN_INTERVAL - MIN_BACKOFF;
                self.floor = self.steady.then(floor);
                self.latest = [self.floor; 2];
                if current {
                    self.quiet_until = None;
                }
            }
            [] => assert!(!current && !kept, "a token that nobody is told of"),
            other => panic!("{other:?}"),
        }
    }

    fn fail(&mut self, flight: Option<Flight>, kind: u64, current: bool) {
        let Some(flight) = flight else { return };
        let kinds = [
            TransportErrorKind::Closed,
            TransportErrorKind::Timeout,
            TransportErrorKind::Certificate,
        ];
        let error = TransportError::new(kinds[kind as usize % kinds.len()], "");
        let generation = flight.generation;
        let outcome = self.finish(flight, Completion::Failed(error));
        self.failed(outcome, generation, current);
    }

    fn finish(
        &mut self,
        mut flight: Flight,
        completion: Completion,
    ) -> Option<Result<AccessToken, TokenError>> {
        flight.acquisition.handle(completion, self.now);
        self.keeper.finish(flight.acquisition, self.now)
    }

    fn refuse(&mut self, status: u64, retry_after: Option<u64>) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        // Any status but those that bring a token.
        let status = match status {
            200 | 201 => 500,
            status => u16::try_from(status).unwrap_or(500).clamp(100, 999),
        };
        let mut response = Response::builder().status(status);
        if let Some(seconds) = retry_after {
            response = response.header("retry-after", seconds);
        }
        let body = SecretBytes::new(br#"{"error":"slow_down"}"#.to_vec());
        let response = response.body(body).unwrap();
        let generation = flight.generation;
        let outcome = self.finish(flight, Completion::Response(response));
        let asked = outcome.as_ref().and_then(|outcome| match outcome {
            Ok(_) => panic!("a token with status {status}"),
            Err(error) => error.retry_after(),
        });
        self.failed(outcome, generation, true);
        if let Some(asked) = asked {
            let wait = asked.wait(self.now.wall);
            self.quiet_until = Some(self.lived + wait.as_nanos()).filter(|_| !wait.is_zero());
        }
    }

    fn failed(
        &mut self,
        outcome: Option<Result<AccessToken, TokenError>>,
        generation: u64,
        current: bool,
    ) {
        let Some(outcome) = outcome else {
            assert_ne!(
                generation, self.generation,
                "the outcome is for those who wait"
            );
            return;
        };
        let error = outcome.expect_err("a failure");
        let serves = self.serves();
        let events = self.events();
        match events.as_slice() {
            [
                Event::Failed {
                    error: told,
                    serving,
                    backoff,
                    ..
                },
            ] => {
                assert!(*told == error && *serving == serves);
                assert!(*backoff >= MIN_BACKOFF);
            }
            [] => assert!(!current, "a failure that nobody is told of"),
            other => panic!("{other:?}"),
        }
    }

    /// Whether a caller that polled now would be served.
    fn serves(&self) -> bool {
        let snapshot = self.keeper.snapshot();
        let known = snapshot.and_then(|snapshot| self.find(snapshot.token()));
        known.is_some_and(|known| self.lived < known.dead)
    }

    /// Time passes until the ticket has lapsed; the next poll finds it.
    fn forget(&mut self) {
        if let Some(flight) = &self.flight {
            let lapses = flight.sent.saturating_add(flight.timeout);
            let lapses = lapses.saturating_add(Duration::from_secs(1));
            self.pass(lapses.saturating_sub(self.now.monotonic));
        }
    }

    fn invalidate(&mut self, index: u64) {
        let newest = self.known.len().saturating_sub(1);
        let index = newest.saturating_sub(index as usize);
        let Some(token) = self.known.get(index).map(|known| known.token.clone()) else {
            return;
        };
        let before = self.keeper.snapshot();
        self.keeper.invalidate(&token, self.now);
        let after = self.keeper.snapshot();
        let dropped = before.is_some() && after.is_none();
        if dropped {
            let held = before.as_ref().unwrap();
            assert!(
                held.token().is_same(&token),
                "promise 6: another was refused"
            );
        }
        self.lose(&before, &after);
        self.assert_events(
            |event| matches!(event, Event::Invalidated),
            usize::from(dropped),
        );
    }

    fn replace(&mut self, version: u64) {
        let before = self.keeper.snapshot();
        self.keeper.replace_config(config(version));
        let changed = version != self.version;
        self.assert_events(
            |event| matches!(event, Event::Replaced),
            usize::from(changed),
        );
        let after = self.keeper.snapshot();
        if audience(version) == audience(self.version) {
            assert_eq!(before.is_some(), after.is_some(), "good for the same");
        } else {
            assert!(after.is_none(), "good for something else");
        }
        self.lose(&before, &after);
        // fault: a-fault-fixed-at-the-server
        self.quiet_until = None;
        self.latest = [self.floor; 2];
        if changed {
            self.kept_back.extend(self.flight.take());
            self.latest = [None; 2];
            self.floor = None;
            self.version = version;
            self.generation += 1;
        }
    }

    fn restore(&mut self, age: u64, life: u64) {
        let age = Duration::from_secs(age);
        let stored = StoredToken::new(
            self.keeper.config().cache_key().clone(),
            Secret::new(format!("t0ken-{}", self.known.len())),
            None,
            self.now.wall.saturating_sub(age),
            Duration::from_secs(life),
        );
        let held = self.keeper.snapshot();
        let held = held.and_then(|held| self.find(held.token()).map(|known| known.dead));
        let took = self.keeper.restore(&stored, self.now);
        if took {
            self.know_restored(&stored);
            let dead = self.known.last().map(|known| known.dead);
            assert!(held.is_none() || held < dead, "an older token comes first");
        }
    }

    fn restart(&mut self) {
        let Some(stored) = self.keeper.export(self.now) else {
            return;
        };
        self.keeper = Keeper::new(config(self.version), self.policy.policy(), 8);
        self.flight = None;
        self.kept_back.clear();
        self.latest = [None; 2];
        self.floor = None;
        self.quiet_until = None;
        self.known.clear();
        let took = self.keeper.restore(&stored, self.now);
        if took {
            self.know_restored(&stored);
        }
    }

    fn know_restored(&mut self, stored: &StoredToken) {
        let snapshot = self.keeper.snapshot().expect("it was taken");
        let token = snapshot.token().clone();
        let life = stored.lifetime().min(MAX_LIFETIME);
        let usable = life - self.policy.margin(life);
        let age = self.now.wall.saturating_sub(stored.sent());
        let left = usable.saturating_sub(age);
        self.known.push(Known {
            token,
            dead: self.lived + left.as_nanos(),
            gone: false,
        });
        assert!(self.serves(), "promise 4: a dead token is taken over");
        self.replaced_by_newest();
    }

    fn replaced_by_newest(&mut self) {
        let older = self.known.len() - 1;
        for known in &mut self.known[..older] {
            known.gone = true;
        }
    }

    /// What was held before and is not held now must not come back.
    fn lose(&mut self, before: &Option<Snapshot>, after: &Option<Snapshot>) {
        if let (Some(before), None) = (before, after) {
            let lost = self
                .known
                .iter_mut()
                .find(|known| known.token.is_same(before.token()));
            lost.expect("it was known").gone = true;
        }
    }

    fn assert_usable(&self, token: &AccessToken) {
        let known = self.find(token).expect("a token out of nowhere");
        assert!(!known.gone, "a token that was dropped");
        assert!(self.lived < known.dead, "promise 4: an expired token");
    }

    fn find(&self, token: &AccessToken) -> Option<&Known> {
        self.known.iter().find(|known| known.token.is_same(token))
    }

    fn events(&mut self) -> Vec<Event> {
        let mut events: Vec<_> = iter::from_fn(|| self.keeper.poll_event()).collect();
        if events.is_empty() {
            return events;
        }
        // Whoever looks at the clocks finds it.
        if events.contains(&Event::Lapsed) {
            events.retain(|event| *event != Event::Lapsed);
            let flight = self.flight.take().expect("an acquisition was in flight");
            let ends = flight.sent.saturating_add(flight.timeout);
            assert!(!self.steady || self.now.monotonic >= ends, "cut short");
            self.kept_back.push_back(flight);
        }
        assert!(events.len() <= 64);
        let shown = format!("{events:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("t0ken"),
            "{shown}"
        );
        events
    }

    fn assert_events(&mut self, is: fn(&Event) -> bool, count: usize) {
        let events = self.events();
        assert!(
            events.len() == count && events.iter().all(is),
            "{events:?}, not {count}"
        );
    }

    fn assert_events_of_poll(&mut self) {
        let events = self.events();
        let fits = events
            .iter()
            .all(|event| matches!(event, Event::ServedWhileRefreshing | Event::Waiting { .. }));
        assert!(fits && events.len() <= 2, "{events:?}");
    }
}

/// Which kind of step it was.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answered {
    Use,
    Refresh,
    Send,
    Wait,
    Fail,
}

impl Answered {
    fn of(step: &Step) -> Self {
        match step {
            Step::Use(_) => Self::Use,
            Step::Refresh { .. } => Self::Refresh,
            Step::Send(_) => Self::Send,
            Step::Wait { .. } => Self::Wait,
            Step::Fail(_) => Self::Fail,
        }
    }

    fn departs(self) -> bool {
        matches!(self, Self::Refresh | Self::Send)
    }
}

/// The policy: the default one, or one of the ends.
#[derive(Clone, Copy)]
enum Kind {
    Default,
    Least,
    Most,
}

impl Kind {
    fn of(number: u64) -> Self {
        match number % 3 {
            1 => Self::Least,
            2 => Self::Most,
            _ => Self::Default,
        }
    }

    fn policy(self) -> Policy {
        let all = |time, percent| {
            Policy::default()
                .expiry_margin(time)
                .refresh_between(percent)
                .default_lifetime(time)
                .timeout(time)
                .backoff(time, time)
                .permanent_backoff(time, time)
        };
        match self {
            Self::Default => Policy::default(),
            Self::Least => all(Duration::ZERO, 0..=0),
            Self::Most => all(Duration::MAX, 255..=255),
        }
    }

    fn margin(self, life: Duration) -> Duration {
        match self {
            Self::Default => Duration::from_secs(30).min(life / 10),
            Self::Least => Duration::ZERO,
            Self::Most => life / 10,
        }
    }

    fn timeout(self) -> Duration {
        match self {
            Self::Default => Duration::from_secs(10),
            Self::Least => Duration::from_millis(10),
            Self::Most => Duration::from_secs(600),
        }
    }

    fn default_lifetime(self) -> u64 {
        match self {
            Self::Default => 300,
            Self::Least => 1,
            Self::Most => MAX_LIFETIME.as_secs(),
        }
    }
}

fn config(version: u64) -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(secret(version)))
        .audience(audience(version))
        .build()
        .unwrap()
}

fn secret(version: u64) -> String {
    format!("s3cret{}", version % 2)
}

fn audience(version: u64) -> String {
    format!("https://api{}.example", version / 2)
}

/// Lived time, which many long sleeps make longer than a `Duration` can be.
type Nanos = u128;

const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
const MIN_INTERVAL: Duration = Duration::from_secs(1);
const MIN_BACKOFF: Duration = Duration::from_millis(50);
const NANOSECOND: Duration = Duration::from_nanos(1);
