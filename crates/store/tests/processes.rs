//! Real processes on one folder: killed, stopped and late ones. Each test runs this program again as a child.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::env;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::{Store, StoreKey};
use edge_oauth_no_io::{AccessToken, Claim, Finish, Found, Share, SharedResponse};
use edge_oauth_store::FileStore;
use rustix::process::{Pid, Signal, kill_process};

use common::{Temporary, claim, config};

/// A child and its output.
struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(role: &str, folder: &Temporary) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(ROLE, role)
            .env(FOLDER, folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Returns the next line that the child writes to its parent.
    fn says(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the child ended"
            );
            if let Some((_, said)) = line.split_once(MARK) {
                return said.trim().to_owned();
            }
        }
    }

    fn tell(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Kills the child, and returns when it is gone.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child's part of each test.
#[test]
fn child() {
    let Ok(role) = env::var(ROLE) else { return };
    let folder = env::var_os(FOLDER).unwrap();
    let store = FileStore::open(&folder).unwrap();
    let key = store.key(&config("s3cret")).unwrap();
    match role.as_str() {
        "hold" => drop(lease(&store, &key, LONG)),
        "hold briefly" => {
            let number = lease(&store, &key, Duration::from_millis(1)).unwrap();
            let accepted = store.finish(&key, token(&key, number)).unwrap();
            say(&accepted.to_string());
        }
        "lock" => {
            let name = format!("{}-{}.lock", key.config_id(), key.name());
            let path = std::path::Path::new(&folder).join(name);
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .unwrap();
            file.lock().unwrap();
            say("locked");
            wait();
        }
        "race" => race(&store, &key),
        other => panic!("no role {other}"),
    }
}

/// Takes the lease, writes its number, and waits for the parent.
fn lease(store: &FileStore, key: &StoreKey, lasts: Duration) -> Option<u64> {
    let claim = Claim {
        lease: lasts,
        ..claim()
    };
    let Found::Lease { number } = store.claim(key, &claim).unwrap().found else {
        say("no lease");
        return None;
    };
    say(&number.to_string());
    wait();
    Some(number)
}

/// Claims until there is a token. Writes the number of its own requests.
fn race(store: &FileStore, key: &StoreKey) {
    say("ready");
    wait();
    let mut requests = 0;
    loop {
        match store.claim(key, &claim()).unwrap().found {
            Found::Lease { number } => {
                requests += 1;
                store.finish(key, token(key, number)).unwrap();
            }
            Found::Entry { .. } => break,
            Found::Taken { .. } | Found::TooLate => thread::yield_now(),
        }
    }
    say(&requests.to_string());
}

fn token(key: &StoreKey, number: u64) -> Finish<Vec<u8>> {
    let token = AccessToken::new("abc", Some(LONG), None).unwrap();
    let finish = Finish {
        number,
        share: Share::Token {
            response: SharedResponse::new(&config("s3cret"), Duration::ZERO, &Ok(token)).unwrap(),
            keep: LONG,
        },
        timeout: claim().timeout,
    };
    key.seal(finish).unwrap()
}

fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{MARK}{text}").unwrap();
    output.flush().unwrap();
}

fn wait() {
    std::io::stdin()
        .lock()
        .read_line(&mut String::new())
        .unwrap();
}

fn open(folder: &Temporary) -> (FileStore, StoreKey) {
    let store = FileStore::open(folder.path()).unwrap();
    let key = store.key(&config("s3cret")).unwrap();
    (store, key)
}

// fault: holder-of-the-lease-is-killed
#[test]
fn killed_holder_is_followed_at_once() {
    let folder = Temporary::new();
    let (store, key) = open(&folder);
    let mut last = 0;
    for _ in 0..5 {
        let mut holder = Process::start("hold", &folder);
        let number: u64 = holder.says().parse().unwrap();
        assert!(number > last);
        let found = store.claim(&key, &claim()).unwrap().found;
        assert!(matches!(found, Found::Taken { number: taken, .. } if taken == number));
        holder.kill();
        last = number;
    }
    let found = store.claim(&key, &claim()).unwrap().found;
    assert!(
        matches!(found, Found::Lease { number } if number > last),
        "{found:?}"
    );
}

// fault: holder-of-the-lease-is-stopped
#[test]
fn stopped_holder_is_followed_after_its_lease_and_its_late_token_is_refused() {
    let folder = Temporary::new();
    let (store, key) = open(&folder);
    let mut holder = Process::start("hold briefly", &folder);
    let late: u64 = holder.says().parse().unwrap();
    holder.signal(Signal::STOP);
    let number = loop {
        match store.claim(&key, &claim()).unwrap().found {
            Found::Lease { number } => break number,
            Found::Taken { number, .. } => assert_eq!(number, late),
            other => panic!("{other:?}"),
        }
    };
    assert!(number > late);
    assert!(store.finish(&key, token(&key, number)).unwrap());
    holder.signal(Signal::CONT);
    holder.tell();
    assert_eq!(holder.says(), "false");
    let found = store.claim(&key, &claim()).unwrap().found;
    assert!(matches!(found, Found::Entry { number: latest, .. } if latest == number));
}

