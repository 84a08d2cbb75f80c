//! The life of a token: the table of `Keeper::poll`, and the T and S rows that need no thread.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Completion, Config, Event, Keeper, Moment, Policy, Secret,
    SecretBytes, Step, StoredToken, TokenError, TransportError, TransportErrorKind,
};
use http::{Request, Response};

const EPOCH: Duration = Duration::from_secs(1_800_000_000);
const LIFE: u64 = 1000;
/// A life of 1000 s ends 30 s early; the first refresh is due between 400 s and 845 s.
const DEAD: u64 = 970;
const DUE: u64 = 845;

/// An acquisition whose request has left.
struct Exchange {
    ticket: Acquisition,
    request: Request<SecretBytes>,
    timeout: Duration,
}

/// A keeper and the two clocks that it is told of.
struct World {
    keeper: Keeper,
    now: Moment,
}

impl World {
    fn new() -> Self {
        Self::with(Policy::default(), 7)
    }

    fn with(policy: Policy, seed: u64) -> Self {
        let keeper = Keeper::new(config("s3cret"), policy, seed);
        Self {
            keeper,
            now: Moment {
                monotonic: Duration::from_secs(50),
                wall: EPOCH,
            },
        }
    }

    /// One that holds a token of this life, asked for and received at once.
    fn holding(life: u64) -> Self {
        let mut world = Self::new();
        let exchange = world.send();
        world.answer(exchange.ticket, life).unwrap().unwrap();
        world
    }

    fn pass(&mut self, seconds: u64) -> &mut Self {
        self.pass_exactly(Duration::from_secs(seconds))
    }

    fn pass_exactly(&mut self, time: Duration) -> &mut Self {
        self.now.monotonic += time;
        self.now.wall += time;
        self
    }

    fn poll(&mut self) -> Step {
        self.keeper.poll(self.now)
    }

    fn send(&mut self) -> Exchange {
        match self.poll() {
            Step::Send(acquisition) => self.leave(acquisition),
            other => panic!("not Send: {other:?}"),
        }
    }

    /// Takes the first action, which sends the request.
    fn leave(&self, mut ticket: Acquisition) -> Exchange {
        match ticket.poll(self.now, [0; 16]) {
            Action::Send(request, limits) => Exchange {
                ticket,
                request,
                timeout: limits.timeout,
            },
            other => panic!("not Send: {other:?}"),
        }
    }

    fn finish(
        &mut self,
        mut ticket: Acquisition,
        completion: Completion,
    ) -> Option<Result<AccessToken, TokenError>> {
        ticket.handle(completion, self.now);
        self.keeper.finish(ticket, self.now)
    }

    fn respond(
        &mut self,
        ticket: Acquisition,
        response: Response<impl AsRef<[u8]>>,
    ) -> Option<Result<AccessToken, TokenError>> {
        let response = response.map(|body| SecretBytes::new(body.as_ref().to_vec()));
        self.finish(ticket, Completion::Response(response))
    }

    fn export(&mut self) -> StoredToken {
        self.keeper.export(self.now).unwrap()
    }

    /// Its caller left before an outcome.
    fn cancel(&mut self, ticket: Acquisition) {
        assert!(self.keeper.finish(ticket, self.now).is_none());
    }

    fn refresh(&mut self) -> (AccessToken, Exchange) {
        match self.poll() {
            Step::Refresh { token, acquisition } => (token, self.leave(acquisition)),
            other => panic!("not Refresh: {other:?}"),
        }
    }

    fn token(&mut self) -> AccessToken {
        match self.poll() {
            Step::Use(token) => token,
            other => panic!("not Use: {other:?}"),
        }
    }

    fn wait(&mut self) -> (Duration, Option<TokenError>) {
        match self.poll() {
            Step::Wait { at_most, because } => (at_most, because),
            other => panic!("not Wait: {other:?}"),
        }
    }

    fn fail(&mut self) -> TokenError {
        match self.poll() {
            Step::Fail(error) => error,
            other => panic!("not Fail: {other:?}"),
        }
    }

    fn answer(
        &mut self,
        ticket: Acquisition,
        life: u64,
    ) -> Option<Result<AccessToken, TokenError>> {
        let name = self.now.wall.as_millis();
        let body = format!(r#"{{"access_token":"t{name}","expires_in":{life}}}"#);
        self.respond(ticket, Response::new(body))
    }

    fn refuse(&mut self, ticket: Acquisition) -> TokenError {
        self.status(ticket, 401, "")
    }

    fn status(&mut self, ticket: Acquisition, status: u16, retry_after: &str) -> TokenError {
        let mut response = Response::builder().status(status);
        if !retry_after.is_empty() {
            response = response.header("retry-after", retry_after);
        }
        let response = response.body(r#"{"error":"access_denied"}"#).unwrap();
        self.respond(ticket, response).unwrap().unwrap_err()
    }

    fn fault(&mut self, ticket: Acquisition) -> TokenError {
        let error = TransportError::new(TransportErrorKind::Connect, "refused");
        let failed = Completion::Failed(error);
        self.finish(ticket, failed).unwrap().unwrap_err()
    }

    /// A resource server refuses the token that is held.
    fn rejects(&mut self, dropped: bool) -> &mut Self {
        let held = self.keeper.snapshot().unwrap().token().clone();
        self.keeper.invalidate(&held, self.now);
        assert_eq!(self.keeper.snapshot().is_none(), dropped);
        self
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.keeper.poll_event()).collect()
    }
}

fn config(secret: &str) -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(secret))
        .build()
        .unwrap()
}

