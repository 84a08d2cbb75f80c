//! The parts of every scenario: the local Edge, Redis, a folder, and the length of a lifetime.

use std::error::Error;
use std::time::Duration;

use edge_oauth_local::{Fault, LocalEdge, Options};

use crate::redis_server::{Folder, RedisServer};

pub(crate) struct Stage {
    pub(crate) edge: LocalEdge,
    pub(crate) redis: RedisServer,
    folder: Folder,
    lifetime: Duration,
}

impl Stage {
    /// Starts the servers. The Edge gives tokens of this lifetime, and takes this long for each.
    pub(crate) fn new(lifetime: Duration, delay: Duration) -> Result<Self, Box<dyn Error>> {
        let folder = Folder::new()?;
        let redis = RedisServer::start(folder.path())?;
        let edge = LocalEdge::start_with(Options::default().lifetime(lifetime))?;
        if !delay.is_zero() {
            edge.script(vec![Fault::delay(delay); 10_000])?;
        }
        Ok(Self {
            edge,
            redis,
            folder,
            lifetime,
        })
    }

    /// Returns the address of a store by its name.
    pub(crate) fn store(&self, name: &str) -> String {
        match name {
            "redis" => self.redis.url(),
            "file" => format!("file:{}", self.folder.path().join("tokens").display()),
            _ => name.to_owned(),
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.edge.served().token_requests
    }

    /// Returns how long a process uses a token. One of 10 s is refreshed after 7.56 to 7.75 s, and one of 120 s after 90.7
    /// to 93 s, so that an outage of a tenth of the lifetime passes unseen.
    pub(crate) fn used(&self) -> Duration {
        self.lifetime * 153 / 200
    }

    /// Returns the number of lifetimes in this time, as processes use them.
    pub(crate) fn lifetimes(&self, time: Duration) -> f64 {
        time.as_secs_f64() / self.used().as_secs_f64()
    }
}

/// The shortest with a margin of a second, which the whole seconds of `exp` take.
pub(crate) const SHORT: Duration = Duration::from_secs(10);
