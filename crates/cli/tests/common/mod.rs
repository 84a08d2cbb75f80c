//! A run of the program, in a home of its own.

#![allow(dead_code, reason = "each test file takes what it needs")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use edge_oauth_driver::{Store, StoreKey};
use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{
    AccessToken, Claim, Config, Finish, Found, Secret, Share, SharedResponse, Tenant,
};
use edge_oauth_store::FileStore;

pub(crate) mod api;
pub(crate) mod authority;
#[cfg(unix)]
pub(crate) mod documents;
mod http;
pub(crate) mod keys;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_edge-oauth");

/// A command that prints the token that `exec` hands to it, as a line.
pub(crate) const PRINT_TOKEN: &[&str] = if cfg!(windows) {
    &["cmd", "/d", "/c", "echo", "%EDGE_OAUTH_TOKEN%"]
} else {
    &["printenv", "EDGE_OAUTH_TOKEN"]
};

/// A command that prints its environment, a variable a line.
pub(crate) const PRINT_ENVIRONMENT: &[&str] = if cfg!(windows) {
    &["cmd", "/d", "/c", "set"]
} else {
    &["env"]
};

/// Returns the number of runs of a test: `few`, or `all` if `EDGE_OAUTH_ALL_RUNS` is set.
pub(crate) fn number_of_runs(few: usize, all: usize) -> usize {
    match std::env::var_os("EDGE_OAUTH_ALL_RUNS") {
        Some(_) => all,
        None => few,
    }
}

/// A folder that is the user's home, removed at the end. Runs in one home share configuration and cache.
pub(crate) struct Home {
    pub(crate) path: PathBuf,
}

impl Home {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("home-{}-{n}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// Returns a run of `edge-oauth ARGUMENTS...` with only this home in its environment, and an empty standard
    /// input.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        // Such as the program of a release, for tests with many runs.
        let program = std::env::var_os("EDGE_OAUTH_PROGRAM");
        Run::new(
            self,
            Command::new(program.unwrap_or_else(|| PROGRAM.into())),
        )
        .args(arguments)
    }

    /// Returns a run of another program in the same environment.
    pub(crate) fn run_other(&self, program: impl AsRef<OsStr>) -> Run {
        Run::new(self, Command::new(program))
    }

    /// Returns a run on a terminal, made by Python. The answer is typed once, when the output ends with the question, and is not if it
    /// is empty.
    #[cfg(unix)]
    pub(crate) fn run_on_terminal(&self, answer: (&str, &str), arguments: &[&str]) -> Run {
        self.run_other_on_terminal(answer, PROGRAM).args(arguments)
    }

    /// Returns a run of another program on a terminal.
    #[cfg(unix)]
    pub(crate) fn run_other_on_terminal(&self, answer: (&str, &str), program: &str) -> Run {
        let answers: Vec<_> = [answer]
            .into_iter()
            .filter(|(_, typed)| !typed.is_empty())
            .collect();
        self.answer_on_terminal(&answers, program)
    }

    /// Returns a run of a program on a terminal, with a line for each question in turn.
    #[cfg(unix)]
    pub(crate) fn answer_on_terminal(&self, answers: &[(&str, &str)], program: &str) -> Run {
        let count = answers.len().to_string();
        let run = self.run_other("python3").args(["-c", TERMINAL, &count]);
        let words = answers
            .iter()
            .flat_map(|(question, typed)| [question, typed]);
        run.args(words).args([program])
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.path.join("cache/edge-oauth")
    }

    /// Returns the only cache file of this kind, such as `token`.
    pub(crate) fn cached(&self, kind: &str) -> PathBuf {
        let files = fs::read_dir(self.cache())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut files = files.filter(|path| path.extension() == Some(OsStr::new(kind)));
        let file = files
            .next()
            .unwrap_or_else(|| panic!("no .{kind} in the cache"));
        assert!(files.next().is_none(), "more than one .{kind} in the cache");
        file
    }

    /// Caches this token of the server's client, with this age.
    pub(crate) fn keep(&self, edge: &LocalEdge, token: &str, lifetime: Duration, lived: Duration) {
        let (store, config) = self.store(edge);
        let key = store.key(&config).unwrap();
        let number = lease(&store, &key);
        finish(&store, &config, number, token, (lifetime, lived));
    }