#[test]
fn the_table_row_by_row() {
    // fresh: idle, in flight, cooling
    let mut world = World::holding(LIFE);
    world.token();
    // A fresh token with a flight or a pause beside it: only a rejected or late ticket makes that.
    let mut world = World::new();
    let first = world.send();
    world.pass(12).poll_lapsed();
    let second = world.send();
    world.answer(first.ticket, LIFE).unwrap().unwrap();
    world.token();
    world.fault(second.ticket);
    world.token();

    // due: idle, in flight, cooling
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.token();
    world.fault(exchange.ticket);
    world.token();

    // nothing: idle, in flight, cooling after a fault, cooling after a refusal
    let mut world = World::new();
    let exchange = world.send();
    assert!(world.wait().1.is_none());
    world.fault(exchange.ticket);
    assert!(world.wait().1.is_some());
    world.pass(1);
    let exchange = world.send();
    world.refuse(exchange.ticket);
    assert!(!world.fail().is_transient());
}

impl World {
    /// Time passed, and nothing else: an extra poll would depart.
    fn poll_lapsed(&self) {
        let timeout = self.keeper.poll_timeout().unwrap();
        assert!(timeout <= self.now.monotonic);
    }
}

// fault: first-nanosecond-of-the-margin
#[test]
fn the_margin_begins_exactly() {
    let nanosecond = Duration::from_nanos(1);
    let dead = Duration::from_secs(DEAD);
    let mut world = World::holding(LIFE);
    let (_, exchange) = world.pass_exactly(dead - nanosecond).refresh();
    world.cancel(exchange.ticket);
    drop(world.pass_exactly(nanosecond).send());
    drop(World::holding(LIFE).pass_exactly(dead + nanosecond).send());
}

#[test]
fn the_margin_is_a_tenth_of_a_short_life() {
    let mut world = World::holding(100);
    world.pass(89);
    assert!(matches!(world.poll(), Step::Refresh { .. }));
    world.pass(1);
    assert!(
        matches!(world.poll(), Step::Wait { because: None, .. }),
        "the refresh is joined"
    );
}

// fault: sleep-seen-by-the-wall-clock
#[test]
fn a_sleeping_laptop_wakes_to_a_fresh_token() {
    let mut world = World::holding(LIFE);
    world.pass(10).now.wall += Duration::from_secs(5 * 60 * 60);
    drop(world.send());
}

// fault: wall-clock-jump
#[test]
fn a_jumping_wall_clock_makes_no_loop() {
    let ten_years = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let mut world = World::holding(LIFE);
    let mut requests = 0;
    for tenth in 0..100 {
        world.now.wall = if tenth % 2 == 0 {
            EPOCH + ten_years
        } else {
            EPOCH
        };
        world.now.monotonic += Duration::from_millis(100);
        if let Step::Send(acquisition) = world.poll() {
            let exchange = world.leave(acquisition);
            requests += 1;
            world.answer(exchange.ticket, LIFE);
        }
    }
    assert!((1..=10).contains(&requests), "{requests} requests in 10 s");

    let mut world = World::holding(LIFE);
    world.now.wall -= EPOCH;
    world.now.monotonic += Duration::from_secs(10);
    world.token();
    world.now.monotonic += Duration::from_secs(DEAD);
    drop(world.send());
}

// fault: monotonic-clock-set-back
#[test]
fn clocks_that_go_backwards_do_no_harm() {
    let mut world = World::holding(LIFE);
    world.now = Moment {
        monotonic: Duration::ZERO,
        wall: Duration::ZERO,
    };
    world.token();
    let mut world = World::new();
    let exchange = world.send();
    world.now = Moment {
        monotonic: Duration::ZERO,
        wall: Duration::ZERO,
    };
    world.answer(exchange.ticket, LIFE).unwrap().unwrap();
    world.token();
}

// fault: clocks-at-their-end, expires-in-beyond-ten-years
#[test]
fn the_end_of_time_is_not_passed() {
    let mut world = World::new();
    let hour = Duration::from_secs(3600);
    world.now = Moment {
        monotonic: Duration::MAX - hour,
        wall: Duration::MAX - hour,
    };
    let exchange = world.send();
    world.answer(exchange.ticket, u64::MAX).unwrap().unwrap();
    assert_eq!(world.keeper.poll_timeout(), Some(Duration::MAX));
    let nanosecond = Duration::from_nanos(1);
    world.pass_exactly(hour - nanosecond).token();
    // No clock can show the end of this lifetime.
    world.pass_exactly(nanosecond).token();
    assert_eq!(world.keeper.poll_timeout(), Some(Duration::MAX));
}

// fault: wrong-clock, summer-time
// Only what both clocks of the client measured matters, not where they stand.
#[test]
fn a_clock_that_is_off_changes_no_life() {
    for off in [Duration::ZERO, EPOCH * 2] {
        let mut world = World::new();
        world.now.wall = off;
        let exchange = world.send();
        world.answer(exchange.ticket, LIFE);
        world.pass(399).token();
        world.pass(DUE - 399);
        let _ = world.refresh();
    }
}

