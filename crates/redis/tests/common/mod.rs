//! A Redis server of a test's own, over a Unix socket.
#![allow(dead_code, reason = "each test program uses a part")]

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use edge_oauth_no_io::{Claim, Config, Secret};

/// A server that ends with the test.
pub(crate) struct Server {
    folder: PathBuf,
    child: Child,
}

impl Server {
    /// Starts a server. Returns `None`, and says so, if Redis is not installed.
    ///
    /// # Panics
    ///
    /// Panics in place of `None` if `EDGE_OAUTH_REQUIRE_REDIS` is set.
    pub(crate) fn start() -> Option<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("edge-oauth-redis-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        match run(&folder) {
            Some(child) => Some(Self { folder, child }),
            None => {
                fs::remove_dir_all(&folder).unwrap();
                let required = std::env::var_os("EDGE_OAUTH_REQUIRE_REDIS").is_some();
                assert!(
                    !required,
                    "neither redis-server nor valkey-server is installed"
                );
                // Past the capture of a test's output, which is not shown if the test passes.
                let _ = writeln!(
                    std::io::stderr(),
                    "skipped: neither redis-server nor valkey-server is installed"
                );
                None
            }
        }
    }

    pub(crate) fn client(&self) -> redis::Client {
        client(&socket(&self.folder))
    }

    /// Runs one command over a connection of its own.
    pub(crate) fn run<T: redis::FromRedisValue>(&self, command: &str) -> T {
        let mut words = command.split(' ');
        let mut parsed = redis::cmd(words.next().unwrap());
        parsed.arg(words.collect::<Vec<_>>());
        parsed
            .query(&mut self.client().get_connection().unwrap())
            .unwrap()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        socket(&self.folder)
    }

    /// Sends a signal to the server alone.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Kills the server.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the server again, at the same address and empty.
    pub(crate) fn start_again(&mut self) {
        self.child = run(&self.folder).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn client(socket: &Path) -> redis::Client {
    redis::Client::open(format!("redis+unix://{}", socket.display())).unwrap()
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

/// Returns a server that accepts connections.
fn run(folder: &Path) -> Option<Child> {
    let _ = fs::remove_file(socket(folder));
    let mut child = spawn("redis-server", folder).or_else(|| spawn("valkey-server", folder))?;
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = output.find(|line| {
        let line = line.as_ref().unwrap();
        line.contains("eady to accept connections")
    });
    assert!(ready.is_some(), "the server ended");
    thread::spawn(move || output.count());
    Some(child)
}

fn spawn(program: &str, folder: &Path) -> Option<Child> {
    let mut command = Command::new(program);
    command.args([
        "--port",
        "0",
        "--save",
        "",
        "--appendonly",
        "no",
        "--unixsocket",
    ]);
    command.arg(socket(folder)).arg("--dir").arg(folder);
    match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => Some(child),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{program}: {error}"),
    }
}

pub(crate) fn config(client_id: &str) -> Config {
    Config::builder("https://login.example/token", client_id)
        .client_secret(Secret::new("the-client-secret"))
        .build()
        .unwrap()
}

/// Waits long enough for a machine that is busy.
pub(crate) fn claim() -> Claim {
    Claim {
        known: 0,
        lease: Duration::from_secs(3600),
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: Duration::from_secs(60),
    }
}
