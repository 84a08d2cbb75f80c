//! Any order of calls and any clocks: the promises of `Keeper`, checked against a model of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Completion, Config, Keeper, Moment, Policy, Secret,
    SecretBytes, Step, TokenError, TransportError, TransportErrorKind,
};
use http::Response;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[derive(Clone, Debug)]
enum Call {
    Pass(u64),
    /// The wall clock is set forward or back.
    SetWall(i64),
    /// The machine sleeps: only the wall clock goes on.
    Sleep(u64),
    Poll,
    Token {
        life: u64,
    },
    Fault,
    Refuse {
        status: u16,
        retry_after: u64,
    },
    Cancel,
    /// The ticket is lost.
    Forget,
    /// The oldest ticket that was lost is reported after all, with a token.
    LateToken {
        life: u64,
    },
    RejectNewest,
    RejectOldest,
    Replace,
    Restart,
}

fn call() -> impl Strategy<Value = Call> {
    let life = prop_oneof![
        Just(0),
        Just(1),
        2..100_u64,
        100..100_000_u64,
        Just(u64::MAX)
    ];
    prop_oneof![
        6 => (0..2000_u64).prop_map(Call::Pass),
        6 => (0..400_000_u64).prop_map(Call::Pass),
        1 => any::<i32>().prop_map(|seconds| Call::SetWall(seconds.into())),
        1 => (0..100_000_u64).prop_map(Call::Sleep),
        16 => Just(Call::Poll),
        8 => life.clone().prop_map(|life| Call::Token { life }),
        2 => Just(Call::Fault),
        2 => (prop::sample::select(vec![400_u16, 401, 403, 404, 429, 500, 503]), prop_oneof![Just(0), 0..100_000_u64])
            .prop_map(|(status, retry_after)| Call::Refuse { status, retry_after }),
        1 => Just(Call::Cancel),
        1 => Just(Call::Forget),
        1 => life.prop_map(|life| Call::LateToken { life }),
        1 => Just(Call::RejectNewest),
        1 => Just(Call::RejectOldest),
        1 => Just(Call::Replace),
        1 => Just(Call::Restart),
    ]
}

/// What the model knows of a token that was fetched.
struct Known {
    token: AccessToken,
    /// In lived time.
    sent: Duration,
    life: Duration,
    order: usize,
    /// The first one after a start or an outage: no valid token was held, or an attempt had failed.
    ends_a_gap: bool,
}

struct Flight {
    acquisition: Acquisition,
    /// In lived time.
    sent: Duration,
    /// By the monotonic clock.
    left: Duration,
    /// By the monotonic clock.
    ends: Duration,
    order: usize,
}

struct Model {
    keeper: Keeper,
    now: Moment,
    /// What really passed, as far as the clocks can tell: running, sleeping, and steps forward.
    lived: Duration,
    /// The acquisition in flight.
    flight: Option<Flight>,
    lost: Vec<Flight>,
    known: Vec<Known>,
    /// The token that has to be served, by its place in `known`.
    held: Option<usize>,
    departures: usize,
    /// Nothing may be sent before.
    quiet_until: Option<Duration>,
    /// By the monotonic clock, when the request of the last token left.
    last_success: Option<Duration>,
    /// An attempt failed since the last token.
    failed: bool,
}

impl Model {
    fn new(seed: u64) -> Self {
        Self {
            keeper: Keeper::new(config(0), Policy::default(), seed),
            now: Moment {
                monotonic: Duration::ZERO,
                wall: Duration::from_secs(5_000_000_000),
            },
            lived: Duration::ZERO,
            flight: None,
            lost: Vec::new(),
            known: Vec::new(),
            held: None,
            departures: 0,
            quiet_until: None,
            last_success: None,
            failed: false,
        }
    }