// fault: slow-token-response
#[test]
fn life_is_counted_from_the_request() {
    let mut world = World::new();
    let exchange = world.send();
    world.pass(50);
    world.answer(exchange.ticket, 60).unwrap().unwrap();
    world.pass(3);
    assert!(matches!(world.poll(), Step::Refresh { .. }));
    world.pass(1);
    assert!(
        matches!(world.poll(), Step::Wait { .. }),
        "a tenth of 60 s before its end, counted from the request"
    );
}

// fault: tokens-expired-on-arrival, expires-in-of-a-second
#[test]
fn tokens_that_are_dead_on_arrival_make_one_request_a_second_at_most() {
    for life in [0, 1] {
        let mut world = World::new();
        let begin = world.now.monotonic;
        let mut requests = 0_u32;
        for _ in 0..36_000 {
            world.pass_exactly(Duration::from_millis(100));
            if let Step::Send(acquisition) = world.poll() {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.pass_exactly(Duration::from_millis(950));
                let token = world.answer(exchange.ticket, life).unwrap();
                assert!(
                    token.unwrap().expose().starts_with('t'),
                    "those who waited get it"
                );
                assert!(
                    matches!(world.poll(), Step::Wait { because: None, .. }),
                    "it is not kept"
                );
            }
        }
        let passed = (world.now.monotonic - begin).as_secs() as u32;
        assert!(
            requests > 1000 && requests <= passed + 1,
            "{requests} in {passed} s"
        );
    }
}

// fault: thirty-years
#[test]
fn thirty_years_hold_one_token_after_another() {
    let mut world = World::holding(86_400);
    let mut tokens = 0;
    for _hour in 0..30 * 365 * 24 {
        world.pass(3600);
        match world.poll() {
            Step::Use(_) => {}
            Step::Refresh { acquisition, .. } => {
                let exchange = world.leave(acquisition);
                tokens += 1;
                world.answer(exchange.ticket, 86_400).unwrap().unwrap();
            }
            other => panic!("a caller had to wait: {other:?}"),
        }
    }
    assert!((10_000..14_000).contains(&tokens), "{tokens}");
}

/// Runs a day of polls a second apart in which the server is out from `from` for `length` seconds.
fn outage(life: u64, seed: u64, from: u64, length: u64) -> (u32, u32) {
    let mut world = World::with(Policy::default(), seed);
    let exchange = world.send();
    world.answer(exchange.ticket, life).unwrap().unwrap();
    let (mut unserved, mut requests) = (0, 0);
    for second in 1..4 * life {
        world.pass(1);
        let out = (from..from + length).contains(&second);
        match world.poll() {
            Step::Use(_) => {}
            Step::Refresh { acquisition, .. } => {
                let exchange = world.leave(acquisition);
                requests += 1;
                match out {
                    true => drop(world.fault(exchange.ticket)),
                    false => drop(world.answer(exchange.ticket, life)),
                }
            }
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                unserved += 1;
                world.cancel(exchange.ticket);
            }
            Step::Wait { .. } | Step::Fail(_) => unserved += 1,
        }
    }
    (unserved, requests)
}

// fault: refresh-fails
#[test]
fn an_outage_of_a_tenth_of_the_life_is_never_seen() {
    for life in [120, 300, 900, 3600] {
        for seed in 0..5 {
            for from in (life / 2..life).step_by((life / 40) as usize) {
                let (unserved, _) = outage(life, seed, from, life / 10);
                assert_eq!(unserved, 0, "life {life}, seed {seed}, out from {from}");
            }
        }
    }
    let (unserved, requests) = outage(86_400, 1, 70_000, 8_640);
    assert_eq!(unserved, 0);
    assert!(requests < 1500, "{requests} requests in an outage of 2.4 h");
}

/// As [`outage`], of a server that takes connections and never answers.
fn hanging_outage(life: u64, seed: u64, from: u64) -> u32 {
    let mut world = World::with(Policy::default(), seed);
    let exchange = world.send();
    world.answer(exchange.ticket, life).unwrap().unwrap();
    let (mut unserved, mut hanging) = (0, None::<(Exchange, u64)>);
    for second in 1..3 * life {
        world.pass(1);
        if let Some((exchange, _)) = hanging.take_if(|(_, ends)| *ends <= second) {
            let error = TransportError::new(TransportErrorKind::Timeout, "");
            world.finish(exchange.ticket, Completion::Failed(error));
        }
        match world.poll() {
            Step::Use(_) => {}
            Step::Refresh { acquisition, .. } if (from..from + life / 10).contains(&second) => {
                let exchange = world.leave(acquisition);
                let ends = second + exchange.timeout.as_secs_f64().ceil() as u64;
                hanging = Some((exchange, ends));
            }
            Step::Refresh { acquisition, .. } => {
                let exchange = world.leave(acquisition);
                drop(world.answer(exchange.ticket, life));
            }
            _ => unserved += 1,
        }
    }
    unserved
}

