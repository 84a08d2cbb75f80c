//! A store that is held, fails or panics, as a schedule has it.

use std::sync::Arc;
use std::time::Duration;

use edge_oauth_no_io::{Claim, Claimed, Config, Finish, StoreError};
use shuttle::rand::{Rng, thread_rng};

use crate::maybe_send::BoxFuture;
use crate::schedules::server::pending_once;
use crate::schedules::world::{World, panic_as_scripted};
use crate::store::{AsyncStore, Store};
use crate::store_key::StoreKey;
use crate::testing::MemoryStore;

/// A store of several sources. Clones share the entries.
#[derive(Clone)]
pub(crate) struct FaultyStore {
    store: Arc<MemoryStore>,
    world: World,
    is_faulty: bool,
}

impl FaultyStore {
    pub(crate) fn new(world: &World) -> Self {
        let clock = world.clone();
        Self {
            store: Arc::new(MemoryStore::with_clock(move || clock.time())),
            world: world.clone(),
            is_faulty: false,
        }
    }

    /// Lets each call fail, panic or take long.
    pub(crate) fn faulty(self) -> Self {
        Self {
            is_faulty: true,
            ..self
        }
    }

    /// Returns for how long this call is held.
    fn fault(&self) -> Result<Duration, StoreError> {
        if !self.is_faulty {
            return Ok(Duration::ZERO);
        }
        match thread_rng().gen_range(0..6) {
            0 => Err(StoreError::new("as scripted")),
            1 => panic_as_scripted(),
            2 => Ok(Duration::from_millis(50)),
            3 => Ok(Duration::from_secs(5)),
            _ => Ok(Duration::ZERO),
        }
    }

    fn hold(&self) -> Result<(), StoreError> {
        let time = self.fault()?;
        if !time.is_zero() {
            // A blocking store keeps to its timeout itself.
            let time = time.min(Duration::from_millis(100));
            self.world.block_on(self.world.sleep(time));
        }
        Ok(())
    }

    async fn hold_later(&self) -> Result<(), StoreError> {
        pending_once().await;
        let time = self.fault()?;
        if !time.is_zero() {
            self.world.sleep(time).await;
        }
        Ok(())
    }
}

impl Store for FaultyStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.store, config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        self.hold()?;
        Store::claim(&self.store, key, claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        self.hold()?;
        Store::finish(&self.store, key, finish)
    }
}

impl AsyncStore for FaultyStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.store, config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            self.hold_later().await?;
            Store::claim(&self.store, key, claim)
        })
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            self.hold_later().await?;
            Store::finish(&self.store, key, finish)
        })
    }
}