// fault: fleet-follows-a-killed-holder
#[test]
fn number_after_a_killed_holder_is_past_the_end_of_its_lease() {
    let folder = Temporary::new();
    let (store, key) = open(&folder);
    let mut holder = Process::start("hold", &folder);
    holder.says();
    let claimed = store.claim(&key, &claim()).unwrap();
    let Found::Taken { left, .. } = claimed.found else {
        panic!("{claimed:?}")
    };
    holder.kill();
    let Found::Lease { number } = store.claim(&key, &claim()).unwrap().found else {
        panic!("the holder was killed")
    };
    assert!(u128::from(number) > (claimed.now + left).as_micros());
    assert!(store.finish(&key, token(&key, number)).unwrap());
}

#[test]
fn late_token_of_a_stopped_holder_is_accepted_while_its_successor_asks() {
    let folder = Temporary::new();
    let (store, key) = open(&folder);
    let mut holder = Process::start("hold briefly", &folder);
    let late: u64 = holder.says().parse().unwrap();
    holder.signal(Signal::STOP);
    while !matches!(
        store.claim(&key, &claim()).unwrap().found,
        Found::Lease { .. }
    ) {}
    holder.signal(Signal::CONT);
    holder.tell();
    assert_eq!(holder.says(), "true");
    let found = store.claim(&key, &claim()).unwrap().found;
    assert!(matches!(found, Found::Entry { number, .. } if number == late));
}

// fault: stopped-process-holds-the-lock
#[test]
fn process_that_stops_with_the_lock_delays_others_by_their_timeout_only() {
    let folder = Temporary::new();
    let (store, key) = open(&folder);
    let mut other = Process::start("lock", &folder);
    assert_eq!(other.says(), "locked");
    other.signal(Signal::STOP);
    let brief = Claim {
        timeout: Duration::from_millis(20),
        ..claim()
    };
    let error = store.claim(&key, &brief).unwrap_err().to_string();
    assert!(error.contains("another process holds"), "{error}");
    other.kill();
    assert!(
        store.claim(&key, &claim()).is_ok(),
        "the system ended its lock"
    );
}

#[test]
fn token_is_read_while_another_process_holds_the_lock() {
    let folder = Temporary::new();
    let (store, key) = open(&folder);
    let Found::Lease { number } = store.claim(&key, &claim()).unwrap().found else {
        panic!("the store is empty");
    };
    store.finish(&key, token(&key, number)).unwrap();
    let mut other = Process::start("lock", &folder);
    assert_eq!(other.says(), "locked");
    let zero = Claim {
        timeout: Duration::ZERO,
        ..claim()
    };
    let found = store.claim(&key, &zero).unwrap().found;
    assert!(matches!(found, Found::Entry { .. }));
}

#[test]
fn sixteen_processes_that_start_at_once_make_one_request() {
    let folder = Temporary::new();
    let mut processes: Vec<_> = (0..16).map(|_| Process::start("race", &folder)).collect();
    for process in &mut processes {
        assert_eq!(process.says(), "ready");
    }
    processes.iter_mut().for_each(Process::tell);
    let requests = processes
        .iter_mut()
        .map(|process| process.says().parse::<u32>().unwrap());
    assert_eq!(requests.sum::<u32>(), 1);
}

// fault: places-of-two-credentials
#[test]
fn process_with_another_secret_makes_its_own_request_and_opens_no_copied_token() {
    let folder = Temporary::new();
    let (store, key) = open(&folder);
    let Found::Lease { number } = store.claim(&key, &claim()).unwrap().found else {
        panic!("the store is empty");
    };
    store.finish(&key, token(&key, number)).unwrap();
    let own = key.open(store.claim(&key, &claim()).unwrap()).found;
    assert!(matches!(
        own,
        Found::Entry {
            response: Some(_),
            ..
        }
    ));
    let other = store.key(&config("rotated")).unwrap();
    let found = store.claim(&other, &claim()).unwrap().found;
    assert!(matches!(found, Found::Lease { .. }), "{found:?}");

    let file = |key: &StoreKey| {
        let name = format!("{}-{}.token", key.config_id(), key.name());
        folder.path().join(name)
    };
    std::fs::copy(file(&key), file(&other)).unwrap();
    let found = other.open(store.claim(&other, &claim()).unwrap()).found;
    assert!(matches!(found, Found::Entry { response: None, .. }));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(3).any(|part| part == b"abc"));
    }
}

const ROLE: &str = "EDGE_OAUTH_STORE_ROLE";
const FOLDER: &str = "EDGE_OAUTH_STORE_FOLDER";
const MARK: &str = "child says: ";
const LONG: Duration = Duration::from_secs(3600);