// fault: refresh-fails, silent-server
#[test]
fn nor_is_one_of_a_server_that_hangs_if_the_token_lives_ten_minutes() {
    for life in [600, 900, 3600] {
        for seed in 0..5 {
            for from in (life / 2..life).step_by((life / 40) as usize) {
                let unserved = hanging_outage(life, seed, from);
                assert_eq!(unserved, 0, "life {life}, seed {seed}, hanging from {from}");
            }
        }
    }
}

#[test]
fn a_wrong_secret_makes_few_requests_in_an_hour() {
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..3600 {
        world.pass(1);
        match world.poll() {
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.refuse(exchange.ticket);
            }
            Step::Fail(error) => assert_eq!(error.status().unwrap(), 401),
            other => panic!("{other:?}"),
        }
    }
    assert!((8..=20).contains(&requests), "{requests}");
}

// fault: invalid-client, request-fails
#[test]
fn a_refusal_reaches_everybody_and_is_not_repeated_before_a_pause() {
    let mut world = World::new();
    let mut pauses = Vec::new();
    for _ in 0..10 {
        let exchange = world.send();
        let error = world.refuse(exchange.ticket);
        for _ in 0..100 {
            assert_eq!(world.fail(), error);
        }
        let resumes = world.keeper.poll_timeout().unwrap();
        pauses.push(resumes - world.now.monotonic);
        world.pass_exactly(*pauses.last().unwrap() - Duration::from_nanos(1));
        world.fail();
        world.pass_exactly(Duration::from_nanos(1));
    }
    let within = |pause: &Duration, bound| (bound / 2..=bound).contains(&pause.as_secs());
    assert!(
        within(&pauses[0], 10) && within(&pauses[3], 80) && within(&pauses[9], 600),
        "{pauses:?}"
    );
}

// fault: backoff-out-of-range, transient-status
#[test]
fn pauses_after_faults_grow_and_are_never_none() {
    let hot = Policy::default().backoff(Duration::ZERO, Duration::ZERO);
    for (policy, longest) in [(Policy::default(), 30), (hot, 1)] {
        let mut world = World::with(policy, 3);
        for _ in 0..50 {
            let exchange = world.send();
            world.fault(exchange.ticket);
            let (pause, because) = world.wait();
            assert!(because.unwrap().is_transient());
            assert!(
                pause >= Duration::from_millis(50) && pause.as_secs() <= longest,
                "{pause:?}"
            );
            world.pass_exactly(pause);
        }
    }
    let slow = Policy::default().backoff(Duration::MAX, Duration::MAX);
    let mut world = World::with(slow, 3);
    let exchange = world.send();
    world.fault(exchange.ticket);
    assert!(world.wait().0.as_secs() <= 24 * 60 * 60);
}

// fault: retry-after-in-seconds, malformed-retry-after, wait-longer-than-the-callers-time
#[test]
fn nothing_is_sent_before_the_server_said() {
    let mut world = World::new();
    let exchange = world.send();
    world.status(exchange.ticket, 429, "7");
    let (at_most, because) = world.wait();
    assert!(at_most >= Duration::from_secs(7));
    assert_eq!(because.unwrap().status().unwrap(), 429);
    world.pass_exactly(at_most - Duration::from_nanos(1));
    world.wait();
    world.pass_exactly(Duration::from_nanos(1));
    let exchange = world.send();
    world.status(exchange.ticket, 401, "86400");
    world.pass(86_399).fail();
    drop(world.pass(8641).send());
}

// fault: retry-after-as-a-date
#[test]
fn a_date_that_is_over_leaves_the_least_pause() {
    for seed in 0..100 {
        let mut world = World::with(Policy::default(), seed);
        let exchange = world.send();
        let error = world.status(exchange.ticket, 429, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(error.retry_after().is_some());
        assert!(world.wait().0 >= Duration::from_millis(50));
    }
}

// fault: retry-after-while-a-token-is-cached
#[test]
fn a_held_token_outlives_a_long_retry_after() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.status(exchange.ticket, 429, "86400");
    world.token();
    world.pass(DEAD - DUE - 1).token();
    let (at_most, because) = world.pass(1).wait();
    let asked = 86_400 - (DEAD - DUE);
    // Up to a tenth of the wait is added as jitter.
    assert!((asked..asked + 8640).contains(&at_most.as_secs()));
    assert_eq!(because.unwrap().status().unwrap(), 429);
}

// fault: token-expires-during-its-refresh
#[test]
fn callers_join_a_refresh_that_is_under_way_at_the_end() {
    let mut world = World::holding(LIFE);
    world.pass(DEAD - 1);
    let (_, exchange) = world.refresh();
    world.pass(1);
    assert!(world.wait().1.is_none());
    world.answer(exchange.ticket, LIFE);
    world.token();
}

// fault: five-hundred-rejections, rejection-of-a-replaced-token, rejected-token
#[test]
fn rejecting_is_fenced() {
    let mut world = World::holding(LIFE);
    let old = world.pass(10).token();
    for _ in 0..500 {
        world.keeper.invalidate(&old.clone(), world.now);
    }
    let exchange = world.send();
    world.answer(exchange.ticket, LIFE);
    let new = world.token();
    world.keeper.invalidate(&old, world.now);
    assert_eq!(world.token().expose(), new.expose());
    assert_eq!(
        world
            .events()
            .iter()
            .filter(|event| matches!(event, Event::Invalidated { .. }))
            .count(),
        1
    );
}

