//! An acquisition with a shared store and completions in any order: nothing that arrives unasked counts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Action, Claimed, ClientAuth, Completion, Config, CredentialError, Found, Keeper,
    Moment, Policy, Secret, Step, StoreError, TransportError, TransportErrorKind,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use common::{START, builder, response, token};

/// The result that an action waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Claim,
    Assertion,
    Send,
}

#[derive(Clone, Copy, Debug)]
enum Brought {
    Token,
    ErrorResponse,
    Failed,
    Signature,
    Assertion,
    NoAssertion,
    Lease,
    Taken,
    TooLate,
    Unreadable,
    StoreFailed,
}

impl Brought {
    const ALL: [Self; 11] = [
        Self::Token,
        Self::ErrorResponse,
        Self::Failed,
        Self::Signature,
        Self::Assertion,
        Self::NoAssertion,
        Self::Lease,
        Self::Taken,
        Self::TooLate,
        Self::Unreadable,
        Self::StoreFailed,
    ];

    fn completion(self, now: Moment) -> Completion {
        let number = 7;
        let claimed = |found| {
            Completion::Claimed(Ok(Claimed {
                now: now.wall,
                found,
            }))
        };
        match self {
            Self::Token => token("abc", 900),
            Self::ErrorResponse => response(400, &[], r#"{"error":"invalid_client"}"#),
            Self::Failed => Completion::Failed(TransportError::new(TransportErrorKind::Closed, "")),
            Self::Signature => Completion::Signature(Ok(b"signature".to_vec())),
            Self::Assertion => Completion::Assertion(Ok(Secret::new("a.b.c"))),
            Self::NoAssertion => Completion::Assertion(Err(CredentialError::transient("busy"))),
            Self::Lease => claimed(Found::Lease { number }),
            Self::Taken => claimed(Found::Taken {
                number,
                left: Duration::from_millis(700),
                error_response: None,
            }),
            Self::TooLate => claimed(Found::TooLate),
            Self::Unreadable => claimed(Found::Entry {
                number,
                response: None,
            }),
            Self::StoreFailed => Completion::Claimed(Err(StoreError::timeout())),
        }
    }

    fn fits(self, asked: Asked) -> bool {
        match self {
            Self::Token | Self::ErrorResponse | Self::Failed => asked == Asked::Send,
            Self::Signature => false,
            Self::Assertion | Self::NoAssertion => asked == Asked::Assertion,
            _ => asked == Asked::Claim,
        }
    }

    /// Returns whether a result that fits is the outcome.
    fn is_outcome(self) -> bool {
        matches!(
            self,
            Self::Token | Self::ErrorResponse | Self::Failed | Self::NoAssertion
        )
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Poll,
    Bring(Brought),
    /// Milliseconds.
    Pass(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Poll),
        4 => prop::sample::select(Brought::ALL.to_vec()).prop_map(Event::Bring),
        1 => (0..3000_u64).prop_map(Event::Pass),
    ];
    prop::collection::vec(event, 0..60)
}

/// Runs the acquisition to its end and returns whether it has an outcome.
fn run(acquisition: &mut Acquisition, events: &[Event]) -> (bool, Moment) {
    let mut now = START;
    let ends = now.monotonic + acquisition.time_left(now);
    let (mut pending, mut is_done, mut sent) = (None, false, 0);
    let last = [Event::Pass(11_000), Event::Poll, Event::Poll];
    for event in events.iter().copied().chain(last) {
        match event {
            Event::Pass(milliseconds) => now = now.after(Duration::from_millis(milliseconds)),
            Event::Bring(brought) => {
                acquisition.handle(brought.completion(now), now);
                if pending.is_some_and(|asked| brought.fits(asked)) {
                    pending = None;
                    is_done = brought.is_outcome();
                }
            }
            Event::Poll => {
                let is_over = now.monotonic >= ends;
                let action = acquisition.poll(now, [7; 16]);
                let asked = match &action {
                    Action::Done => {
                        assert!(is_done || is_over, "given up early");
                        continue;
                    }
                    // Here a completion that does not fit would show: it changes nothing.
                    Action::Wait { at_most } => {
                        assert!(pending.is_some(), "nothing is waited for");
                        assert_eq!(*at_most, ends - now.monotonic);
                        continue;
                    }
                    Action::Pause(pause) => {
                        assert!(!pause.is_zero() && *pause <= Duration::from_millis(250));
                        assert_eq!((pending, is_done), (None, false));
                        continue;
                    }
                    Action::Claim(claim) => {
                        assert!(claim.timeout <= Duration::from_millis(100));
                        assert_eq!(sent, 0, "no claim after the request");
                        Asked::Claim
                    }
                    Action::Assertion(_) => Asked::Assertion,
                    Action::Send(..) => {
                        sent += 1;
                        Asked::Send
                    }
                    other => panic!("{other:?}"),
                };
                assert_eq!(
                    (pending, is_done, is_over),
                    (None, false, false),
                    "{asked:?}"
                );
                pending = Some(asked);
            }
        }
    }
    assert!(sent <= 1, "{sent} requests");
    (is_done, now)
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    // fault: store-talks-nonsense
    #[test]
    fn acquisition_with_a_store_ends_and_sends_at_most_once_in_any_order(
        by_assertion in any::<bool>(),
        events in events(),
    ) {
        let config: Config = match by_assertion {
            true => Config::builder("https://login.example/token", "id").client_auth(ClientAuth::Assertion),
            false => builder(),
        }.build().unwrap();
        let mut keeper = Keeper::new(config, Policy::default(), 7).with_store();
        let Step::Send(mut acquisition) = keeper.poll(START) else { panic!("no token is cached") };
        let (is_done, now) = run(&mut acquisition, &events);
        prop_assert_eq!(keeper.finish(acquisition, now).is_some(), is_done);
        prop_assert!(!keeper.is_fetching());
    }
}
