//! Many threads and one token.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::stage::{Answer, Stage, config, threads, threads_with};
use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::{Clock, ScriptedTransport};
use edge_oauth_driver::{CallError, Options, PooledSource, TokenSourcePool};
use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, ClientAuth, Config, Event, Secret, TransportErrorKind,
};
use http::{Request, Response};

const LIFE: Duration = Duration::from_secs(900);
/// Of a life: late enough for a refresh to be due, and a little before its margin.
const DUE: Duration = Duration::from_secs(866);

/// Another secret of the same client.
fn rotated() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("rotated"))
        .build()
        .unwrap()
}

/// Runs `count` callers, all of which wait before the answer comes.
fn callers(stage: &Stage, count: usize) -> Vec<Result<String, edge_oauth_no_io::TokenError>> {
    let source = threads(stage);
    stage.close();
    thread::scope(|scope| {
        let call = || source.token().map(|token| token.expose().to_owned());
        let callers: Vec<_> = (0..count).map(|_| scope.spawn(call)).collect();
        stage.until_requests(1);
        stage.until_waiting(count - 1);
        stage.open();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    })
}

// fault: sleep-and-set-back-between-two-calls
#[test]
fn sleep_that_a_set_back_hides_is_seen_by_a_clock_that_counts_suspend() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    assert_eq!(source.token().unwrap().expose(), "t1");
    stage.clock().advance(LIFE);
    stage.clock().set_back(LIFE);
    assert_eq!(source.token().unwrap().expose(), "t2");
}

// fault: thousand-callers-without-a-token
#[test]
fn a_thousand_callers_on_a_cold_source_make_one_request() {
    let stage = Stage::new([]);
    let tokens = callers(&stage, 1000);
    assert!(tokens.iter().all(|token| token.as_deref() == Ok("t1")));
    assert_eq!(stage.requests(), 1);
}

