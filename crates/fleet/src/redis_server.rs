//! A Redis server of the harness's own, over a Unix socket in a temporary folder.

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_redis::redis::{Client, Connection, FromRedisValue, cmd};

/// A Redis server, killed on drop.
pub(crate) struct RedisServer {
    folder: PathBuf,
    child: Child,
}

impl RedisServer {
    pub(crate) fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = folder.to_owned();
        let child = spawn(&folder)?;
        let server = Self { folder, child };
        server.wait_until_ready()?;
        Ok(server)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("redis")
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Runs a command over a connection of its own.
    pub(crate) fn run<T: FromRedisValue>(&self, command: &str) -> Result<T, Box<dyn Error>> {
        let mut words = command.split(' ');
        let mut parsed = cmd(words.next().unwrap_or_default());
        parsed.arg(words.collect::<Vec<_>>());
        Ok(parsed.query(&mut self.connection()?)?)
    }

    pub(crate) fn connection(&self) -> Result<Connection, Box<dyn Error>> {
        Ok(Client::open(self.url())?.get_connection()?)
    }

    pub(crate) fn kill(&mut self) -> Result<(), Box<dyn Error>> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts the server again, at the same address and empty.
    pub(crate) fn start_again(&mut self) -> Result<(), Box<dyn Error>> {
        self.child = spawn(&self.folder)?;
        self.wait_until_ready()
    }

    fn wait_until_ready(&self) -> Result<(), Box<dyn Error>> {
        let end = Instant::now() + Duration::from_secs(20);
        while self.run::<String>("PING").is_err() {
            if Instant::now() > end {
                return Err("the Redis server does not respond".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &Path) -> Result<Child, Box<dyn Error>> {
    for program in ["redis-server", "valkey-server"] {
        let mut command = Command::new(program);
        command.args(["--port", "0", "--save", "", "--appendonly", "no"]);
        command.arg("--unixsocket").arg(folder.join("redis"));
        command.arg("--dir").arg(folder).stdout(Stdio::null());
        match command.spawn() {
            Ok(child) => return Ok(child),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err("install redis-server or valkey-server".into())
}

/// A folder, removed on drop.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("edge-oauth-fleet-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // A run before it, with the same process id, may have been killed.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
