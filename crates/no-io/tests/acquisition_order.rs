//! The table of `Acquisition`: each action once, in order, and nothing that arrives unasked counts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Algorithm, ClientAuth, Completion, Config, CredentialError,
    Culprit, Grant, GrantAssertion, JwtAssertion, Keeper, Place, Policy, Purpose, Secret, Step,
    StoreError, TokenError, TransportError, TransportErrorKind,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use common::{START, World, config, leave, response, token};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The result that an action asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Sign(Purpose),
    Assertion(Purpose),
    Send,
}

/// Each combination of what a request can lack, and what it asks for, in order.
fn configs() -> Vec<(Config, Vec<Asked>)> {
    let jwt = || JwtAssertion::new(Algorithm::Es256);
    let (client, grant) = (Purpose::ClientAuth, Purpose::Grant);
    let auths = [
        (ClientAuth::None, None),
        (ClientAuth::ClientSecretPost(Secret::new("s3cret")), None),
        (
            ClientAuth::ClientSecretJwt(jwt()),
            Some(Asked::Sign(client)),
        ),
        (ClientAuth::PrivateKeyJwt(jwt()), Some(Asked::Sign(client))),
        (ClientAuth::Assertion, Some(Asked::Assertion(client))),
        (ClientAuth::TlsClientAuth, None),
    ];
    let exchange = || Grant::TokenExchange {
        subject_token_type: "urn:x".to_owned(),
    };
    let grants = [
        (Grant::ClientCredentials, None),
        (
            Grant::JwtBearer(GrantAssertion::Jwt(jwt())),
            Some(Asked::Sign(grant)),
        ),
        (
            Grant::JwtBearer(GrantAssertion::External),
            Some(Asked::Assertion(grant)),
        ),
        (exchange(), Some(Asked::Assertion(grant))),
    ];
    let mut configs = Vec::new();
    for (auth, first) in &auths {
        for (grant, second) in &grants {
            let builder = Config::builder("https://login.example/token", "id");
            let builder = builder.client_auth(auth.clone()).grant(grant.clone());
            let asked = first.iter().chain(second).copied().chain([Asked::Send]);
            configs.push((builder.build().unwrap(), asked.collect()));
        }
    }
    configs
}

/// A completion of any kind: misfit unless it happens to be asked for.
#[derive(Clone, Copy, Debug)]
enum Brought {
    Token,
    ErrorResponse,
    Failed,
    Signature,
    Assertion,
    EmptyAssertion,
    NoSignature,
    NoAssertion,
    Claim,
}

