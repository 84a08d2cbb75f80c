//! The store in Redis for tasks on tokio.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use edge_oauth_driver::{AsyncStore, BoxFuture, StoreKey};
use edge_oauth_no_io::{Claim, Claimed, Config, Finish, Found, Share, StoreError};
use redis::aio::ConnectionLike;
use redis::{RedisResult, ScriptInvocation};
use tokio::sync::oneshot;

use crate::options::RedisOptions;
use crate::scripts::{Reply, Scripts, claimed, finished};

/// A shared store in Redis or Valkey, for tasks on tokio.
///
/// It takes any connection that can be cloned: a `ConnectionManager`, a `MultiplexedConnection`, or one to a cluster.
/// TLS, users, addresses and reconnections are those of the connection: a `MultiplexedConnection` never connects again, so
/// the store is lost once the server restarts or closes an idle connection. A call returns within its timeout. A claim runs
/// in a task of its own: a lease that comes too late for its caller, or after its caller was cancelled, is given back.
///
/// ```no_run
/// use edge_oauth_redis::AsyncRedisStore;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = redis::Client::open("redis://127.0.0.1/")?;
/// // With the feature `connection-manager` of redis.
/// let store = AsyncRedisStore::new(client.get_connection_manager().await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AsyncRedisStore<C> {
    connection: C,
    scripts: std::sync::Arc<Scripts>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> AsyncRedisStore<C> {
    /// Returns the store behind this connection.
    pub fn new(connection: C) -> Self {
        Self::with_options(connection, RedisOptions::default())
    }

    /// Returns the store with options.
    pub fn with_options(connection: C, options: RedisOptions) -> Self {
        let scripts = Scripts::new(options).into();
        Self {
            connection,
            scripts,
        }
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> AsyncStore for AsyncRedisStore<C> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.scripts.options.keys.key(config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let (sender, result) = oneshot::channel();
            let late = self.clone().claim_to(sender, key.clone(), claim.clone());
            tokio::spawn(late);
            let result = tokio::time::timeout(claim.timeout, result).await;
            let (result, taken) = result
                .map_err(|_| StoreError::timeout())?
                .map_err(|_| StoreError::new("its task has ended"))?;
            let _ = taken.send(());
            result
        })
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let call = self.scripts.finish(key, &finish);
            finished(within(finish.timeout, invoke(&call, &mut connection)).await?)
        })
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> AsyncRedisStore<C> {
    /// Claims. Gives the lease back if its caller has gone, with or without a reply that it never saw.
    // fault: lease-of-a-claim-that-timed-out
    async fn claim_to(mut self, caller: oneshot::Sender<Seen>, key: StoreKey, claim: Claim) {
        // Later than this the lease is over.
        let lasts = claim.timeout.saturating_add(claim.lease);
        let call = self.scripts.claim(&key, &claim);
        let result = within(lasts, invoke(&call, &mut self.connection)).await;
        let result = result.and_then(claimed);
        let lease = match &result {
            Ok(Claimed {
                found: Found::Lease { number },
                ..
            }) => Some(*number),
            _ => None,
        };
        let (taken, is_taken) = oneshot::channel();
        // A reply that is not taken is dropped, and `taken` with it.
        let _ = caller.send((result, taken));
        if let Some(number) = lease
            && is_taken.await.is_err()
        {
            let finish = Finish {
                number,
                share: Share::Nothing,
                timeout: claim.timeout,
            };
            // An error means that the lease ends by itself.
            let _ = self.finish(&key, finish).await;
        }
    }
}

/// The result of a claim, and a sender for the caller to say that it saw it.
type Seen = (Result<Claimed<Vec<u8>>, StoreError>, oneshot::Sender<()>);

/// Runs a script, and once more if the server closed the connection since the last call, as after a restart: a
/// connection that reconnects does so only after a call has failed.
async fn invoke(
    call: &ScriptInvocation<'_>,
    connection: &mut impl ConnectionLike,
) -> RedisResult<Reply> {
    match call.invoke_async(connection).await {
        Err(error) if error.is_connection_dropped() => call.invoke_async(connection).await,
        reply => reply,
    }
}

async fn within(
    timeout: Duration,
    call: impl Future<Output = RedisResult<Reply>>,
) -> Result<RedisResult<Reply>, StoreError> {
    let reply = tokio::time::timeout(timeout, call).await;
    reply.map_err(|_| StoreError::timeout())
}

impl<C> fmt::Debug for AsyncRedisStore<C> {
    /// The connection is left out: its address may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncRedisStore").finish_non_exhaustive()
    }
}
