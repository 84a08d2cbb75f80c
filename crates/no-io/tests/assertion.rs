//! The assertions of one attempt after another, and what is printed of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::{
    Acquisition, Action, BasicEncoding, BodyFormat, ClientAuth, Completion, Config, Culprit, Grant,
    GrantAssertion, Keeper, Moment, Policy, Purpose, Secret, Step, TokenError,
};

use common::attempt::{TIMEOUT, attempt, config, decoded, extension, jwt, token_exchange};
use common::{START, World, response};

// fault: assertion-sent-again
// fault: assertion-sent-again
#[test]
fn each_attempt_has_a_new_assertion() {
    for (auth, grant) in [
        (ClientAuth::PrivateKeyJwt(jwt()), Grant::default()),
        (
            ClientAuth::None,
            Grant::JwtBearer(GrantAssertion::Jwt(jwt())),
        ),
    ] {
        let mut world = World::new();
        let config = config(auth, grant, BodyFormat::Form);
        world.keeper = Keeper::new(config, Policy::default(), 7);
        let mut seen = Vec::new();
        for unique in 0..5 {
            let mut acquisition = world.send();
            let Action::Sign(to_sign) = acquisition.poll(world.now, [unique; 16]) else {
                panic!("the assertion is missing")
            };
            let input = String::from_utf8(to_sign.input.as_ref().to_vec()).unwrap();
            let (_, claims) = decoded(&input);
            assert_eq!(claims["iat"], world.now.wall.as_secs());
            assert!(!seen.contains(&claims["jti"]));
            seen.push(claims["jti"].clone());
            acquisition.handle(Completion::Signature(Ok(vec![1])), world.now);
            let _ = acquisition.poll(world.now, [99; 16]);
            let unavailable = response(503, &[], "");
            assert!(world.complete(acquisition, unavailable).unwrap().is_err());
            world.pass(60);
        }
    }
    // One that is made elsewhere is asked for again, since it may have been replaced.
    let mut world = World::new();
    let config = config(ClientAuth::Assertion, token_exchange(), BodyFormat::Form);
    world.keeper = Keeper::new(config, Policy::default(), 7);
    for _ in 0..3 {
        let attempt = attempt(world.send(), world.now);
        assert_eq!(attempt.asked, [Purpose::ClientAuth, Purpose::Grant]);
        let unavailable = response(503, &[], "");
        assert!(
            world
                .complete(attempt.acquisition, unavailable)
                .unwrap()
                .is_err()
        );
        world.pass(60);
    }
}

// fault: assertion-with-an-impossible-clock
// fault: assertion-with-an-impossible-clock
#[test]
fn clock_is_right_from_1971_until_the_last_date_for_requests_that_carry_it() {
    const YEAR: u64 = 365 * 24 * 60 * 60;
    let at = |wall| Moment { wall, ..START };
    for (wall, is_right) in [
        (Duration::ZERO, false),
        (Duration::from_secs(YEAR) - Duration::from_nanos(1), false),
        (Duration::from_secs(YEAR), true),
        (Duration::from_secs(253_402_300_798), true),
        (Duration::from_secs(253_402_300_799), false),
        (Duration::MAX, false),
    ] {
        let by_jwt = config(
            ClientAuth::PrivateKeyJwt(jwt()),
            Grant::default(),
            BodyFormat::Form,
        );
        let mut acquisition = Acquisition::new(&by_jwt, TIMEOUT, at(wall));
        let action = acquisition.poll(at(wall), [0; 16]);
        assert_eq!(matches!(action, Action::Sign(_)), is_right, "{wall:?}");
        if !is_right {
            assert!(matches!(action, Action::Done));
            let error = acquisition.finish().unwrap_err();
            assert!(matches!(error, TokenError::Credential(_)), "{error}");
            assert_eq!(
                (error.is_transient(), error.culprit()),
                (false, Culprit::Config)
            );
            assert!(error.to_string().contains("clock"), "{error}");
        }
        // A request without a JWT of a signer carries no time.
        let by_assertion = config(ClientAuth::Assertion, extension(), BodyFormat::Form);
        attempt(Acquisition::new(&by_assertion, TIMEOUT, at(wall)), at(wall));
    }
}

