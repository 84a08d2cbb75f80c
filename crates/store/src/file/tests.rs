use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edge_oauth_driver::{Seal, Store, StoreKey};
use edge_oauth_no_io::{
    AccessToken, Claim, Config, Finish, Found, ReferenceStore, Secret, Share, SharedResponse,
    StoreError,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::file_store::FileStore;
use super::folder::Folder;
use super::holder::{Holders, is_dead};

/// A folder that is removed with it.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("edge-oauth-file-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn store(&self) -> FileStore {
        FileStore::open(&self.0).unwrap()
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.0.join(format!("a-a.{kind}"))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct NoSeal;

impl Seal for NoSeal {
    fn seal(&self, _: u64, response: &SharedResponse, _: Duration) -> Result<Vec<u8>, StoreError> {
        Ok(response.to_bytes().as_ref().to_vec())
    }

    fn open(&self, _: u64, sealed: Vec<u8>) -> Option<SharedResponse> {
        SharedResponse::from_bytes(&sealed)
    }
}

fn key(id: &str) -> StoreKey {
    StoreKey::new(id, id, NoSeal)
}

fn claim() -> Claim {
    Claim {
        known: 0,
        lease: Duration::from_secs(60),
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: Duration::from_secs(10),
    }
}

fn finish(number: u64, share: Share<Vec<u8>>) -> Finish<Vec<u8>> {
    Finish {
        number,
        share,
        timeout: Duration::from_secs(10),
    }
}

fn token(text: &str) -> Share<Vec<u8>> {
    Share::Token {
        response: text.into(),
        keep: Duration::from_secs(900),
    }
}

fn lease(store: &FileStore) -> u64 {
    match store.claim(&key("a"), &claim()).unwrap().found {
        Found::Lease { number } => number,
        other => panic!("no lease, but {other:?}"),
    }
}

#[derive(Clone, Debug)]
enum Call {
    Clock(i64),
    Claim(u64, u64, u64, i64),
    Finish(usize, u8, u64),
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        4 => (-3_000_000..5_000_000_i64).prop_map(Call::Clock),
        5 => (0..3_u64, 1..4_000_000_u64, 0..4_000_000_u64, -2_000_000..5_000_000_i64)
            .prop_map(|(known, lease, age, until)| Call::Claim(known, lease, age, until)),
        5 => (0..4_usize, 0..3_u8, 0..8_000_000_u64)
            .prop_map(|(back, what, time)| Call::Finish(back, what, time)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn files_match_the_reference_store_in_every_step(calls in prop::collection::vec(call(), 1..40)) {
        let temporary = Temporary::new();
        let clock = Arc::new(AtomicU64::new(1_800_000_000_000_000));
        let own = clock.clone();
        let now = move || Duration::from_micros(own.load(Ordering::Relaxed));
        let store = temporary.store().with_clock(now.clone());
        let mut reference = ReferenceStore::default();
        let mut leases = vec![];
        for call in calls {
            match call {
                Call::Clock(by) => drop(clock.fetch_add(by.cast_unsigned(), Ordering::Relaxed)),
                Call::Claim(known, lease, age, until) => {
                    let claim = Claim {
                        known: known.checked_sub(1).map_or(0, |back| {
                            reference.entry.as_ref().map_or(0, |entry| entry.number - back)
                        }),
                        lease: Duration::from_micros(lease),
                        max_error_age: Duration::from_micros(age),
                        until: Duration::from_micros(now().as_micros() as u64).saturating_add(Duration::from_micros(until.unsigned_abs())),
                        ..claim()
                    };
                    let claim = match until {
                        ..0 => Claim { until: now() - Duration::from_micros(until.unsigned_abs()), ..claim },
                        0.. => claim,
                    };
                    let claimed = store.claim(&key("a"), &claim).unwrap();
                    if let Found::Lease { number } = claimed.found {
                        leases.push(number);
                    }
                    prop_assert_eq!(claimed, reference.claim(&claim, now()));
                }
                Call::Finish(back, what, time) => {
                    let Some(index) = leases.len().checked_sub(1 + back) else { continue };
                    let time = Duration::from_micros(time);
                    let response = leases[index].to_be_bytes().to_vec();
                    let share = match what {
                        0 => Share::Nothing,
                        1 => Share::ErrorResponse { response, hold: time },
                        _ => Share::Token { response, keep: time },
                    };
                    let finish = finish(leases[index], share);
                    let accepted = store.finish(&key("a"), finish.clone()).unwrap();
                    prop_assert_eq!(accepted, reference.finish(finish, now()));
                }
            }
        }
    }
}

#[test]
fn finished_lease_leaves_the_token_the_lease_and_the_lock_only() {
    let temporary = Temporary::new();
    let store = temporary.store();
    let number = lease(&store);
    assert!(temporary.file("holder").exists());
    assert!(store.finish(&key("a"), finish(number, token("t"))).unwrap());
    let mut names: Vec<_> = fs::read_dir(&temporary.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["a-a.lease", "a-a.lock", "a-a.token"]);
}

#[test]
fn lease_of_a_dropped_store_is_given_at_once() {
    let temporary = Temporary::new();
    let (one, other) = (temporary.store(), temporary.store());
    let number = lease(&one);
    assert!(matches!(
        other.claim(&key("a"), &claim()).unwrap().found,
        Found::Taken { .. }
    ));
    drop(one);
    assert!(lease(&other) > number);
}

#[test]
fn late_holder_keeps_the_lock_of_its_successor() {
    let temporary = Temporary::new();
    let (one, other, third) = (temporary.store(), temporary.store(), temporary.store());
    let brief = Claim {
        lease: Duration::ZERO,
        ..claim()
    };
    let Found::Lease { number: late } = one.claim(&key("a"), &brief).unwrap().found else {
        panic!("the store is empty");
    };
    let next = lease(&other);
    assert!(one.finish(&key("a"), finish(late, token("late"))).unwrap());
    let known = Claim {
        known: late,
        ..claim()
    };
    assert!(matches!(
        third.claim(&key("a"), &known).unwrap().found,
        Found::Taken { number, .. } if number == next
    ));
    drop(other);
    assert!(matches!(
        third.claim(&key("a"), &known).unwrap().found,
        Found::Lease { .. }
    ));
}

// fault: store-file-that-cannot-be-read
#[test]
fn foreign_file_is_replaced() {
    let temporary = Temporary::new();
    let store = temporary.store();
    let large = vec![0; 2 * 1024 * 1024];
    for contents in [&b""[..], b"short", &[0xff; 80], &large] {
        fs::write(temporary.file("token"), contents).unwrap();
        fs::write(temporary.file("lease"), contents).unwrap();
        let number = lease(&store);
        assert!(store.finish(&key("a"), finish(number, token("t"))).unwrap());
        let found = store.claim(&key("a"), &claim()).unwrap().found;
        assert_eq!(
            found,
            Found::Entry {
                number,
                response: b"t".to_vec()
            }
        );
    }
}

#[test]
fn folder_that_was_removed_is_created_again() {
    let temporary = Temporary::new();
    let store = temporary.store();
    let number = lease(&store);
    fs::remove_dir_all(&temporary.0).unwrap();
    assert!(store.finish(&key("a"), finish(number, token("t"))).unwrap());
    let found = store.claim(&key("a"), &claim()).unwrap().found;
    assert!(matches!(found, Found::Entry { .. }));
}

#[test]
fn name_that_leads_out_of_the_folder_is_refused() {
    let temporary = Temporary::new();
    let store = temporary.store();
    for id in ["../a", "", "a/b", "a.b"] {
        assert!(store.claim(&key(id), &claim()).is_err());
        assert!(store.finish(&key(id), finish(1, token("t"))).is_err());
        assert!(store.remove(id, Duration::ZERO).is_err());
    }
}

#[test]
fn removed_configuration_has_no_files() {
    let temporary = Temporary::new();
    let store = temporary.store();
    let id = "a".repeat(64);
    let claimed = store.claim(&key(&id), &claim()).unwrap();
    let Found::Lease { number } = claimed.found else {
        panic!("the store is empty")
    };
    store.finish(&key(&id), finish(number, token("t"))).unwrap();
    assert_eq!(store.list().unwrap(), [(id.clone(), None)]);
    let others = [format!("{id}-my notes.token"), "b-b.token".to_owned()];
    for name in &others {
        fs::write(temporary.0.join(name), "").unwrap();
    }
    assert!(store.remove(&id, Duration::ZERO).unwrap());
    assert!(!store.remove(&id, Duration::ZERO).unwrap());
    let left = fs::read_dir(&temporary.0).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2);
    assert!(others.iter().all(|name| left.contains(&name.into())));
}

#[test]
fn token_that_cannot_be_removed_is_an_error() {
    let temporary = Temporary::new();
    let store = temporary.store();
    fs::create_dir(temporary.file("token")).unwrap();
    let error = store.remove("a", Duration::ZERO).unwrap_err();
    assert!(error.detail().contains("is not removed"), "{error}");
}

#[test]
fn path_that_cannot_be_looked_at_is_an_error_and_not_a_missing_folder() {
    let temporary = Temporary::new();
    fs::write(&temporary.0, "").unwrap();
    assert!(FileStore::open_existing(temporary.0.join("tokens")).is_err());
    fs::remove_file(&temporary.0).unwrap();
}

#[test]
fn holder_is_alive_until_its_own_lease_is_released() {
    let temporary = Temporary::new();
    let folder = Folder::open(temporary.0.clone()).unwrap();
    let holders = Holders::default();
    assert!(!is_dead(&folder, "a"), "no lease has a holder");
    assert!(holders.hold(&folder, "a", 7));
    holders.release("a", 6);
    assert!(!is_dead(&folder, "a"));
    holders.release("a", 7);
    assert!(is_dead(&folder, "a"));
}

#[test]
fn debug_of_a_store_names_its_folder() {
    let temporary = Temporary::new();
    let printed = format!("{:?}", temporary.store());
    assert!(printed.contains(temporary.0.to_str().unwrap()), "{printed}");
}

/// A flush takes 100 ms on a busy disk, while others wait for the lock. A file that is lost costs a request.
// fault: flush-to-the-disk-under-the-lock
#[test]
fn no_file_is_flushed_to_the_disk() {
    let sources = [
        include_str!("folder.rs"),
        include_str!("file_store.rs"),
        include_str!("holder.rs"),
    ];
    for source in sources {
        assert!(!source.contains("sync_all") && !source.contains("sync_data"));
    }
}

/// A sealed token of one configuration that expires at this second.
fn expiring(key: &StoreKey, number: u64, at: u64) -> Finish<Vec<u8>> {
    let lifetime = Duration::from_secs(60);
    let token = AccessToken::new("abc", Some(lifetime), None).unwrap();
    let born = Duration::from_secs(at) - lifetime;
    let finish = Finish {
        number,
        share: Share::Token {
            response: SharedResponse::new(&config("any"), born, &Ok(token)).unwrap(),
            keep: lifetime,
        },
        timeout: Duration::from_secs(10),
    };
    key.seal(finish).unwrap()
}

fn config(secret: &str) -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(secret))
        .build()
        .unwrap()
}