    /// Returns the store of the cache, and the configuration of the server's client.
    pub(crate) fn store(&self, edge: &LocalEdge) -> (FileStore, Config) {
        let secret = Secret::new(edge.client_secret());
        let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)
            .and_then(|config| config.to_builder().endpoint(edge.token_url()).build())
            .unwrap();
        (FileStore::open(self.cache()).unwrap(), config)
    }

    /// Writes a file into the home.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes the configuration file.
    pub(crate) fn configure(&self, text: &str) -> PathBuf {
        self.write("config/edge-oauth/config.toml", text)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Takes the lease, as a run does before its request. Ignores a cached token.
pub(crate) fn lease(store: &FileStore, key: &StoreKey) -> u64 {
    let claim = Claim {
        known: 0,
        lease: Duration::from_secs(3600),
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: Duration::from_secs(60),
    };
    match store.claim(key, &claim).unwrap().found {
        Found::Lease { number } => number,
        Found::Entry { number: known, .. } => {
            let found = store.claim(key, &Claim { known, ..claim }).unwrap().found;
            let Found::Lease { number } = found else {
                panic!("the lease is taken")
            };
            number
        }
        _ => panic!("the lease is taken"),
    }
}

/// Ends the lease with a token of this lifetime and age.
pub(crate) fn finish(
    store: &FileStore,
    config: &Config,
    number: u64,
    token: &str,
    (lifetime, lived): (Duration, Duration),
) {
    let key = store.key(config).unwrap();
    let token = AccessToken::new(token, Some(lifetime), None).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let born = now - lived;
    let share = Share::Token {
        response: SharedResponse::new(config, born, &Ok(token)).unwrap(),
        keep: lifetime - lived,
    };
    let timeout = Duration::from_secs(60);
    let finish = key.seal(Finish {
        number,
        share,
        timeout,
    });
    assert!(store.finish(&key, finish.unwrap()).unwrap());
}

/// A prepared run.
pub(crate) struct Run {
    pub(crate) command: Command,
    input: Vec<u8>,
}

impl Run {
    fn new(home: &Home, mut command: Command) -> Self {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home.path)
            .env("XDG_CONFIG_HOME", home.path.join("config"))
            .env("XDG_CACHE_HOME", home.path.join("cache"))
            .current_dir(&home.path);
        if cfg!(windows) {
            // Sockets need the first one.
            command
                .env("SystemRoot", std::env::var_os("SystemRoot").unwrap())
                .env("USERPROFILE", &home.path)
                .env("APPDATA", home.path.join("config"))
                .env("LOCALAPPDATA", home.path.join("cache"));
        }
        Self {
            command,
            input: Vec::new(),
        }
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Adds the variables that `edge-oauth serve` prints for this server.
    pub(crate) fn edge(self, edge: &LocalEdge) -> Self {
        self.edge_without_secret(edge)
            .env("SITECORE_CLIENT_SECRET", edge.client_secret())
    }

    /// Adds these variables, except for the secret.
    pub(crate) fn edge_without_secret(self, edge: &LocalEdge) -> Self {
        self.env("SITECORE_AUTH_URL", edge.token_url())
            .env("SITECORE_EDGE_URL", edge.base_url())
            .env("SITECORE_CLIENT_ID", edge.client_id())
    }

    /// Adds all variables that make libraries and panics print more.
    pub(crate) fn talkative(self) -> Self {
        self.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1")
    }

    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Starts the run, and returns when it has printed this text.
    pub(crate) fn until_it_says(mut self, text: &str) -> Started {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        let said = String::new();
        Started { child, err, said }.until_it_says(text)
    }

    /// Runs the program to its end.
    pub(crate) fn finish(mut self) -> Ended {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        // A program may ignore a part of its input.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Ended {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A run in progress.
pub(crate) struct Started {
    child: Child,
    err: BufReader<ChildStderr>,
    said: String,
}

impl Started {
    /// Returns when the run has printed this text too.
    pub(crate) fn until_it_says(mut self, text: &str) -> Self {
        while !self.said.contains(text) {
            let read = self.err.read_line(&mut self.said).unwrap();
            assert_ne!(read, 0, "it ended: {}", self.said);
        }
        self
    }

    /// Sends a signal, such as `-INT`.
    pub(crate) fn signal(self, signal: &str) -> Self {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        self
    }

    pub(crate) fn finish(mut self) -> Ended {
        let mut err = self.said;
        self.err.read_to_string(&mut err).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Ended {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err,
        }
    }
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// -1 if a signal ended the run.
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// Fails unless the run succeeded. Returns standard output.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.status, 0, "{self:#?}");
        self.out
    }

    /// Fails unless the run ended with this status and an empty standard output. Returns standard error.
    #[track_caller]
    pub(crate) fn fails(self, status: i32) -> String {
        assert_eq!((self.status, self.out.as_str()), (status, ""), "{self:#?}");
        self.err
    }

    /// Fails unless the run succeeded with an empty standard error. Returns standard output.
    #[track_caller]
    pub(crate) fn quiet(self) -> String {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{self:#?}");
        self.out
    }
}

/// Types a line at each question. Echo ends a moment after the question for a secret is printed, so this waits until it is
/// off.
#[cfg(unix)]
const TERMINAL: &str = r#"
import os, pty, sys, termios
count = int(sys.argv[1])
pairs = [(sys.argv[2 + 2 * i], sys.argv[3 + 2 * i]) for i in range(count)]
command = sys.argv[2 + 2 * count:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown = b""
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    shown += read
    if pairs and shown.endswith(pairs[0][0].encode()):
        question, typed = pairs.pop(0)
        while question.endswith("secret: ") and termios.tcgetattr(terminal)[3] & termios.ECHO:
            pass
        os.write(terminal, typed.encode() + b"\n")
sys.stdout.buffer.write(shown)
if not termios.tcgetattr(terminal)[3] & termios.ECHO:
    sys.exit("the terminal was left without echo")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"#;