// fault: request-fails, invalid-client
#[test]
fn a_thousand_callers_share_a_refusal() {
    let stage = Stage::new([Answer::Status(401, "", r#"{"error":"invalid_client"}"#)]);
    for outcome in callers(&stage, 1000) {
        assert_eq!(outcome.unwrap_err().code(), Some("invalid_client"));
    }
    assert_eq!(stage.requests(), 1);
}

// fault: expires-in-of-a-second
#[test]
fn a_thousand_callers_share_a_token_that_is_not_kept() {
    let stage = Stage::new([Answer::Token(0)]);
    assert!(
        callers(&stage, 1000)
            .iter()
            .all(|token| token.as_deref() == Ok("t1"))
    );
    assert_eq!(stage.requests(), 1);
}

// fault: transport-panics
#[test]
fn a_panic_in_the_transport_leaves_nobody_hanging() {
    let stage = Stage::new([Answer::Panic]).closed();
    let source = threads_with(
        &stage,
        config(),
        Options::default().max_wait(Duration::ZERO),
    );
    thread::scope(|scope| {
        let leader = scope.spawn(|| source.token_within(LIFE));
        stage.until_requests(1);
        let waiter = scope.spawn(|| source.token_within(Duration::from_millis(1)));
        stage.until_waiting(1);
        stage.open();
        assert!(leader.join().is_err());
        let error = waiter.join().unwrap().unwrap_err();
        assert!(
            error.to_string().contains("the transport panicked"),
            "{error}"
        );
    });
    stage.clock().advance(Duration::from_secs(60));
    assert_eq!(source.token_within(LIFE).unwrap().expose(), "t2");
}

// fault: token-expires-during-its-refresh
// Promise 1
#[test]
fn a_refresh_runs_beside_the_callers_and_is_joined_at_the_end() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    assert_eq!(source.token().unwrap().expose(), "t1");

    stage.close();
    stage.clock().advance(DUE);
    for _ in 0..100 {
        assert_eq!(
            source.token().unwrap().expose(),
            "t1",
            "the answer is still kept back"
        );
    }
    stage.until_requests(2);
    stage.clock().advance(Duration::from_secs(4));
    thread::scope(|scope| {
        let late = scope.spawn(|| source.token());
        stage.until_waiting(1);
        stage.open();
        assert_eq!(late.join().unwrap().unwrap().expose(), "t2");
    });
    assert_eq!(stage.requests(), 2);
}

// fault: refresh-fails
#[test]
fn a_refresh_that_fails_leaves_the_token_in_use() {
    let fault = Answer::Fault(TransportErrorKind::Closed);
    let stage = Stage::new([Answer::Token(900), fault]);
    let (event, events) = mpsc::channel();
    let options =
        Options::default().on_event(move |happened| event.send(happened.clone()).unwrap());
    let source = threads_with(&stage, config(), options);
    source.token().unwrap();
    stage.clock().advance(DUE);
    assert_eq!(source.token().unwrap().expose(), "t1");
    let failed = events
        .iter()
        .find(|event| matches!(event, Event::Failed { .. }));
    assert!(matches!(failed, Some(Event::Failed { serving: true, .. })));
    for _ in 0..100 {
        assert_eq!(source.token().unwrap().expose(), "t1");
    }
    assert_eq!(stage.requests(), 2, "there is a pause, as after any fault");
}

// fault: five-hundred-rejections, rejection-of-a-replaced-token, rejected-token
#[test]
fn five_hundred_refusals_of_one_token_make_one_request() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    let token = source.token().unwrap();
    stage.clock().advance(Duration::from_secs(2));
    thread::scope(|scope| {
        for _ in 0..500 {
            scope.spawn(|| source.invalidate(&token));
        }
    });
    assert_eq!(source.token().unwrap().expose(), "t2");
    source.invalidate(&token);
    assert_eq!(source.token().unwrap().expose(), "t2");
    assert_eq!(stage.requests(), 2);
}

// fault: wait-longer-than-the-callers-time
#[test]
fn a_wait_beyond_the_deadline_is_an_error_at_once() {
    let stage = Stage::new([Answer::Status(429, "retry-after: 60", "")]);
    let source = threads(&stage);
    let error = source.token_within(Duration::from_secs(59)).unwrap_err();
    assert_eq!(
        error.retry_after().unwrap().wait(Duration::ZERO),
        Duration::from_secs(60)
    );
    assert_eq!(stage.requests(), 1);
    assert!(source.token_within(Duration::from_secs(59)).is_err());
    stage.clock().advance(Duration::from_secs(66));
    assert_eq!(source.token().unwrap().expose(), "t2");
}

#[test]
fn transient_faults_are_retried_within_the_deadline() {
    let clock = Clock::new();
    let mut answers = 0;
    let moving = clock.clone();
    let transport = ScriptedTransport::new(move |_| {
        answers += 1;
        moving.advance(Duration::from_secs(1));
        match answers {
            1 => Ok(Response::builder().status(503).body(Vec::new()).unwrap()),
            2 => Err(edge_oauth_no_io::TransportError::new(
                TransportErrorKind::Closed,
                "",
            )),
            _ => Ok(Response::new(br#"{"access_token":"abc"}"#.to_vec())),
        }
    });
    let source = TokenSource::builder(config())
        .runtime(clock)
        .build(transport);
    assert_eq!(source.token().unwrap().expose(), "abc");
}

// fault: stuck-request
#[test]
fn callers_whose_deadlines_pass_are_let_go() {
    let stage = Stage::new([]).closed();
    let source = threads(&stage);
    thread::scope(|scope| {
        let leader = scope.spawn(|| source.token());
        stage.until_requests(1);
        let hasty = || source.token_within(Duration::ZERO);
        let others: Vec<_> = (0..99).map(|_| scope.spawn(hasty)).collect();
        for other in others {
            let error = other.join().unwrap().unwrap_err();
            assert!(error.to_string().contains("max_wait"), "{error}");
        }
        stage.open();
        assert_eq!(leader.join().unwrap().unwrap().expose(), "t1");
    });
    assert_eq!(stage.requests(), 1);
}

#[test]
fn a_hasty_caller_leaves_and_the_exchange_goes_on() {
    let stage = Stage::new([]).closed();
    let source = threads(&stage);
    for _ in 0..100 {
        let error = source.token_within(Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("max_wait"), "{error}");
    }
    stage.until_requests(1);
    thread::scope(|scope| {
        let patient = scope.spawn(|| source.token());
        stage.until_waiting(1);
        stage.open();
        assert_eq!(patient.join().unwrap().unwrap().expose(), "t1");
    });
    assert_eq!(stage.requests(), 1);
}

#[test]
fn a_transport_with_a_shorter_timeout_of_its_own_makes_no_loop() {
    let stage = Stage::new([Answer::Fault(TransportErrorKind::Timeout)]);
    let source = threads(&stage);
    let error = source.token_within(Duration::from_millis(1)).unwrap_err();
    assert!(error.is_transient());
    assert_eq!(stage.requests(), 1, "there is a pause, as after any fault");
}

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

#[test]
fn a_token_that_was_not_kept_is_not_handed_to_those_who_come_later() {
    let stage = Stage::new([Answer::Token(0)]);
    let source = threads(&stage);
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert!(source.token_within(Duration::ZERO).is_err());
    source.replace_config(config().to_builder().audience("another").build().unwrap());
    assert_eq!(source.token().unwrap().expose(), "t2");
}

#[test]
fn an_observer_that_panics_harms_nobody() {
    let stage = Stage::new([]);
    let options = Options::default().on_event(|_| panic!("as scripted"));
    let source = threads_with(&stage, config(), options);
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert_eq!(source.token().unwrap().expose(), "t1");
}

#[test]
fn where_no_other_token_is_to_be_had_the_apis_answer_is_final() {
    let refused = Answer::Status(401, "x-of: api", "");
    let stage = Stage::new([
        Answer::Token(900),
        refused,
        Answer::Status(400, "", r#"{"error":"invalid_client"}"#),
    ]);
    let source = threads(&stage);
    source.token().unwrap();
    stage.clock().advance(Duration::from_secs(2));
    let request = Request::get("https://api.example/")
        .body(Vec::new())
        .unwrap();
    assert_eq!(source.send(&request).unwrap().headers()["x-of"], "api");
}

// fault: config-replaced-during-a-request
#[test]
fn a_rotated_secret_is_used_at_once() {
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
fn a_secret_that_is_rotated_meanwhile_is_asked_with_anew() {
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

#[test]
fn a_refused_token_is_replaced_once_and_the_request_sent_again() {
    for refusal in [
        Answer::Status(401, "www-authenticate: Bearer", ""),
        Answer::Status(403, "", "{\"message\":\"Token has expired\"}"),
    ] {
        let ok = Answer::Status(200, "x-of: api", "done");
        let stage = Stage::new([Answer::Token(900), refusal, Answer::Token(900), ok]);
        let source = threads(&stage);
        source.token().unwrap();
        stage.clock().advance(Duration::from_secs(2));
        let request = Request::put("https://api.example/things?a=b")
            .body(b"thing".to_vec())
            .unwrap();
        let response = source.send(&request).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().as_ref()),
            (200, b"done".as_slice())
        );
        assert_eq!(response.headers()["x-of"], "api");
        let seen = stage.seen();
        assert_eq!(
            [&seen[1], &seen[3]],
            ["PUT /things Bearer t1 thing", "PUT /things Bearer t3 thing"]
        );
        assert_eq!(seen.len(), 4);
    }
}

#[test]
fn a_second_refusal_is_final_and_other_answers_are_not_touched() {
    let refused = || Answer::Status(401, "", "");
    let stage = Stage::new([Answer::Token(900), refused(), Answer::Token(900), refused()]);
    let source = threads(&stage);
    source.token().unwrap();
    stage.clock().advance(Duration::from_secs(2));
    let request = Request::get("https://api.example/")
        .body(Vec::new())
        .unwrap();
    assert_eq!(source.send(&request).unwrap().status(), 401);
    assert_eq!(stage.requests(), 4);

    let stage = Stage::new([
        Answer::Token(900),
        Answer::Status(403, "", "not yours"),
        Answer::Status(500, "", ""),
    ]);
    let source = threads(&stage);
    assert_eq!(source.send(&request).unwrap().status(), 403);
    assert_eq!(source.send(&request).unwrap().status(), 500);
    assert_eq!(stage.requests(), 3);
}

#[test]
fn a_token_is_not_sent_in_clear() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    for url in ["http://api.example/", "/relative", "ftp://api.example/"] {
        let request = Request::get(url).body(Vec::new()).unwrap();
        assert_eq!(source.send(&request).unwrap_err(), CallError::UrlNotAllowed);
    }
    assert_eq!(stage.requests(), 0);
}

#[test]
fn a_stored_token_serves_the_next_run() {
    let stage = Stage::new([]);
    let first = threads(&stage);
    first.token().unwrap();
    let stored = first.export().unwrap();
    let second = threads(&stage);
    assert!(second.restore(&stored));
    assert_eq!(second.token().unwrap().expose(), "t1");
    assert_eq!(stage.requests(), 1);
}

// fault: a-hundred-requests-at-once
#[test]
fn a_hundred_keys_at_once_get_their_tokens_through_a_map_of_one() {
    let sources = TokenSourcePool::new(1.try_into().unwrap());
    let stage = Stage::new([]).closed();
    thread::scope(|scope| {
        for number in 0..100 {
            let config = config()
                .to_builder()
                .scope(&number.to_string())
                .build()
                .unwrap();
            let (sources, stage) = (&sources, stage.clone());
            scope.spawn(move || {
                let source = sources.get_or_insert(config, |config| {
                    threads_with(&stage, config, Options::default())
                });
                source.token().unwrap()
            });
        }
        stage.until_requests(100);
        stage.open();
    });
    assert_eq!((stage.requests(), sources.len()), (100, 1));
}

// fault: pool-is-full
#[test]
fn the_map_of_sources_is_bounded() {
    let sources = TokenSourcePool::new(10.try_into().unwrap());
    let stage = Stage::new([]);
    for audience in 0..1000 {
        let config = config()
            .to_builder()
            .audience(format!("https://api.example/{audience}"))
            .build()
            .unwrap();
        sources
            .get_or_insert(config, |config| {
                threads_with(&stage, config, Options::default())
            })
            .token()
            .unwrap();
    }
    assert_eq!(sources.len(), 10);
    let newest = config()
        .to_builder()
        .audience("https://api.example/999")
        .build()
        .unwrap();
    sources
        .get_or_insert(newest.clone(), |_| panic!("it is there"))
        .token()
        .unwrap();
    assert!(sources.remove(newest.cache_key()).is_some());
    assert_eq!((stage.requests(), sources.len()), (1000, 9));
}

#[test]
fn nothing_printed_holds_a_secret() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    let token = source.token().unwrap();
    let shown = format!(
        "{source:?} {token:?} {:?} {:?}",
        source.export(),
        Options::default()
    );
    assert!(
        !shown.contains("s3cret") && !shown.contains("t1"),
        "{shown}"
    );
}

#[test]
fn a_header_value_is_that_of_the_token_in_use() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    for _ in 0..4 {
        let value = source.authorization().unwrap();
        assert!(value == "Bearer t1" && value.is_sensitive());
    }
    source.invalidate(&source.token().unwrap());
    stage.clock().advance(Duration::from_secs(1));
    assert_eq!(source.authorization().unwrap(), "Bearer t2");
}

#[derive(Clone)]
struct Numbered(usize);

impl PooledSource for Numbered {
    fn replace_config(&self, _: Config) {}
}

#[test]
fn a_source_that_was_not_used_lately_goes_first() {
    let sources = TokenSourcePool::new(10.try_into().unwrap());
    let config = |number: usize| {
        config()
            .to_builder()
            .scope(&number.to_string())
            .build()
            .unwrap()
    };
    let insert = |number| sources.get_or_insert(config(number), |_| Numbered(number));
    let get = |number| {
        sources
            .get(config(number).cache_key())
            .map(|source| source.0)
    };
    for number in 0..10 {
        insert(number);
    }
    insert(10);
    assert_eq!(get(0), None, "the first of those that are alike");
    for number in (1..11).filter(|number| *number != 7) {
        assert_eq!(get(number), Some(number));
    }
    insert(11);
    assert_eq!(get(7), None);
    assert_eq!(sources.len(), 10);
    for number in 0..1000 {
        sources.remove(config(11).cache_key());
        insert(11);
        insert(number);
        assert!(sources.len() <= 10);
    }
}