// fault: places-of-two-credentials
#[test]
fn files_of_another_secret_are_removed_after_their_token_has_expired() {
    let temporary = Temporary::new();
    let clock = Arc::new(AtomicU64::new(1_800_000_000));
    let own = clock.clone();
    let now = move || Duration::from_secs(own.load(Ordering::Relaxed));
    let store = temporary.store().with_clock(now);
    let [old, new] = ["old", "new"].map(|secret| store.key(&config(secret)).unwrap());
    let put = |key: &StoreKey, at| {
        let Found::Lease { number } = store.claim(key, &claim()).unwrap().found else {
            panic!("a lease of its own");
        };
        assert!(store.finish(key, expiring(key, number, at)).unwrap());
    };
    let files = || fs::read_dir(&temporary.0).unwrap().count();
    put(&old, 1_800_000_060);
    put(&new, 1_800_000_090);
    assert_eq!(files(), 6);
    let listed = store.list().unwrap();
    let at = listed[0].1.map(|expiry| expiry.at.as_secs());
    assert_eq!((listed.len(), at), (1, Some(1_800_000_090)));

    clock.store(1_800_000_200, Ordering::Relaxed);
    put(&new, 1_800_000_260);
    assert_eq!(files(), 3);
    put(&old, 1_800_000_260);
    assert!(store.remove(old.config_id(), Duration::ZERO).unwrap());
    assert_eq!(files(), 0);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folder_and_files_have_permissions_of_the_user_alone() {
        let temporary = Temporary::new();
        let store = temporary.store();
        let number = lease(&store);
        assert_eq!(mode(&temporary.file("holder")), 0o600);
        store.finish(&key("a"), finish(number, token("t"))).unwrap();
        assert_eq!(mode(&temporary.0), 0o700);
        for kind in ["token", "lease", "lock"] {
            assert_eq!(mode(&temporary.file(kind)), 0o600, "{kind}");
        }
    }

    #[test]
    fn folder_that_others_can_write_to_is_refused() {
        let temporary = Temporary::new();
        drop(temporary.store());
        for bad in [0o720, 0o702, 0o777] {
            fs::set_permissions(&temporary.0, fs::Permissions::from_mode(bad)).unwrap();
            let error = FileStore::open(&temporary.0).unwrap_err().to_string();
            assert!(error.contains("can be written by others"), "{error}");
        }
        let link = Temporary::new();
        symlink(&temporary.0, &link.0).unwrap();
        assert!(FileStore::open(&link.0).is_err());
        fs::remove_file(&link.0).unwrap();
        fs::write(&link.0, "").unwrap();
        assert!(FileStore::open(&link.0).is_err());
        fs::remove_file(&link.0).unwrap();
    }

    #[test]
    fn link_in_the_folder_is_not_followed() {
        let temporary = Temporary::new();
        let target = Temporary::new();
        let store = temporary.store();
        fs::write(&target.0, "untouched").unwrap();
        for kind in ["token", "lease", "holder", "token.new", "lease.new"] {
            symlink(&target.0, temporary.file(kind)).unwrap();
        }
        let number = lease(&store);
        assert!(store.finish(&key("a"), finish(number, token("t"))).unwrap());
        assert_eq!(fs::read(&target.0).unwrap(), b"untouched");
        symlink(&target.0, temporary.0.join("b-b.lock")).unwrap();
        assert!(store.claim(&key("b"), &claim()).is_err());
        fs::remove_file(&target.0).unwrap();
    }
}