/// All of the randomness is in the id, so two ids differ if one bit of it does.
// fault: jti-used-twice
#[test]
fn id_of_an_assertion_is_the_randomness_of_its_attempt() {
    let config = config(
        ClientAuth::PrivateKeyJwt(jwt()),
        Grant::default(),
        BodyFormat::Form,
    );
    for bit in 0..128 {
        let unique = (1_u128 << bit).to_be_bytes();
        let mut acquisition = Acquisition::new(&config, TIMEOUT, START);
        let Action::Sign(to_sign) = acquisition.poll(START, unique) else {
            panic!("the assertion is missing")
        };
        let (_, claims) = decoded(std::str::from_utf8(to_sign.input.as_ref()).unwrap());
        let id = URL_SAFE_NO_PAD.decode(claims["jti"].as_str().unwrap());
        assert_eq!(id.unwrap(), unique);
    }
}

/// Everything that can be printed on the way of an acquisition, from its configuration to its error.
fn printed(config: &Config, echo: &str) -> String {
    let mut shown = vec![format!("{config:?} {:?}", config.to_builder())];
    let mut keeper = Keeper::new(config.clone(), Policy::default(), 7);
    let Step::Send(mut acquisition) = keeper.poll(START) else {
        panic!("no token is cached")
    };
    loop {
        shown.push(format!("{acquisition:?}"));
        let action = acquisition.poll(START, [1; 16]);
        shown.push(format!("{action:?} {acquisition:?}"));
        let completion = match action {
            Action::Sign(_) => Completion::Signature(Ok(b"sig".to_vec())),
            Action::Assertion(_) => {
                Completion::Assertion(Ok(Secret::new("planted.assertion.text")))
            }
            Action::Send(..) => response(400, &[], echo),
            _ => break,
        };
        shown.push(format!("{completion:?}"));
        acquisition.handle(completion, START);
    }
    let error = keeper.finish(acquisition, START).unwrap().unwrap_err();
    shown.push(format!("{error} {error:?} {:?}", error.hint()));
    shown.push(format!(
        "{keeper:?} {:?} {:?}",
        keeper.poll_event(),
        keeper.poll(START)
    ));
    shown.join("\n")
}

#[test]
fn assertion_and_parameters_of_a_grant_are_never_printed() {
    let pin = || Grant::Extension {
        grant_type: "urn:example:pin".to_owned(),
        params: vec![("pin".to_owned(), Secret::new("planted-pin-1234"))],
    };
    // The server repeats what it got.
    let echo = |words: &str| {
        format!(r#"{{"error":"invalid_request","error_description":"not {words}!"}}"#)
    };
    for format in [BodyFormat::Form, BodyFormat::Json] {
        for (auth, grant, echoed) in [
            (ClientAuth::Assertion, pin(), "planted.assertion.text"),
            (ClientAuth::Assertion, pin(), "planted-pin-1234"),
            (ClientAuth::None, token_exchange(), "planted.assertion"),
            (
                ClientAuth::PrivateKeyJwt(jwt()),
                pin(),
                "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3Mi",
            ),
            (
                ClientAuth::ClientSecretBasic(Secret::new("planted-secret"), BasicEncoding::Raw),
                Grant::JwtBearer(GrantAssertion::Jwt(jwt())),
                "planted-secret",
            ),
        ] {
            let shown = printed(&config(auth, grant, format), &echo(echoed));
            for secret in ["planted", "1234", "eyJhbGci", ".c2ln"] {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
            assert!(
                shown.contains("[withheld: it repeats a credential]"),
                "{shown}"
            );
        }
    }
}