impl Brought {
    fn completion(self) -> Completion {
        match self {
            Self::Token => token("abc", 900),
            Self::ErrorResponse => response(400, &[], r#"{"error":"invalid_client"}"#),
            Self::Failed => Completion::Failed(TransportError::new(TransportErrorKind::Closed, "")),
            Self::Signature => Completion::Signature(Ok(b"signature".to_vec())),
            Self::Assertion => Completion::Assertion(Ok(Secret::new("a.b.c"))),
            Self::EmptyAssertion => Completion::Assertion(Ok(Secret::new(""))),
            Self::NoSignature => Completion::Signature(Err(CredentialError::transient("busy"))),
            Self::NoAssertion => Completion::Assertion(Err(CredentialError::permanent("gone"))),
            Self::Claim => Completion::Claimed(Err(StoreError::timeout())),
        }
    }

    /// Returns whether the acquisition goes on after this result, or `None` if the result does not fit.
    fn fits(self, asked: Asked) -> Option<bool> {
        match (asked, self) {
            (Asked::Send, Self::Token | Self::ErrorResponse | Self::Failed) => Some(false),
            (Asked::Sign(_), Self::Signature) | (Asked::Assertion(_), Self::Assertion) => {
                Some(true)
            }
            (Asked::Sign(_), Self::NoSignature) => Some(false),
            (Asked::Assertion(_), Self::EmptyAssertion | Self::NoAssertion) => Some(false),
            _ => None,
        }
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
    let brought = prop::sample::select(vec![
        Brought::Token,
        Brought::ErrorResponse,
        Brought::Failed,
        Brought::Signature,
        Brought::Assertion,
        Brought::EmptyAssertion,
        Brought::NoSignature,
        Brought::NoAssertion,
        Brought::Claim,
    ]);
    let event = prop_oneof![
        4 => Just(Event::Poll),
        4 => brought.prop_map(Event::Bring),
        1 => (0..4000_u64).prop_map(Event::Pass),
    ];
    prop::collection::vec(event, 0..24)
}

fn asked(action: &Action) -> Option<Asked> {
    match action {
        Action::Send(..) => Some(Asked::Send),
        Action::Sign(to_sign) => Some(Asked::Sign(to_sign.purpose)),
        Action::Assertion(request) => Some(Asked::Assertion(request.purpose)),
        _ => None,
    }
}

/// Runs the acquisition through these events beside a model of its table.
fn run(mut acquisition: Acquisition, order: &[Asked], events: &[Event]) -> (Acquisition, bool) {
    let mut now = START;
    // The action to come, the one that waits for its completion, and whether there is an outcome.
    let (mut next, mut pending, mut done) = (0, None, false);
    let events = events.iter().copied();
    let last = [Event::Pass(10_000), Event::Poll, Event::Poll];
    for event in events.chain(last) {
        match event {
            Event::Pass(milliseconds) => now = now.after(Duration::from_millis(milliseconds)),
            Event::Bring(brought) => {
                acquisition.handle(brought.completion(), now);
                if let Some(goes_on) = pending.and_then(|asked| brought.fits(asked)) {
                    pending = None;
                    next += 1;
                    done = !goes_on;
                }
            }
            Event::Poll => {
                let is_over = now.monotonic >= START.monotonic + TIMEOUT;
                let action = acquisition.poll(now, [7; 16]);
                match &action {
                    Action::Done => assert!(done || is_over, "{order:?}"),
                    Action::Wait { at_most } => {
                        assert!(!done && !is_over && pending.is_some());
                        assert!(!at_most.is_zero() && *at_most <= TIMEOUT);
                    }
                    other => {
                        assert!(!done && !is_over && pending.is_none(), "{other:?}");
                        assert_eq!(asked(other), Some(order[next]), "in order, each once");
                        pending = asked(other);
                    }
                }
            }
        }
    }
    (acquisition, done)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn acquisition_ends_and_sends_at_most_once_in_any_order(which in any::<prop::sample::Index>(), events in events()) {
        thread_local!(static CONFIGS: Vec<(Config, Vec<Asked>)> = configs());
        CONFIGS.with(|configs| {
            let (config, order) = which.get(configs);
            let alone = Acquisition::new(config, TIMEOUT, START);
            let (alone, done) = run(alone, order, &events);
            let outcome = alone.finish();
            let is_timeout = matches!(
                &outcome,
                Err(TokenError::Transport(error)) if error.kind() == TransportErrorKind::Timeout
            );
            assert_eq!(is_timeout, !done, "undone, it is a timeout");

            let mut keeper = Keeper::new(config.clone(), Policy::default(), 7);
            let Step::Send(kept) = keeper.poll(START) else { panic!("no token is cached") };
            let (kept, done) = run(kept, order, &events);
            let end = START.after(TIMEOUT);
            let kept = keeper.finish(kept, end);
            assert_eq!(kept.is_some(), done);
            let text = |outcome: Result<AccessToken, TokenError>| outcome.map(|token| token.expose().to_owned());
            if let Some(kept) = kept {
                assert_eq!(text(kept), text(outcome));
            }
            assert!(!keeper.is_fetching());
        });
    }
}

#[test]
fn acquisition_that_is_first_polled_after_its_end_sends_nothing() {
    let mut acquisition = Acquisition::new(&config(), TIMEOUT, START);
    let last = START.after(TIMEOUT - Duration::from_nanos(1));
    let mut in_time = Acquisition::new(&config(), TIMEOUT, START);
    leave(&mut in_time, last);
    let end = START.after(TIMEOUT);
    assert!(matches!(acquisition.poll(end, [0; 16]), Action::Done));
    assert!(matches!(acquisition.poll(end, [0; 16]), Action::Done));
    assert!(acquisition.finish().unwrap_err().is_transient());
}

#[test]
fn request_has_the_time_that_its_assertion_left() {
    let (config, _) = configs().remove(3 * 4);
    let mut acquisition = Acquisition::new(&config, TIMEOUT, START);
    assert_eq!(acquisition.place(), Place::Here);
    assert!(matches!(acquisition.poll(START, [1; 16]), Action::Sign(_)));
    let later = START.after(Duration::from_secs(4));
    let Action::Wait { at_most } = acquisition.poll(later, [2; 16]) else {
        panic!("the signature is awaited")
    };
    assert_eq!(at_most, Duration::from_secs(6));
    acquisition.handle(Completion::Signature(Ok(vec![1])), later);
    let Action::Send(_, limits) = acquisition.poll(later, [3; 16]) else {
        panic!("nothing is missing")
    };
    assert_eq!(limits.timeout, Duration::from_secs(6));
    assert_eq!(acquisition.time_left(later), Duration::from_secs(6));
}

#[test]
fn lifetime_counts_from_when_the_request_left_and_not_from_the_signature() {
    let (config, _) = configs().remove(3 * 4);
    let mut world = World::new();
    world.keeper = Keeper::new(config, Policy::default(), 7);
    let mut acquisition = world.send();
    let _ = acquisition.poll(world.now, [1; 16]);
    world.pass(5);
    acquisition.handle(Completion::Signature(Ok(vec![1])), world.now);
    leave(&mut acquisition, world.now);
    world.pass(2);
    world.obtain_left(acquisition, 100);
    // 10 s before the end is the margin.
    assert!(!matches!(world.pass(87).poll(), Step::Send(_)));
    assert!(!matches!(world.pass(1).poll(), Step::Use(_)));
}

// fault: credential-not-supplied
#[test]
fn error_of_a_signer_is_ours_and_backs_off() {
    for (error, transient) in [
        (
            CredentialError::transient("the file is being replaced"),
            true,
        ),
        (CredentialError::permanent("the key is for RSA"), false),
    ] {
        let (config, _) = configs().remove(3 * 4);
        let mut world = World::new();
        world.keeper = Keeper::new(config, Policy::default(), 7);
        let mut acquisition = world.send();
        let _ = acquisition.poll(world.now, [1; 16]);
        let outcome = world.complete(acquisition, Completion::Signature(Err(error.clone())));
        let told = outcome.unwrap().unwrap_err();
        assert_eq!(told, TokenError::Credential(error));
        assert_eq!(
            (told.is_transient(), told.culprit()),
            (transient, Culprit::Config)
        );
        match world.poll() {
            Step::Wait { because, .. } if transient => assert_eq!(because, Some(told)),
            Step::Fail(error) if !transient => assert_eq!(error, told),
            other => panic!("{other:?}"),
        }
    }
}