#[test]
fn a_route_that_refuses_everything_starves_nobody() {
    let mut world = World::new();
    let (mut requests, mut waited) = (0, 0);
    for tenth in 0..72_000_u32 {
        world.pass_exactly(Duration::from_millis(100));
        match world.poll() {
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.answer(exchange.ticket, 86_400);
            }
            Step::Use(token) if tenth % 50 == 0 => world.keeper.invalidate(&token, world.now),
            Step::Wait { .. } => waited += 1,
            _ => {}
        }
    }
    assert!(requests < 30, "{requests} in two hours");
    assert!(waited < 30, "{waited} of 72000 callers waited");
}

#[test]
fn exchanges_that_are_all_given_up_are_spaced_out() {
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..10_000 {
        world.pass_exactly(Duration::from_millis(1));
        if let Step::Send(acquisition) = world.poll() {
            let exchange = world.leave(acquisition);
            requests += 1;
            world.cancel(exchange.ticket);
        }
    }
    assert!((10..=20).contains(&requests), "{requests} in 10 s");
}

#[test]
fn a_slow_server_has_the_whole_timeout_the_next_time() {
    let mut world = World::holding(300);
    world.pass(240);
    let (_, exchange) = world.refresh();
    assert!(exchange.timeout < Duration::from_secs(10));
    let error = TransportError::new(TransportErrorKind::Timeout, "");
    world.finish(exchange.ticket, Completion::Failed(error));
    world.pass(2);
    let (_, exchange) = world.refresh();
    assert_eq!(exchange.timeout, Duration::from_secs(10));
    world.pass(5);
    world.answer(exchange.ticket, 300);
    world.pass(240);
    assert_eq!(world.refresh().1.timeout, Duration::from_secs(10));
}

#[test]
// fault: a-fault-fixed-at-the-server
fn same_configuration_again_lifts_the_backoff_and_changes_nothing_else() {
    let mut world = World::new();
    let exchange = world.send();
    world.refuse(exchange.ticket);
    world.fail();
    world.events();
    world.keeper.replace_config(config("s3cret"));
    let exchange = world.send();
    world.keeper.replace_config(config("s3cret"));
    assert!(
        world.wait().1.is_none(),
        "the acquisition is still in flight"
    );
    world.answer(exchange.ticket, LIFE).unwrap().unwrap();
    let token = world.token();
    world.keeper.replace_config(config("s3cret"));
    assert!(world.token().is_same(&token));
    assert!(!world.events().contains(&Event::Replaced));
}

#[test]
fn a_late_success_does_not_lift_what_the_server_asked_for_since() {
    let mut world = World::new();
    let first = world.send();
    world.pass(12);
    let second = world.send();
    world.status(second.ticket, 429, "3600");
    world.pass(2);
    world.answer(first.ticket, 1).unwrap().unwrap();
    assert_eq!(world.wait().1.unwrap().status().unwrap(), 429);
}

#[test]
fn a_fetched_token_takes_the_place_of_a_restored_one() {
    let stored = World::holding(LIFE).export();
    let mut world = World::new();
    let exchange = world.send();
    world.pass(1);
    assert!(world.keeper.restore(&stored, world.now));
    world.answer(exchange.ticket, LIFE).unwrap().unwrap();
    assert_ne!(world.token().expose(), stored.access_token().expose());
}

#[test]
fn a_resource_server_that_refuses_everything_does_not_make_a_request_each_time() {
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..36_000 {
        world.pass_exactly(Duration::from_millis(100));
        match world.poll() {
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.answer(exchange.ticket, LIFE);
            }
            Step::Use(token) => world.keeper.invalidate(&token, world.now),
            _ => {}
        }
    }
    assert!(requests < 20, "{requests} in an hour");
}

// fault: config-replaced-during-a-request
#[test]
fn an_answer_to_the_old_configuration_is_not_taken() {
    let mut world = World::new();
    let old = world.send();
    world.keeper.replace_config(config("new"));
    let new = world.send();
    assert!(String::from_utf8_lossy(new.request.body().as_ref()).contains("client_secret=new"));
    assert!(world.answer(old.ticket, LIFE).is_none());
    assert!(
        world.wait().1.is_none(),
        "the new exchange is still under way"
    );
    world.answer(new.ticket, LIFE);
    let token = world.token();

    world.keeper.replace_config(config("rotated"));
    assert_eq!(world.token().expose(), token.expose(), "good for the same");
    world.keeper.replace_config(
        config("rotated")
            .to_builder()
            .audience("another")
            .build()
            .unwrap(),
    );
    drop(world.pass(1).send());
}

// fault: config-replaced-during-a-request
#[test]
fn neither_is_a_failure_nor_the_end_of_an_exchange_of_the_old_one() {
    let mut world = World::new();
    let (failed, given_up) = (world.send(), {
        world.keeper.replace_config(config("second"));
        world.send()
    });
    world.keeper.replace_config(config("third"));
    let current = world.send();
    let error = TransportError::new(TransportErrorKind::Closed, "");
    let told = world.finish(failed.ticket, Completion::Failed(error));
    assert!(told.is_none());
    world.cancel(given_up.ticket);
    let (_, because) = world.wait();
    assert!(because.is_none(), "the third exchange is still under way");
    world.answer(current.ticket, LIFE);
    world.token();
}

