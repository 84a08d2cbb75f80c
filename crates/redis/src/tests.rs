//! The scripts on a real server, step by step against the reference store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edge_oauth_driver::StoreKey;
use edge_oauth_no_io::{Claim, Finish, Found, ReferenceStore, Share};
use edge_oauth_store::StoreKeys;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use redis::{Commands, Connection};

use crate::common::{Server, config};
use crate::options::RedisOptions;
use crate::scripts::{Reply, Scripts, claimed, finished};

#[derive(Clone, Debug)]
enum Call {
    Claim {
        known: u64,
        lease: u64,
        max_error_age: u64,
        until: i64,
    },
    Finish {
        back: usize,
        share: u8,
        time: u64,
    },
    /// Moves all that is stored by some microseconds, as a clock that is set does.
    Move(i64),
}

/// A call takes some 100 µs, so times of this order come and pass in between.
fn call() -> impl Strategy<Value = Call> {
    let time = || prop_oneof![0..1_500_u64, Just(60_000_000)];
    prop_oneof![
        6 => (0..3_u64, time(), time(), prop_oneof![-500..1_500_i64, Just(1_000_000)])
            .prop_map(|(known, lease, max_error_age, until)| Call::Claim { known, lease, max_error_age, until }),
        5 => (0..4_usize, 0..3_u8, time()).prop_map(|(back, share, time)| Call::Finish { back, share, time }),
        1 => (-5_000..5_000_i64).prop_map(Call::Move),
    ]
}

struct Bench {
    scripts: Scripts,
    connection: Connection,
    key: StoreKey,
    place: String,
    reference: ReferenceStore<Vec<u8>>,
    leases: Vec<u64>,
    now: Duration,
}

impl Bench {
    fn run(&mut self, call: Call) -> Result<(), TestCaseError> {
        match call {
            Call::Claim {
                known,
                lease,
                max_error_age,
                until,
            } => {
                let entry = self
                    .reference
                    .entry
                    .as_ref()
                    .map_or(0, |entry| entry.number);
                let claim = Claim {
                    known: if known == 0 {
                        0
                    } else {
                        entry.saturating_sub(known - 1)
                    },
                    lease: Duration::from_micros(lease),
                    max_error_age: Duration::from_micros(max_error_age),
                    until: moved(self.now, until),
                    timeout: Duration::from_secs(60),
                };
                let reply = self
                    .scripts
                    .claim(&self.key, &claim)
                    .invoke(&mut self.connection);
                let claimed = claimed(reply).unwrap();
                self.now = claimed.now;
                if let Found::Lease { number } = claimed.found {
                    self.leases.push(number);
                }
                prop_assert_eq!(&claimed, &self.reference.claim(&claim, claimed.now));
            }
            Call::Finish { back, share, time } => {
                let Some(index) = self.leases.len().checked_sub(1 + back) else {
                    return Ok(());
                };
                let (number, time) = (self.leases[index], Duration::from_micros(time));
                let response = number.to_be_bytes().to_vec();
                let share = match share {
                    0 => Share::Nothing,
                    1 => Share::ErrorResponse {
                        response,
                        hold: time,
                    },
                    _ => Share::Token {
                        response,
                        keep: time,
                    },
                };
                let finish = Finish {
                    number,
                    share,
                    timeout: Duration::from_secs(60),
                };
                let call = self.scripts.finish(&self.key, &finish);
                let reply: Reply = call.invoke(&mut self.connection).unwrap();
                self.now =
                    Duration::from_micros(String::from_utf8_lossy(&reply[0]).parse().unwrap());
                prop_assert_eq!(
                    finished(Ok(reply)).unwrap(),
                    self.reference.finish(finish, self.now)
                );
            }
            Call::Move(by) => {
                // Numbers from a clock that was set back are in the future.
                let ahead = by.max(0).unsigned_abs();
                self.leases.iter_mut().for_each(|lease| *lease += ahead);
                if let Some(mut entry) = self.reference.entry.take() {
                    entry.expires = moved(entry.expires, by);
                    self.set("expires", entry.expires);
                    entry.number += ahead;
                    self.set("number", Duration::from_micros(entry.number));
                    self.reference.entry = Some(entry);
                }
                if let Some(mut lease) = self.reference.lease.take() {
                    lease.began = moved(lease.began, by);
                    lease.ends = moved(lease.ends, by);
                    self.set("began", lease.began);
                    self.set("ends", lease.ends);
                    lease.number += ahead;
                    self.set("lease", Duration::from_micros(lease.number));
                    self.reference.lease = Some(lease);
                }
            }
        }
        let left: i64 = self.connection.pttl(&self.place).unwrap();
        prop_assert!(
            left == -2 || left > 0,
            "a key without a time to live: {}",
            left
        );
        Ok(())
    }