    fn make(&mut self, call: Call) {
        match call {
            Call::Pass(milliseconds) => {
                let time = Duration::from_millis(milliseconds);
                self.now.monotonic += time;
                self.now.wall += time;
                self.lived += time;
            }
            Call::SetWall(seconds) => {
                let by = Duration::from_secs(seconds.unsigned_abs());
                let wall = self.now.wall;
                if seconds < 0 {
                    self.now.wall = wall.saturating_sub(by);
                } else {
                    self.now.wall = wall + by;
                    self.lived += by;
                }
            }
            Call::Sleep(seconds) => {
                self.now.wall += Duration::from_secs(seconds);
                self.lived += Duration::from_secs(seconds);
            }
            Call::Poll => self.poll(),
            Call::Token { life } => {
                if let Some(flight) = self.flight.take() {
                    self.arrive(flight, life, true);
                }
            }
            Call::LateToken { life } => {
                if !self.lost.is_empty() {
                    let flight = self.lost.remove(0);
                    self.arrive(flight, life, false);
                }
            }
            Call::Fault => {
                if let Some(flight) = self.flight.take() {
                    let error = TransportError::new(TransportErrorKind::Closed, "");
                    self.finish(flight, Completion::Failed(error));
                    self.failed = true;
                }
            }
            Call::Refuse {
                status,
                retry_after,
            } => {
                if let Some(flight) = self.flight.take() {
                    let response = Response::builder()
                        .status(status)
                        .header("retry-after", retry_after);
                    let body = SecretBytes::new(br#"{"error":"x"}"#.to_vec());
                    let response = response.body(body).unwrap();
                    let outcome = self.finish(flight, Completion::Response(response));
                    assert!(outcome.unwrap().is_err());
                    self.failed = true;
                    // fault: retry-after-beyond-a-day
                    let believed = if retry_after > 86_400 { 0 } else { retry_after };
                    self.quiet_until = Some(self.lived + Duration::from_secs(believed));
                }
            }
            Call::Cancel => {
                if let Some(flight) = self.flight.take() {
                    let outcome = self.keeper.finish(flight.acquisition, self.now);
                    assert!(outcome.is_none());
                }
            }
            Call::Forget => {
                if let Some(flight) = self.flight.take() {
                    // Until it lapses, it counts as in flight.
                    self.quiet_until = None;
                    let lapses = flight.ends + Duration::from_secs(1);
                    let passed = lapses.saturating_sub(self.now.monotonic);
                    self.now.monotonic += passed;
                    self.now.wall += passed;
                    self.lived += passed;
                    self.lost.push(flight);
                }
            }
            Call::RejectNewest => self.invalidate(self.known.len().checked_sub(1)),
            Call::RejectOldest => self.invalidate((!self.known.is_empty()).then_some(0)),
            Call::Replace => {
                let version = self.departures;
                self.keeper.replace_config(config(version));
                self.flight = None;
                self.lost.clear();
                self.quiet_until = None;
                self.last_success = None;
                self.failed = false;
            }
            Call::Restart => {
                let stored = self.keeper.export(self.now);
                if let Some(stored) = stored.filter(|_| self.flight.is_none()) {
                    let mut keeper = Keeper::new(config(0), Policy::default(), 1);
                    let kept = keeper.restore(&stored, self.now);
                    let step = keeper.poll(self.now);
                    assert_eq!(
                        kept,
                        matches!(step, Step::Use(_) | Step::Refresh { .. }),
                        "{step:?}"
                    );
                }
            }
        }
        // Each move of the clocks is seen, or no two clocks could tell a set-back and a sleep apart from neither.
        let _ = self.keeper.export(self.now);
        // An extra call is harmless, and asking for the timeout changes nothing.
        assert_eq!(self.keeper.poll_timeout(), self.keeper.poll_timeout());
        assert!(!format!("{:?}", self.keeper.poll_event()).contains("s3cret"));
    }

    fn finish(
        &mut self,
        mut flight: Flight,
        completion: Completion,
    ) -> Option<Result<AccessToken, TokenError>> {
        flight.acquisition.handle(completion, self.now);
        self.keeper.finish(flight.acquisition, self.now)
    }

    fn arrive(&mut self, flight: Flight, life: u64, current: bool) {
        let (order, sent, left) = (flight.order, flight.sent, flight.left);
        let body = format!(r#"{{"access_token":"t{order}","expires_in":{life}}}"#);
        let response = Response::new(SecretBytes::new(body.into_bytes()));
        let outcome = self.finish(flight, Completion::Response(response));
        let token = outcome.unwrap().unwrap();
        let life = Duration::from_secs(life).min(Duration::from_secs(315_360_000));
        let newest = self.known.len();
        let older = self.usable().is_some_and(|held| held.order > order);
        self.known.push(Known {
            token,
            sent,
            life,
            order,
            ends_a_gap: self.failed || self.usable().is_none(),
        });
        if !older {
            // What is dead on arrival goes to those who waited, and is not kept.
            let before = self.held.replace(newest);
            let kept = life > Duration::from_secs(1) && self.usable().is_some();
            self.held = if kept { Some(newest) } else { before };
            if current {
                self.quiet_until = None;
                self.failed = false;
            }
            self.last_success = Some(left);
        }
    }

    fn invalidate(&mut self, index: Option<usize>) {
        if let Some(index) = index {
            let token = self.known[index].token.clone();
            self.keeper.invalidate(&token, self.now);
            // The second of two new tokens that are refused is kept for a time.
            let kept = self
                .keeper
                .snapshot()
                .is_some_and(|snapshot| snapshot.token().is_same(&token));
            self.held.take_if(|held| *held == index && !kept);
        }
    }

    fn held(&self) -> Option<&Known> {
        self.held.map(|held| &self.known[held])
    }

    /// By promise 4: its margin has not begun, whatever the clocks did since.
    fn usable(&self) -> Option<&Known> {
        self.held().filter(|held| {
            let margin = Duration::from_secs(30).min(held.life / 10);
            self.lived < held.sent + held.life - margin
        })
    }

    fn poll(&mut self) {
        let snapshot = self
            .keeper
            .snapshot()
            .filter(|snapshot| snapshot.lasts(self.now));
        let step = self.keeper.poll(self.now);
        // Once over by either clock, a pause stays over.
        let lived = self.lived;
        self.quiet_until
            .take_if(|quiet_until| lived >= *quiet_until);
        if let Some(snapshot) = snapshot {
            let served = matches!(&step, Step::Use(token) if token.is_same(snapshot.token()));
            assert!(served, "a snapshot that lasts, and {step:?}");
        }
        match self.usable() {
            Some(held) => match &step {
                Step::Use(token) | Step::Refresh { token, .. } => {
                    assert_eq!(
                        token.expose(),
                        held.token.expose(),
                        "the newest that was not refused"
                    );
                }
                other => panic!("promise 1: a caller waits while a token is held: {other:?}"),
            },
            None => {
                assert!(
                    !matches!(step, Step::Use(_) | Step::Refresh { .. }),
                    "promise 4: {step:?}"
                );
                // Once by either clock over, always over.
                self.held = None;
            }
        }
        match step {
            Step::Send(acquisition) => self.depart(acquisition),
            Step::Refresh { acquisition, .. } => {
                let held = self.usable().unwrap();
                // Short of 80 %, by as much as an outage and the margin need of a short lifetime.
                let earliest = match held.ends_a_gap {
                    true => held.life * 2 / 5,
                    false => held.life * 3 / 4,
                };
                let earliest = held.sent + earliest;
                assert!(self.lived >= earliest, "promise 3: a refresh too early");
                self.depart(acquisition);
            }
            Step::Wait { at_most, because } => {
                assert!(!at_most.is_zero(), "a hot loop");
                assert!(because.is_none_or(|error| error.is_transient()));
            }
            Step::Fail(error) => assert!(!error.is_transient()),
            Step::Use(_) => {}
        }
    }

    fn depart(&mut self, mut acquisition: Acquisition) {
        if let Some(flight) = &self.flight {
            assert!(
                self.now.monotonic >= flight.ends,
                "promise 2: two in flight"
            );
        }
        if let Some(quiet_until) = self.quiet_until {
            assert!(
                self.lived >= quiet_until,
                "promise 5: sent before the server said"
            );
        }
        if let Some(last) = self.last_success {
            let interval = Duration::from_secs(1);
            assert!(
                self.now.monotonic >= last + interval,
                "two tokens in a second"
            );
        }
        self.lost.extend(self.flight.take());
        let Action::Send(_, limits) = acquisition.poll(self.now, [0; 16]) else {
            panic!("a secret needs no assertion");
        };
        self.flight = Some(Flight {
            acquisition,
            sent: self.lived,
            left: self.now.monotonic,
            ends: self.now.monotonic + limits.timeout,
            order: self.departures,
        });
        self.departures += 1;
    }
}

fn config(version: usize) -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(format!("s3cret{version}")))
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_promises_hold_in_any_order(seed in any::<u64>(), calls in prop::collection::vec(call(), 1..120)) {
        let mut model = Model::new(seed);
        for call in calls {
            model.make(call);
        }
    }
}