#[test]
fn a_new_secret_is_tried_at_once() {
    let mut world = World::new();
    let exchange = world.send();
    world.refuse(exchange.ticket);
    world.pass(1).fail();
    world.keeper.replace_config(config("new"));
    drop(world.send());
}

// fault: late-response
#[test]
fn a_late_answer_never_takes_the_place_of_a_newer_one() {
    let mut world = World::new();
    let first = world.send();
    world.pass(12);
    let second = world.send();
    world.answer(second.ticket, LIFE);
    let newer = world.token();
    world.pass(1);
    world.answer(first.ticket, 10 * LIFE).unwrap().unwrap();
    assert_eq!(world.token().expose(), newer.expose());

    let mut world = World::new();
    let first = world.send();
    world.pass(12);
    let second = world.send();
    world.refuse(first.ticket);
    assert!(
        world.wait().1.is_none(),
        "a late refusal says nothing of the second"
    );
    world.answer(second.ticket, LIFE);
    world.token();
}

#[test]
fn a_ticket_that_nobody_reports_lapses() {
    let mut world = World::new();
    let exchange = world.send();
    world.pass_exactly(exchange.timeout);
    let (grace, _) = world.wait();
    assert!(grace <= Duration::from_secs(1));
    world.pass_exactly(grace);
    drop(world.send());
    assert!(world.events().contains(&Event::Lapsed));
}

// fault: caller-cancelled, all-callers-cancelled
#[test]
fn a_cancelled_exchange_is_begun_again_by_the_next_caller() {
    let mut world = World::new();
    for _ in 0..100 {
        let exchange = world.send();
        assert!(world.wait().1.is_none());
        world.cancel(exchange.ticket);
        world.pass(1);
    }
}

#[test]
fn the_first_token_is_dropped_at_once_and_the_next_not_before_its_time() {
    let second = Duration::from_secs(2);
    let nanosecond = Duration::from_nanos(1);
    for (age, dropped) in [(second - nanosecond, false), (second, true)] {
        let mut world = World::holding(LIFE);
        world.rejects(true).pass(1);
        let exchange = world.send();
        world.answer(exchange.ticket, LIFE);
        world.pass_exactly(age).rejects(dropped);
    }
}

#[test]
fn a_token_that_has_lived_for_long_was_good() {
    let longest = Duration::from_secs(100);
    let policy = Policy::default().permanent_backoff(Duration::from_secs(1), longest);
    for (age, counts_anew) in [
        (2 * longest, false),
        (2 * longest + Duration::from_nanos(1), true),
        (3 * longest, true),
    ] {
        let mut world = World::with(policy.clone(), 7);
        for age in [Duration::ZERO, age] {
            world.pass(1);
            let exchange = world.send();
            world.answer(exchange.ticket, 10_000);
            world.pass_exactly(age).rejects(true);
        }
        world.pass(1);
        let exchange = world.send();
        world.answer(exchange.ticket, 10_000);
        // The next one is kept until it is 2 s old, or 4 s.
        world.pass(3).rejects(counts_anew);
    }
}

#[test]
fn whether_an_exchange_is_under_way() {
    let mut world = World::new();
    assert!(!world.keeper.is_fetching());
    assert_eq!(world.keeper.poll_timeout(), None, "nobody has polled");
    let exchange = world.send();
    assert!(world.keeper.is_fetching());
    world.answer(exchange.ticket, LIFE);
    assert!(!world.keeper.is_fetching());
}

#[test]
fn a_pause_is_told_to_the_first_who_waits_for_it() {
    let mut world = World::new();
    let exchange = world.send();
    world.fault(exchange.ticket);
    assert_eq!(world.events().len(), 1, "the fault");
    world.wait();
    assert!(matches!(world.events()[..], [Event::Waiting { .. }]));
    world.wait();
    assert_eq!(world.events(), []);
}

#[test]
fn a_late_failure_says_nothing_of_the_exchange_that_took_its_place() {
    let mut world = World::new();
    let first = world.send();
    let second = world.pass(12).send();
    world.events();
    world.fault(first.ticket);
    assert_eq!(world.events(), []);
    world.cancel(second.ticket);
    // The first lapsed and the second was cancelled: two in a row are spaced.
    let _ = world.pass_exactly(Duration::from_millis(50)).send();
}

// fault: expires-in-of-a-second, slow-token-response
#[test]
fn what_is_dead_on_arrival_is_not_kept() {
    for (life, took) in [(1, 0), (60, 54), (60, 100)] {
        let mut world = World::with(Policy::default().timeout(Duration::from_secs(200)), 7);
        let exchange = world.send();
        world
            .pass(took)
            .answer(exchange.ticket, life)
            .unwrap()
            .unwrap();
        assert!(matches!(
            world.events()[..],
            [Event::Fetched { cached: false, .. }]
        ));
        assert!(world.keeper.snapshot().is_none());
    }
}

#[test]
fn only_a_server_that_is_slow_has_the_whole_timeout_the_next_time() {
    let (short, whole) = (Duration::from_secs(2), Duration::from_secs(10));
    for (took, timeout) in [(short, short), (short + Duration::from_nanos(1), whole)] {
        let mut world = World::new();
        let exchange = world.send();
        world.pass_exactly(took).answer(exchange.ticket, 300);
        assert_eq!(world.pass(240).refresh().1.timeout, timeout);
    }
    let mut world = World::holding(300);
    let (_, exchange) = world.pass(240).refresh();
    world.fault(exchange.ticket);
    assert_eq!(
        world.pass(5).refresh().1.timeout,
        short,
        "a fault is not slow"
    );
}

