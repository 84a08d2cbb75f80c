//! Eight real processes with one configuration. The test runs this program again as its children.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_driver::{Store, StoreKey};
use edge_oauth_no_io::{Claim, Claimed, Config, Finish, StoreError};
use edge_oauth_redis::RedisStore;

use common::{Server, config};

/// A child and its output.
struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(socket: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(SOCKET, socket)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn tell(&mut self, order: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{order}").unwrap();
    }

    /// Returns the token that the child got, and how many requests it has made.
    fn says(&mut self) -> (String, usize) {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.output.read_line(&mut line).unwrap();
            assert!(read > 0, "the child ended");
            if let Some((_, said)) = line.split_once(MARK) {
                let (token, requests) = said.trim().split_once(' ').unwrap();
                return (token.to_owned(), requests.parse().unwrap());
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Gives each call enough time for a machine that is busy.
struct Patient(RedisStore);

impl Store for Patient {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.0.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        let until = match claim.until.is_zero() {
            true => Duration::ZERO,
            false => Duration::MAX,
        };
        let timeout = common::claim().timeout;
        let claim = Claim {
            until,
            timeout,
            lease: timeout,
            ..claim.clone()
        };
        self.0.claim(key, &claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let timeout = common::claim().timeout;
        self.0.finish(key, Finish { timeout, ..finish })
    }
}

/// The child's part: gets a token for each line, after it rejected the last one if the line says so.
#[test]
fn child() {
    let Some(socket) = env::var_os(SOCKET) else {
        return;
    };
    let store = RedisStore::new(common::client(Path::new(&socket))).unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let transport = ScriptedTransport::new(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let name = format!("{}-{number}", std::process::id());
        let body = format!(r#"{{"access_token":"{name}","expires_in":900}}"#);
        Ok(http::Response::new(body.into_bytes()))
    });
    let source = TokenSource::builder(config("s3cret")).store(Patient(store));
    let source = source.unwrap().build(transport);
    for order in std::io::stdin().lock().lines() {
        if order.unwrap() == REJECT {
            source.invalidate(&source.token().unwrap());
        }
        let token = source.token().unwrap();
        let requests = requests.load(Ordering::SeqCst);
        let mut output = std::io::stdout().lock();
        writeln!(output, "{MARK}{} {requests}", token.expose()).unwrap();
        output.flush().unwrap();
    }
}

/// Returns the one token that all of them got, and how many requests they have made together.
fn all_say(processes: &mut [Process]) -> (String, usize) {
    let said: Vec<_> = processes.iter_mut().map(Process::says).collect();
    let token = said[0].0.clone();
    assert!(said.iter().all(|(other, _)| *other == token), "{said:?}");
    (token, said.iter().map(|(_, requests)| requests).sum())
}

// fault: one-request-per-process, rejected-token-comes-back-from-the-store
#[test]
fn eight_processes_make_one_request_for_each_token() {
    let Some(server) = Server::start() else {
        return;
    };
    let start = |_| Process::start(&server.socket());
    let mut processes: Vec<_> = (0..8).map(start).collect();
    for process in &mut processes {
        process.tell(ASK);
    }
    let (first, requests) = all_say(&mut processes);
    assert_eq!(requests, 1, "they started at once");
    for process in &mut processes {
        process.tell(REJECT);
    }
    let (second, requests) = all_say(&mut processes);
    assert_eq!(requests, 2, "all of them rejected the token");
    assert_ne!(first, second);
    for process in &mut processes {
        process.tell(ASK);
    }
    assert_eq!(all_say(&mut processes), (second, 2), "the token is cached");
}

const SOCKET: &str = "EDGE_OAUTH_REDIS_SOCKET";
const MARK: &str = "child says: ";
const ASK: &str = "ask";
const REJECT: &str = "reject";
