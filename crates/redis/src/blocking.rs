//! The store in Redis for threads.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_driver::{Store, StoreKey};
use edge_oauth_no_io::{Claim, Claimed, Config, Finish, StoreError};
use edge_oauth_store::StoreThread;
use redis::{Client, Connection, RedisResult, ScriptInvocation};

use crate::options::RedisOptions;
use crate::scripts::{Reply, Scripts, claimed, finished};

/// A shared store in Redis or Valkey, for threads.
///
/// One thread of its own calls the server over one connection, which is made when it is first needed and again
/// after a fault. A caller waits for its timeout at most. TLS, users and addresses are those of the client.
///
/// ```no_run
/// use edge_oauth_redis::RedisStore;
///
/// let client = redis::Client::open("redis://127.0.0.1/")?;
/// let store = RedisStore::new(client)?; // for TokenSource::builder(config).store(store)
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RedisStore(StoreThread<Server>);

impl RedisStore {
    /// Returns the store on the server of this client. The server may start later.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no thread left.
    pub fn new(client: Client) -> Result<Self, StoreError> {
        Self::with_options(client, RedisOptions::default())
    }

    /// Returns the store with options.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no thread left.
    pub fn with_options(client: Client, options: RedisOptions) -> Result<Self, StoreError> {
        Self::with_connect(
            move |timeout| client.get_connection_with_timeout(timeout),
            options,
        )
    }

    /// Returns the store over connections that this function makes within the given time: when the store is first
    /// needed, and after each error. With sentinels, the function asks for the primary each time.
    ///
    /// ```no_run
    /// use edge_oauth_redis::{RedisOptions, RedisStore, redis};
    ///
    /// // With the feature `sentinel` of redis: sentinels.lock()?.master_for("tokens", None)
    /// # fn primary() -> redis::RedisResult<redis::Client> { redis::Client::open("redis://127.0.0.1/") }
    /// let connect = |timeout| primary()?.get_connection_with_timeout(timeout);
    /// let store = RedisStore::with_connect(connect, RedisOptions::default())?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no thread left.
    pub fn with_connect(
        connect: impl Fn(Duration) -> RedisResult<Connection> + Send + Sync + 'static,
        options: RedisOptions,
    ) -> Result<Self, StoreError> {
        StoreThread::new(Server {
            connect: Box::new(connect),
            connection: Mutex::new(None),
            scripts: Scripts::new(options),
        })
        .map(Self)
    }
}

impl Store for RedisStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.0, config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        Store::claim(&self.0, key, claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        Store::finish(&self.0, key, finish)
    }
}

impl fmt::Debug for RedisStore {
    /// The address is left out: it may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

struct Server {
    connect: Box<Connect>,
    /// Only the store's thread uses it.
    connection: Mutex<Option<Connection>>,
    scripts: Scripts,
}

type Connect = dyn Fn(Duration) -> RedisResult<Connection> + Send + Sync;

impl Server {
    /// Reads the reply for at most `late`, which may be longer than the time of the caller.
    fn call(
        &self,
        call: &ScriptInvocation<'_>,
        timeout: Duration,
        late: Duration,
    ) -> RedisResult<Reply> {
        // Zero would be no timeout at all.
        let timeout = timeout.max(Duration::from_millis(1));
        let times = (timeout, timeout.max(late));
        let mut slot = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = slot.take() {
            match self.call_over(connection, &mut slot, call, times) {
                // The server closed it since the last call, as after a restart.
                Err(error) if error.is_connection_dropped() => {}
                reply => return reply,
            }
        }
        let connection = (self.connect)(timeout)?;
        self.call_over(connection, &mut slot, call, times)
    }

    /// Keeps the connection after a success only. A new one has no reply to an old call, and after a failover it may
    /// lead to the new primary.
    fn call_over(
        &self,
        mut connection: Connection,
        slot: &mut Option<Connection>,
        call: &ScriptInvocation<'_>,
        (write, read): (Duration, Duration),
    ) -> RedisResult<Reply> {
        connection.set_read_timeout(Some(read))?;
        connection.set_write_timeout(Some(write))?;
        let reply = call.invoke(&mut connection);
        if reply.is_ok() {
            *slot = Some(connection);
        }
        reply
    }
}

impl Store for Server {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.scripts.options.keys.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        // A lease that comes too late for its caller is given back, as long as it lasts.
        let call = self.scripts.claim(key, claim);
        claimed(self.call(&call, claim.timeout, claim.lease))
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let timeout = finish.timeout;
        finished(self.call(&self.scripts.finish(key, &finish), timeout, timeout))
    }
}