#[test]
fn each_number_of_a_policy_is_one_of_its_own() {
    let setters: [fn(Policy) -> Policy; 8] = [
        |policy| policy.expiry_margin(Duration::from_secs(7)),
        |policy| policy.refresh_between(20..=30),
        |policy| policy.first_refresh_from(15),
        |policy| policy.default_lifetime(Duration::from_secs(7)),
        |policy| policy.timeout(Duration::from_secs(7)),
        |policy| policy.backoff(Duration::from_secs(7), Duration::from_secs(8)),
        |policy| policy.permanent_backoff(Duration::from_secs(7), Duration::from_secs(8)),
        |policy| policy.max_retry_after(Duration::from_secs(7)),
    ];
    let set = |policy, setter: &fn(Policy) -> Policy| setter(policy);
    let all = setters.iter().fold(Policy::default(), set);
    assert_eq!(setters.iter().rev().fold(Policy::default(), set), all);
    for left_out in 0..setters.len() {
        let mut others = setters.to_vec();
        others.remove(left_out);
        assert_ne!(others.iter().fold(Policy::default(), set), all);
    }
}

// fault: margin-larger-than-the-lifetime
#[test]
fn no_policy_makes_a_loop() {
    for policy in [
        Policy::default().expiry_margin(Duration::MAX),
        Policy::default()
            .expiry_margin(Duration::ZERO)
            .refresh_between(0..=0)
            .first_refresh_from(0),
        Policy::default()
            .refresh_between(255..=255)
            .permanent_backoff(Duration::ZERO, Duration::ZERO),
        Policy::default()
            .timeout(Duration::ZERO)
            .default_lifetime(Duration::ZERO),
        Policy::default()
            .timeout(Duration::MAX)
            .default_lifetime(Duration::MAX),
    ] {
        let mut world = World::with(policy, 5);
        let mut requests = 0;
        for _ in 0..3600 {
            world.pass(1);
            if let Step::Send(acquisition) | Step::Refresh { acquisition, .. } = world.poll() {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.answer(exchange.ticket, LIFE);
            }
        }
        assert!(requests <= 40, "{requests}");
    }
}

// fault: default-lifetime-out-of-range, missing-expires-in
#[test]
fn an_absent_lifetime_is_assumed() {
    for (assumed, dead_after) in [
        (Duration::from_secs(500), 470),
        (Duration::ZERO, 1),
        (Duration::MAX, u64::MAX),
    ] {
        let mut world = World::with(Policy::default().default_lifetime(assumed), 1);
        let exchange = world.send();
        let token = r#"{"access_token":"t"}"#;
        world
            .respond(exchange.ticket, Response::new(token))
            .unwrap()
            .unwrap();
        if dead_after < u64::MAX {
            drop(world.pass(dead_after).send());
        } else {
            world.pass(3 * 365 * 24 * 60 * 60).token();
        }
    }
}

#[test]
fn a_lease_is_what_poll_would_answer() {
    let mut world = World::new();
    assert!(world.keeper.snapshot().is_none());
    let exchange = world.send();
    world.answer(exchange.ticket, LIFE);
    for _ in 0..4 * LIFE {
        world.pass(1);
        let snapshot = world
            .keeper
            .snapshot()
            .filter(|snapshot| snapshot.lasts(world.now));
        match (world.poll(), snapshot) {
            (Step::Use(token), Some(snapshot)) => assert!(token.is_same(snapshot.token())),
            (step, Some(_)) => panic!("the snapshot lasts, but {step:?}"),
            (Step::Refresh { acquisition, .. } | Step::Send(acquisition), None) => {
                let exchange = world.leave(acquisition);
                match world.now.wall.as_secs() % 3 {
                    0 => drop(world.answer(exchange.ticket, LIFE)),
                    1 => drop(world.fault(exchange.ticket)),
                    _ => {}
                }
            }
            (Step::Use(_), None) => {}
            (Step::Wait { .. } | Step::Fail(_), None) => {}
        }
    }
}

// Whichever clock ends the pause, the lease ends with it.
#[test]
fn a_lease_is_what_poll_would_answer_where_the_clocks_disagree() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    world.now.wall -= Duration::from_secs(1000);
    let (_, exchange) = world.refresh();
    world.status(exchange.ticket, 503, "100");
    world.pass(1).now.wall += Duration::from_secs(110);
    assert!(!world.keeper.snapshot().unwrap().lasts(world.now));
    let _ = world.refresh();
}

#[test]
fn a_lease_lasts_until_something_else_would_be_done() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.status(exchange.ticket, 503, "100");
    let snapshot = world.keeper.snapshot().unwrap();
    assert!(snapshot.lasts(world.now.after(Duration::from_millis(99_999))));
    assert!(!snapshot.lasts(world.now.after(Duration::from_secs(110))));

    let mut world = World::new();
    let first = world.send();
    let second = world.pass(12).send();
    world.answer(first.ticket, LIFE).unwrap().unwrap();
    world.fault(second.ticket);
    let snapshot = world.keeper.snapshot().unwrap();
    assert!(
        snapshot.lasts(world.pass(300).now),
        "a backoff that is over before the refresh is due cuts no snapshot"
    );
}

