//! The rules of a shared store, step by step, and the response that processes share.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::{
    Claim, Claimed, Config, Culprit, Finish, Found, ReferenceStore, Secret, Share, SharedResponse,
    StoreError, TokenError, TransportError, TransportErrorKind, token_response,
};
use http::Response;

const START: Duration = Duration::from_secs(1_800_000_000);
const SECOND: Duration = Duration::from_secs(1);
const LEASE: Duration = Duration::from_secs(3);

fn claim() -> Claim {
    Claim {
        known: 0,
        lease: LEASE,
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: SECOND,
    }
}

fn finish(number: u64, share: Share<&'static str>) -> Finish<&'static str> {
    Finish {
        number,
        share,
        timeout: SECOND,
    }
}

fn token(response: &'static str) -> Share<&'static str> {
    Share::Token {
        response,
        keep: Duration::from_secs(60),
    }
}

fn error(response: &'static str) -> Share<&'static str> {
    Share::ErrorResponse {
        response,
        hold: Duration::from_secs(10),
    }
}

/// Claims at `now` and returns the number of the lease.
fn lease(store: &mut ReferenceStore<&'static str>, now: Duration) -> u64 {
    match store.claim(&claim(), now).found {
        Found::Lease { number } => number,
        other => panic!("no lease, but {other:?}"),
    }
}

fn taken(number: u64, left: Duration, error_response: Option<&str>) -> Found<&str> {
    Found::Taken {
        number,
        left,
        error_response,
    }
}

#[test]
fn first_claim_gets_the_lease_and_the_second_waits() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert_eq!(u128::from(number), START.as_micros());
    let second = store.claim(&claim(), START + SECOND);
    assert_eq!(second.now, START + SECOND);
    assert_eq!(second.found, taken(number, 2 * SECOND, None));
}

#[test]
fn token_is_returned_until_it_expires() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert!(store.finish(finish(number, token("a")), START));
    let entry = Found::Entry {
        number,
        response: "a",
    };
    let last = START + Duration::from_secs(60) - Duration::from_micros(1);
    assert_eq!(store.claim(&claim(), last).found, entry);
    assert!(lease(&mut store, START + Duration::from_secs(60)) > number);
}

#[test]
fn known_token_is_not_returned_and_the_lease_is_given() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    store.finish(finish(number, token("a")), START);
    let known = Claim {
        known: number,
        ..claim()
    };
    assert_eq!(
        store.claim(&known, START).found,
        Found::Lease { number: number + 1 }
    );
}

#[test]
fn lease_that_ran_out_is_given_again_with_a_higher_number() {
    let mut store = ReferenceStore::default();
    let first = lease(&mut store, START);
    let last = START + LEASE - Duration::from_micros(1);
    assert!(matches!(
        store.claim(&claim(), last).found,
        Found::Taken { .. }
    ));
    assert!(lease(&mut store, START + LEASE) > first);
}

#[test]
fn token_of_a_late_holder_is_refused_if_a_newer_one_is_there() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    assert!(store.finish(finish(next, token("next")), START + LEASE));
    assert!(!store.finish(finish(late, token("late")), START + LEASE));
    assert_eq!(store.entry.unwrap().response, Some("next"));
}

// fault: store-forgets-the-number-of-an-expired-entry
#[test]
fn token_of_a_late_holder_is_refused_after_the_newer_one_expired() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    store.finish(finish(next, token("next")), START + LEASE);
    let after = START + Duration::from_secs(3600);
    assert!(!store.finish(finish(late, token("late")), after));
    assert!(matches!(
        store.claim(&claim(), after).found,
        Found::Lease { .. }
    ));
}

#[test]
fn token_of_a_late_holder_is_accepted_while_its_successor_asks() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    let now = START + LEASE + SECOND;
    assert!(store.finish(finish(late, token("late")), now));
    assert_eq!(
        store.lease.as_ref().unwrap().ends,
        START + 2 * LEASE,
        "the successor keeps its lease"
    );
    assert!(store.finish(finish(next, token("next")), now));
}

#[test]
fn finish_without_a_response_gives_the_lease_back() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert!(!store.finish(finish(number, Share::Nothing), START));
    assert_eq!(lease(&mut store, START), number + 1);
}

#[test]
fn error_response_counts_for_those_who_were_there() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert!(!store.finish(finish(number, error("no")), START));
    let now = START + 2 * SECOND;
    let was_there = Claim {
        max_error_age: 3 * SECOND,
        ..claim()
    };
    let came_later = Claim {
        max_error_age: 2 * SECOND,
        ..claim()
    };
    assert_eq!(
        store.claim(&was_there, now).found,
        taken(number, 8 * SECOND, Some("no"))
    );
    assert_eq!(
        store.claim(&came_later, now).found,
        Found::Lease {
            number: u64::try_from(now.as_micros()).unwrap()
        }
    );
}

