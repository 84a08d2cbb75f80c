//! A folder as people see it: listed, inspected, probed and cleared.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "each test program uses a part")]
mod common;

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_driver::Store;
use edge_oauth_no_io::{AccessToken, Config, Finish, Found, Share, SharedResponse};
use edge_oauth_store::{FileStore, StoreKeys, TokenFile};

use common::{Temporary, claim, config};

/// Stores a token.
fn keep(store: &FileStore, config: &Config) {
    let key = store.key(config).unwrap();
    let claimed = store.claim(&key, &claim()).unwrap();
    let Found::Lease { number } = claimed.found else {
        panic!("{:?}", claimed.found)
    };
    let lifetime = Duration::from_secs(900);
    let token = AccessToken::new("abc", Some(lifetime), None).unwrap();
    let response = SharedResponse::new(config, claimed.now, &Ok(token)).unwrap();
    let share = Share::Token {
        response,
        keep: lifetime,
    };
    let timeout = claim().timeout;
    let finish = key.seal(Finish {
        number,
        share,
        timeout,
    });
    assert!(store.finish(&key, finish.unwrap()).unwrap());
}

fn path(temporary: &Temporary, kind: &str) -> PathBuf {
    let key = StoreKeys::from_client_secret()
        .key(&config("s3cret"))
        .unwrap();
    let name = format!("{}-{}.{kind}", key.config_id(), key.name());
    temporary.path().join(name)
}

#[test]
fn token_is_inspected_with_its_secret_and_with_another() {
    let temporary = Temporary::new();
    let store = FileStore::open(temporary.path()).unwrap();
    let (ours, rotated) = (config("s3cret"), config("another"));
    assert_eq!(store.inspect(&ours), Ok(TokenFile::Missing));
    keep(&store, &ours);
    assert_eq!(store.inspect(&ours), Ok(TokenFile::Sealed));
    assert_eq!(store.inspect(&rotated), Ok(TokenFile::OtherSecret));
}

// fault: store-file-that-cannot-be-read
#[test]
fn foreign_file_is_named_and_replaced() {
    let temporary = Temporary::new();
    let store = FileStore::open(temporary.path()).unwrap();
    keep(&store, &config("s3cret"));
    let token = path(&temporary, "token");
    let good = fs::read(&token).unwrap();
    let (mut changed, mut other_format) = (good.clone(), good.clone());
    changed[60] ^= 1;
    other_format[11] = 3;
    for (bad, says) in [
        (changed, "is damaged"),
        (other_format, "is of another format (3)"),
        (good[..30].to_vec(), "is not a kept token"),
        (Vec::new(), "is not a kept token"),
        ([[b'a'; 80], [0; 80]].concat(), "is not a kept token"),
        (vec![0; 2 << 20], "is larger than any kept token"),
    ] {
        fs::write(&token, bad).unwrap();
        let error = store.inspect(&config("s3cret")).unwrap_err();
        assert!(error.detail().ends_with(says), "{error}");
        assert!(store.probe(&config("s3cret")).is_err());
    }
    fs::remove_file(&token).unwrap();
    fs::create_dir(&token).unwrap();
    let error = store.inspect(&config("s3cret")).unwrap_err();
    assert!(error.detail().ends_with("is not a regular file"), "{error}");
}

#[test]
fn probe_leaves_no_file_and_distinguishes_a_lock_from_a_fault() {
    let temporary = Temporary::new();
    let store = FileStore::open(temporary.path()).unwrap();
    assert_eq!(store.probe(&config("s3cret")), Ok(true));
    let names: Vec<_> = fs::read_dir(temporary.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(names, [path(&temporary, "lock")]);
    let lock = File::open(path(&temporary, "lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(store.probe(&config("s3cret")), Ok(false));
    drop(lock);
    fs::create_dir(path(&temporary, "token.new")).unwrap();
    assert!(store.probe(&config("s3cret")).is_err());
}

#[test]
fn cleared_folder_keeps_only_foreign_files() {
    let temporary = Temporary::new();
    assert!(
        FileStore::open_existing(temporary.path())
            .unwrap()
            .is_none()
    );
    assert!(!temporary.path().exists(), "nothing is created");
    let store = FileStore::open(temporary.path()).unwrap();
    keep(&store, &config("s3cret"));
    let [hex, letters] = ["b", "g"].map(|letter| letter.repeat(64));
    let mut theirs = [
        "notes".to_owned(),
        "abc-notes".to_owned(),
        format!("{letters}-notes"),
        format!("{hex}-my notes"),
    ]
    .map(|name| temporary.path().join(name + ".token"));
    theirs.sort();
    for path in &theirs {
        fs::write(path, "not ours").unwrap();
    }
    // An error response without a token goes too.
    let lease = format!("{hex}-{}.lease", "c".repeat(32));
    fs::write(temporary.path().join(lease), "").unwrap();
    let store = FileStore::open_existing(temporary.path()).unwrap().unwrap();
    assert_eq!(store.list().unwrap().len(), 1);
    assert_eq!(store.clear(Duration::ZERO), Ok(1));
    assert_eq!(store.clear(Duration::ZERO), Ok(0));
    let mut names: Vec<_> = fs::read_dir(temporary.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    assert_eq!(names, theirs);
}

// fault: cache-in-the-home-of-another-user
#[cfg(unix)]
#[test]
fn folder_is_not_created_in_the_home_of_another_user() {
    use std::os::unix::fs::{MetadataExt, chown};

    let temporary = Temporary::new();
    fs::create_dir(temporary.path()).unwrap();
    // Only root can give a folder away.
    if fs::metadata(temporary.path()).unwrap().uid() != 0 {
        return;
    }
    chown(temporary.path(), Some(12345), None).unwrap();
    let error = FileStore::open(temporary.path().join("cache/tokens")).unwrap_err();
    assert!(
        error.detail().contains("belongs to another user"),
        "{error}"
    );
    assert!(!temporary.path().join("cache").exists());
}

// fault: cache-in-the-home-of-another-user
#[cfg(unix)]
#[test]
fn relative_folder_is_below_the_one_in_which_the_store_was_opened() {
    use std::env;
    use std::os::unix::fs::{MetadataExt, chown};
    use std::process::Command;

    const TEST: &str = "relative_folder_is_below_the_one_in_which_the_store_was_opened";
    // In a process of its own, since all threads of a process share the current folder.
    if env::var_os(TEST).is_some() {
        let store = FileStore::open("cache").unwrap();
        env::set_current_dir("elsewhere").unwrap();
        return keep(&store, &config("s3cret"));
    }
    let temporary = Temporary::new();
    fs::create_dir_all(temporary.path().join("elsewhere")).unwrap();
    let opens = || {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args([TEST, "--exact"]).env(TEST, "1");
        let ended = child.current_dir(temporary.path()).output().unwrap();
        ended.status.success()
    };
    let cache = temporary.path().join("cache");
    assert!(opens());
    assert!(fs::read_dir(&cache).unwrap().next().is_some());
    assert!(!temporary.path().join("elsewhere/cache").exists());

    // Only root can give a folder away.
    if fs::metadata(temporary.path()).unwrap().uid() == 0 {
        fs::remove_dir_all(&cache).unwrap();
        chown(temporary.path(), Some(12345), None).unwrap();
        assert!(!opens() && !cache.exists());
    }
}