#[test]
fn the_timeout_is_when_poll_answers_otherwise() {
    let stored = World::holding(LIFE).export();
    let mut world = World::new();
    let _ = world.send();
    assert!(world.keeper.restore(&stored, world.now));
    let timeout = world.keeper.poll_timeout().unwrap();
    let due = timeout - world.now.monotonic;
    assert!(
        due >= Duration::from_secs(800),
        "nothing is done when the ticket lapses"
    );
    world.pass_exactly(due - Duration::from_nanos(1)).token();
    let _ = world.pass_exactly(Duration::from_nanos(1)).refresh();
}

#[test]
fn what_is_exported_can_be_restored_in_a_later_run() {
    let mut world = World::holding(LIFE);
    world.pass(100);
    let stored = world.export();
    assert!(!format!("{stored:?}").contains(stored.access_token().expose()));
    let changed = |token: &str, scope: Option<&str>, sent, lifetime| {
        let scope = scope.map(str::to_owned);
        StoredToken::new(
            stored.key().clone(),
            Secret::new(token),
            scope,
            sent,
            lifetime,
        )
    };
    let echo = changed("t", Some("s3cret"), stored.sent(), stored.lifetime());
    assert!(!format!("{echo:?}").contains("s3cret"));
    assert!(format!("{echo:?}").contains("lifetime: 1000s"));

    let later = |monotonic, wall| {
        let mut world = World::new();
        world.now = Moment {
            monotonic: Duration::from_secs(monotonic),
            wall: EPOCH + Duration::from_secs(wall),
        };
        let taken = world.keeper.restore(&stored, world.now);
        (world, taken)
    };
    let (mut world, taken) = later(0, 200);
    assert!(taken);
    assert_eq!(world.token().expose(), stored.access_token().expose());
    world.now.monotonic += Duration::from_secs(DEAD - 200 - 1);
    assert!(matches!(world.poll(), Step::Refresh { .. }));
    world.now.monotonic += Duration::from_secs(1);
    assert!(!matches!(world.poll(), Step::Use(_) | Step::Refresh { .. }));

    assert!(!later(5, DEAD).1, "its margin has begun");
    let future = changed(
        "t",
        None,
        EPOCH + Duration::from_secs(1000),
        stored.lifetime(),
    );
    assert!(
        !World::new().keeper.restore(&future, world.now),
        "sent in the future"
    );
    let endless = changed("t", None, stored.sent(), Duration::MAX);
    let mut world = World::new();
    assert!(
        world.keeper.restore(&endless, world.now),
        "cut to ten years"
    );
}

#[test]
fn a_stored_token_does_not_take_the_place_of_a_held_one() {
    let mut world = World::holding(LIFE);
    let stored = world.export();
    assert!(!world.keeper.restore(&stored, world.now));
    let (key, token) = (stored.key().clone(), Secret::new("line\nbreak"));
    let broken = StoredToken::new(key, token, None, stored.sent(), stored.lifetime());
    assert!(!World::new().keeper.restore(&broken, world.now));
}

#[test]
fn events_tell_the_story_once_and_without_secrets() {
    let mut world = World::new();
    let exchange = world.send();
    let error = world.fault(exchange.ticket);
    world.wait();
    let (pause, _) = world.wait();
    world.pass_exactly(pause).pass(1);
    let exchange = world.send();
    world.answer(exchange.ticket, LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.token();
    world.token();
    world.refuse(exchange.ticket);
    let events = world.events();
    let kinds: Vec<_> = events
        .iter()
        .map(|event| {
            format!("{event:?}")
                .split([' ', '{'])
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "Failed",
            "Waiting",
            "Fetched",
            "RefreshStarted",
            "ServedWhileRefreshing",
            "Failed"
        ]
    );
    assert!(
        matches!(&events[0], Event::Failed { error: told, serving: false, .. } if *told == error)
    );
    assert!(
        matches!(&events[5], Event::Failed { error, serving: true, .. } if !error.is_transient())
    );

    for _ in 0..1000 {
        let mut exchange = None;
        while exchange.is_none() {
            world.pass(1000);
            exchange = match world.poll() {
                Step::Send(acquisition) | Step::Refresh { acquisition, .. } => {
                    Some(world.leave(acquisition))
                }
                _ => None,
            };
        }
        world.cancel(exchange.unwrap().ticket);
    }
    assert!(world.events().len() <= 64);
    assert!(!format!("{:?}", world.keeper).contains("s3cret"));
}

// fault: wall-clock-jump
#[test]
fn wall_clock_that_jumps_while_a_request_is_in_flight_makes_no_loop() {
    let ten_years = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..1000 {
        world.pass_exactly(Duration::from_millis(10));
        if let Step::Send(acquisition) = world.poll() {
            let exchange = world.leave(acquisition);
            requests += 1;
            world.now.wall += ten_years;
            world.answer(exchange.ticket, LIFE);
            world.now.wall -= ten_years;
        }
    }
    assert!((1..=11).contains(&requests), "{requests} requests in 10 s");
}