#[test]
fn error_response_of_a_late_holder_is_ignored() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    store.finish(finish(late, error("no")), START + LEASE);
    assert_eq!(
        store.claim(&claim(), START + LEASE).found,
        taken(next, LEASE, None)
    );
}

// fault: store-runs-the-claim-of-a-caller-that-is-gone
#[test]
fn claim_after_its_until_gets_no_lease() {
    let mut store = ReferenceStore::<&str>::default();
    let late = Claim {
        until: START,
        ..claim()
    };
    let after = START + Duration::from_micros(1);
    assert_eq!(store.claim(&late, after).found, Found::TooLate);
    assert_eq!(store.lease, None);
    assert!(matches!(
        store.claim(&late, START).found,
        Found::Lease { .. }
    ));
}

#[test]
fn lease_from_the_future_is_ignored() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert_eq!(lease(&mut store, START - SECOND), number + 1);
}

#[test]
fn finish_in_an_emptied_store_is_accepted() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    let mut store = ReferenceStore::default();
    assert!(store.finish(finish(number, token("a")), START));
    assert!(lease(&mut store, START + Duration::from_secs(60)) > number);
}

#[test]
fn results_and_calls_are_converted_with_their_number() {
    let found = Found::Taken {
        number: 7,
        left: SECOND,
        error_response: Some("no"),
    };
    let claimed = Claimed { now: START, found };
    let converted = claimed.map(|number, response| (number, response.len()));
    assert!(matches!(
        converted.found,
        Found::Taken {
            error_response: Some((7, 2)),
            ..
        }
    ));
    let sealed = finish(7, error("no")).try_map(|number, _, hold| match hold {
        Duration::ZERO => Err(()),
        _ => Ok(number),
    });
    assert!(matches!(
        sealed.unwrap().share,
        Share::ErrorResponse { response: 7, .. }
    ));
}

fn config() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret-s3cret"))
        .build()
        .unwrap()
}

fn shared(response: &Response<&'static str>) -> (SharedResponse, Result<String, TokenError>) {
    let outcome = token_response(&config(), response);
    let shared = SharedResponse::new(&config(), START, &outcome).expect("it is shared");
    (shared, outcome.map(|token| token.expose().to_owned()))
}

#[test]
fn shared_token_is_read_as_the_server_sent_it() {
    let body = r#"{"access_token":"tok\u0022en","token_type":"bearer","expires_in":"900","scope":["a","b"],
        "refresh_token":"refresh-me","id_token":"who-am-i"}"#;
    let (shared, _) = shared(&Response::new(body));
    let bytes = shared.to_bytes();
    let text = String::from_utf8_lossy(bytes.as_ref());
    assert!(!text.contains("refresh-me") && !text.contains("who-am-i"));
    let read = SharedResponse::from_bytes(bytes.as_ref()).unwrap();
    let token = token_response(&config(), &read.response(START)).unwrap();
    assert_eq!(token.expose(), "tok\"en");
    assert_eq!(token.expires_in(), Some(Duration::from_secs(900)));
    assert_eq!(token.scope(), Some("a b"));
    assert!(read.names_lifetime());
    assert_eq!(read.born(), START);
}

