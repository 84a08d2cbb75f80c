//! Secrets that are rotated.

use std::thread;
use std::time::Duration;

use edge_oauth_driver::{CallError, Options, TokenSourcePool};
use edge_oauth_no_io::{BasicEncoding, BodyFormat, ClientAuth, Config, Provider, Secret};
use http::Request;

use crate::blocking::setup::{LIFE, rotated};
use crate::stage::{Answer, Stage, config, threads, threads_with};

// fault: cache-keys
// fault: a-rotated-secret-in-a-pool
#[test]
fn rotated_secret_keeps_the_token_and_the_source() {
    let pool = TokenSourcePool::new(10.try_into().unwrap());
    let stage = Stage::new([]);
    let get = |config| {
        let make = |config| threads_with(&stage, config, Options::default());
        let source = pool.get_or_insert(config, make);
        source.token().unwrap().expose().to_owned()
    };
    assert_eq!(get(config()), "t1");
    assert_eq!(get(rotated()), "t1");
    let secret = Secret::new("s3cret");
    let basic = ClientAuth::ClientSecretBasic(secret, BasicEncoding::Percent);
    assert_eq!(
        get(config().to_builder().client_auth(basic).build().unwrap()),
        "t1"
    );
    let json = config()
        .to_builder()
        .body_format(BodyFormat::Json)
        .build()
        .unwrap();
    assert_eq!(get(json), "t1");
    assert_eq!((pool.len(), stage.requests()), (1, 1));

    // Whatever is requested next is requested with the configuration that came last.
    get(rotated());
    let (config, source) = pool.sources().remove(0);
    assert!(config.makes_same_requests(&rotated()));
    stage.clock().advance(LIFE);
    source.token().unwrap();
    assert!(stage.seen()[1].contains("client_secret=rotated"));
}

// fault: config-replaced-during-a-request
#[test]
fn rotated_secret_is_used_at_once() {
    let stage = Stage::new([Answer::Status(401, "", "")]);
    let source = threads(&stage);
    assert!(source.token().is_err());
    assert!(source.token().is_err());
    source.replace_config(rotated());
    stage.clock().advance(Duration::from_secs(1));
    assert_eq!(source.token().unwrap().expose(), "t2");
    assert!(stage.seen()[1].contains("client_secret=rotated"));
}

// fault: config-replaced-during-a-request
#[test]
fn secret_rotated_during_a_request_is_used_for_a_new_one() {
    let stage = Stage::new([]).closed();
    let source = threads(&stage);
    thread::scope(|scope| {
        let leader = scope.spawn(|| source.token());
        stage.until_requests(1);
        source.replace_config(rotated());
        stage.open();
        assert_eq!(leader.join().unwrap().unwrap().expose(), "t2");
    });
    assert_eq!(source.token().unwrap().expose(), "t2");
    assert_eq!(stage.requests(), 2);
    assert!(stage.seen()[1].contains("client_secret=rotated"));
}

/// Another client, whose tokens are for another API.
fn of_another_api() -> Config {
    Config::builder("https://login.example/token", "other")
        .client_secret(Secret::new("s3cret"))
        .provider(Provider::experience_edge())
        .build()
        .unwrap()
}

// fault: token-of-another-configuration-at-an-api
#[test]
fn token_of_a_configuration_that_came_meanwhile_goes_to_its_own_api_alone() {
    let request = Request::get("https://api.example/things").body("").unwrap();
    let stage = Stage::new([]).closed();
    let source = threads(&stage);
    thread::scope(|scope| {
        let caller = scope.spawn(|| source.send(&request));
        stage.until_requests(1);
        source.replace_config(of_another_api());
        stage.open();
        let error = caller.join().unwrap().unwrap_err();
        assert_eq!(error, CallError::UrlNotAllowed);
    });
    assert_eq!(stage.requests(), 2, "both are for a token");
}

// fault: token-of-another-configuration-at-an-api
#[test]
fn rejection_is_the_callers_if_the_next_token_is_for_another_api() {
    let request = Request::get("https://api.example/things").body("").unwrap();
    let stage = Stage::new([Answer::Token(900), Answer::Status(401, "", "")]);
    let source = threads(&stage);
    source.token().unwrap();
    stage.close();
    thread::scope(|scope| {
        let caller = scope.spawn(|| source.send(&request));
        stage.until_requests(2);
        source.replace_config(of_another_api());
        stage.open();
        assert_eq!(caller.join().unwrap().unwrap().status(), 401);
    });
    assert_eq!(stage.requests(), 3, "one is for the API");
}