    fn set(&mut self, field: &str, time: Duration) {
        let micros = time.as_micros().to_string();
        let _: () = self.connection.hset(&self.place, field, micros).unwrap();
    }
}

fn moved(time: Duration, by: i64) -> Duration {
    let by_micros = Duration::from_micros(by.unsigned_abs());
    if by < 0 {
        time.saturating_sub(by_micros)
    } else {
        time + by_micros
    }
}

#[test]
fn scripts_match_the_reference_store_in_every_step() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 300,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let count = AtomicU64::new(0);
    let calls = prop::collection::vec(call(), 1..60);
    let run = runner.run(&calls, |calls| {
        let client_id = format!("client {}", count.fetch_add(1, Ordering::Relaxed));
        let key = StoreKeys::from_client_secret()
            .key(&config(&client_id))
            .unwrap();
        let mut bench = Bench {
            scripts: Scripts::new(RedisOptions::default()),
            connection: server.client().get_connection().unwrap(),
            place: format!("edge-oauth:1:{}", key.name()),
            key,
            reference: ReferenceStore::default(),
            leases: Vec::new(),
            now: Duration::ZERO,
        };
        calls.into_iter().try_for_each(|call| bench.run(call))
    });
    run.unwrap();
}

// fault: last-number-in-the-store
#[test]
fn foreign_fields_count_as_missing() {
    let Some(server) = Server::start() else {
        return;
    };
    let key = StoreKeys::from_client_secret().key(&config("a")).unwrap();
    let place = format!("edge-oauth:1:{}", key.name());
    let scripts = Scripts::new(RedisOptions::default());
    let mut connection = server.client().get_connection().unwrap();
    for value in [
        "",
        "x",
        "nan",
        "inf",
        "-1",
        "1e300",
        "9007199254740991",
        "9007199254740992",
        "\u{0}",
    ] {
        let fields = ["number", "expires", "lease", "began", "ends", "entry"];
        let fields: Vec<_> = fields.iter().map(|field| (field, value)).collect();
        let _: () = connection.hset_multiple(&place, &fields).unwrap();
        let claim = Claim {
            until: Duration::MAX,
            ..crate::common::claim()
        };
        let found = claimed(scripts.claim(&key, &claim).invoke(&mut connection))
            .unwrap()
            .found;
        let Found::Lease { number } = found else {
            panic!("{value:?}: {found:?}")
        };
        assert!(number < 1 << 53, "{value:?}");
        let finish = Finish {
            number,
            share: Share::Token {
                response: b"t".to_vec(),
                keep: Duration::from_secs(60),
            },
            timeout: claim.timeout,
        };
        let reply = scripts.finish(&key, &finish).invoke(&mut connection);
        assert!(finished(reply).unwrap(), "{value:?}");
    }
}

// fault: huge-entry-in-the-store
#[test]
fn huge_entry_or_error_stays_at_the_server() {
    let Some(server) = Server::start() else {
        return;
    };
    let key = StoreKeys::from_client_secret().key(&config("a")).unwrap();
    let place = format!("edge-oauth:1:{}", key.name());
    let scripts = Scripts::new(RedisOptions::default());
    let mut connection = server.client().get_connection().unwrap();
    let huge = vec![0; 1 << 20];
    let far = 1_u64 << 52;
    let mut claim = || {
        let claim = Claim {
            max_error_age: Duration::MAX,
            ..crate::common::claim()
        };
        let reply = scripts.claim(&key, &claim).invoke(&mut connection);
        claimed(reply).unwrap().found
    };
    let mut other = server.client().get_connection().unwrap();
    let fields = [("number", "7".as_bytes()), ("entry", &huge)];
    let _: () = other.hset_multiple(&place, &fields).unwrap();
    let _: () = other.hset(&place, "expires", far).unwrap();
    assert!(matches!(claim(), Found::Lease { .. }));
    let _: () = other.hset(&place, "error", &huge).unwrap();
    assert!(matches!(claim(), Found::Lease { .. }));
}

#[test]
fn lease_after_a_lone_entry_has_a_higher_number() {
    let Some(server) = Server::start() else {
        return;
    };
    let key = StoreKeys::from_client_secret().key(&config("a")).unwrap();
    let place = format!("edge-oauth:1:{}", key.name());
    let mut connection = server.client().get_connection().unwrap();
    let _: () = connection.hset(&place, "number", 1_u64 << 52).unwrap();
    let scripts = Scripts::new(RedisOptions::default());
    let call = scripts.claim(&key, &crate::common::claim());
    let found = claimed(call.invoke(&mut connection)).unwrap().found;
    let number = (1 << 52) + 1;
    assert_eq!(found, Found::Lease { number });
}
