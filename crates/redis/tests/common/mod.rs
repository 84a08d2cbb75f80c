//! A Redis server of a test's own, over a Unix socket.
#![allow(dead_code, reason = "each test program uses a part")]

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
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
    /// Starts a server. Returns `None`, and reports a skipped test, if Redis is not installed.
    ///
    /// # Panics
    ///
    /// Panics in place of `None` if `EDGE_OAUTH_REQUIRE_REDIS` is set.
    pub(crate) fn start() -> Option<Self> {
        let folder = folder();
        match run(&folder) {
            Some(child) => Some(Self { folder, child }),
            None => {
                fs::remove_dir_all(&folder).unwrap();
                skip(NOT_INSTALLED);
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

    /// Returns a file that the server wrote.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).unwrap()
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

/// Makes a folder in the system's for temporary files.
pub(crate) fn folder() -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("edge-oauth-redis-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

/// Serves each connection with this, on the loopback.
pub(crate) fn serve(connection: impl Fn(TcpStream) + Send + 'static) -> redis::Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        listener
            .incoming()
            .for_each(|stream| connection(stream.unwrap()))
    });
    redis::Client::open(format!("redis://{address}/")).unwrap()
}

/// Returns a server that accepts connections.
fn run(folder: &Path) -> Option<Child> {
    let _ = fs::remove_file(socket(folder));
    let socket = socket(folder);
    let words = ["--port", "0", "--unixsocket", socket.to_str().unwrap()];
    let server = start_server(folder, &words, "eady to accept connections");
    server.map(|child| child.expect("the server ended"))
}

/// Starts a server with these options, and returns when its log contains this text. Returns `None` if Redis is not installed, and
/// `Some(None)` if the server ends before.
pub(crate) fn start_server(folder: &Path, options: &[&str], ready: &str) -> Option<Option<Child>> {
    let spawn = |program| spawn(program, folder, options);
    let mut child = spawn("redis-server").or_else(|| spawn("valkey-server"))?;
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    if !output.any(|line| line.unwrap().contains(ready)) {
        child.wait().unwrap();
        return Some(None);
    }
    thread::spawn(move || output.count());
    Some(Some(child))
}

fn spawn(program: &str, folder: &Path, options: &[&str]) -> Option<Child> {
    let mut command = Command::new(program);
    // A sentinel takes its file first, and none of these.
    if options.iter().all(|option| *option != "--sentinel") {
        command.args(["--save", "", "--appendonly", "no", "--dir"]);
        command.arg(folder);
    }
    match command.args(options).stdout(Stdio::piped()).spawn() {
        Ok(child) => Some(child),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("{program}: {error}"),
    }
}

/// Reports a skipped test past the capture of a test's output, which is not shown if the test passes.
///
/// # Panics
///
/// Panics if `EDGE_OAUTH_REQUIRE_REDIS` is set.
pub(crate) fn skip(why: &str) {
    let required = std::env::var_os("EDGE_OAUTH_REQUIRE_REDIS").is_some();
    assert!(!required, "{why}");
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

pub(crate) const NOT_INSTALLED: &str = "neither redis-server nor valkey-server is installed";

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