#[test]
fn shared_token_without_a_lifetime_has_none() {
    let (shared, _) = shared(&Response::new(r#"{"access_token":"abc"}"#));
    let token = token_response(&config(), &shared.response(START)).unwrap();
    assert_eq!((token.expires_in(), token.scope()), (None, None));
    assert!(!shared.names_lifetime());
}

#[test]
fn text_of_a_server_is_not_taken_for_a_lifetime() {
    let body = r#"{"access_token":"abc\u0022expires_in\u0022:9","scope":"x\"expires_in\":9"}"#;
    assert!(!shared(&Response::new(body)).0.names_lifetime());
}

#[test]
fn shared_error_response_is_read_as_the_server_sent_it() {
    let rows = [
        (
            401,
            r#"{"error":"invalid_client","error_description":"no \"such\" client"}"#,
        ),
        (
            400,
            r#"{"error":"invalid_scope","error_description":"\u001b[31m"}"#,
        ),
        (503, "<html>"),
        (
            429,
            r#"{"error":"access_denied","error_description":"too many"}"#,
        ),
        (404, "gone"),
    ];
    for (status, body) in rows {
        let response = Response::builder().status(status).body(body).unwrap();
        let (shared, outcome) = shared(&response);
        let read = SharedResponse::from_bytes(shared.to_bytes().as_ref()).unwrap();
        assert_eq!(read.status().as_u16(), status);
        let again = token_response(&config(), &read.response(START));
        assert_eq!(again.unwrap_err(), outcome.unwrap_err(), "{status} {body}");
    }
}

#[test]
fn faults_of_one_host_are_not_shared() {
    let transport = TransportError::new(TransportErrorKind::Connect, "");
    assert!(SharedResponse::new(&config(), START, &Err(transport.into())).is_none());
    let proxy = Response::builder().status(403).body("blocked").unwrap();
    let page = Response::new("<html>");
    for response in [proxy, page] {
        let outcome = token_response(&config(), &response);
        assert_ne!(outcome.as_ref().unwrap_err().culprit(), Culprit::Config);
        assert!(SharedResponse::new(&config(), START, &outcome).is_none());
    }
}

#[test]
fn retry_at_becomes_what_is_left_of_the_wait() {
    let response = Response::builder().status(429).body("{}").unwrap();
    let (shared, _) = shared(&response);
    assert_eq!(shared.retry_at(), None);
    assert!(shared.response(START).headers().is_empty());
    let shared = shared.with_retry_at(START + Duration::from_millis(9_500));
    let read = SharedResponse::from_bytes(shared.to_bytes().as_ref()).unwrap();
    let left = |now| read.response(now).headers().get("retry-after").cloned();
    assert_eq!(left(START).unwrap(), "10");
    assert_eq!(left(START + 9 * SECOND).unwrap(), "1");
    assert_eq!(left(START + 10 * SECOND).unwrap(), "0");
    let error = token_response(&config(), &read.response(START)).unwrap_err();
    assert_eq!(
        error.retry_after().unwrap().wait(START),
        Duration::from_secs(10)
    );
}

#[test]
fn response_from_the_future_has_no_age() {
    let (shared, _) = shared(&Response::new(r#"{"access_token":"abc"}"#));
    assert_eq!(shared.age(START + SECOND), Some(SECOND));
    assert_eq!(shared.age(START - SECOND), None);
}

#[test]
fn shared_response_prints_no_token() {
    let (shared, _) = shared(&Response::new(
        r#"{"access_token":"abcdef","scope":"tell"}"#,
    ));
    let printed = format!("{shared:?} {shared:#?} {:?}", shared.to_bytes());
    assert!(!printed.contains("abcdef") && !printed.contains("tell"));
    assert!(printed.contains("[redacted]"));
}

#[test]
fn store_error_is_printable_and_cut() {
    let error = StoreError::new("\u{1b}[2J".to_owned() + &"x".repeat(1_000));
    let text = error.to_string();
    assert!(text.starts_with("the shared store failed: ?[2Jxxx") && text.len() < 300);
    assert_eq!(StoreError::timeout(), StoreError::timeout());
    let caused = StoreError::new("a").with_source(std::io::Error::other("b"));
    let cause = std::error::Error::source(&caused).unwrap();
    assert_eq!(
        (caused.clone(), cause.to_string().as_str()),
        (StoreError::new("a"), "b")
    );
}

// fault: shared-error-response-is-classified-anew
#[test]
fn each_shared_error_response_is_classified_as_the_original() {
    let bodies = [
        "",
        "gone",
        "<html><title>no</title></html>",
        "{}",
        "[]",
        r#"{"message":"no"}"#,
        r#"{"errorCode":"E1","errorSummary":"no"}"#,
        r#"{"error":{"code":7,"message":"no"}}"#,
        r#"{"type":"about:blank","title":"no","detail":"not now","status":400}"#,
        r#"{"error":"invalid_client"}"#,
        r#"{"error":"invalid_grant","error_description":"no"}"#,
        r#"{"error":"temporarily_unavailable"}"#,
        r#"{"error":"a code of its own","error_description":"s3cret-s3cret"}"#,
    ];
    let requests = bodies
        .into_iter()
        .flat_map(|body| [(body, None), (body, Some("60"))]);
    let requests: Vec<_> = requests.collect();
    let mut count = 0;
    for (status, (body, wait)) in
        (400..=605).flat_map(|status| requests.iter().map(move |row| (status, row)))
    {
        let mut response = Response::builder().status(status).body(*body).unwrap();
        if let Some(wait) = wait {
            response
                .headers_mut()
                .insert("retry-after", wait.parse().unwrap());
        }
        let outcome = token_response(&config(), &response);
        let Some(shared) = SharedResponse::new(&config(), START, &outcome) else {
            assert_eq!(
                outcome.unwrap_err().culprit(),
                Culprit::Network,
                "{status} {body}"
            );
            continue;
        };
        count += 1;
        let shared = SharedResponse::from_bytes(shared.to_bytes().as_ref()).unwrap();
        let again = token_response(&config(), &shared.response(START)).unwrap_err();
        let words = |error: &TokenError| {
            (
                error.to_string(),
                error.hint(),
                error.is_transient(),
                error.culprit(),
            )
        };
        assert_eq!(
            words(&again),
            words(outcome.as_ref().unwrap_err()),
            "{status} {body} {wait:?}"
        );
        let wait = again.retry_after().map(|wait| wait.wait(START));
        assert!(
            wait.is_none_or(|wait| wait.is_zero()),
            "the wait of one address is not shared"
        );
    }
    assert!(count > 4_000, "{count}");
}
