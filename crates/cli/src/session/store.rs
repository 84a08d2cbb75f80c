//! The cache of a session, with longer timeouts and with messages.

use std::sync::Arc;
use std::time::Duration;

use edge_oauth_driver::{Store, StoreKey};
use edge_oauth_no_io::{Claim, Claimed, Config, Finish, Found, StoreError};
use edge_oauth_store::{FileStore, TokenFile};

use crate::cache;
use crate::output::terminal;
use crate::session::budget::Budget;
use crate::session::progress::Progress;
use crate::settings::Settings;

pub(super) struct SessionStore {
    store: Arc<dyn Store>,
    /// The same store, if it is in files.
    files: Option<Arc<FileStore>>,
    config: Config,
    budget: Budget,
    progress: Arc<Progress>,
}

impl SessionStore {
    /// Opens the cache. Returns `None` with `--no-cache`, and without a credential to encrypt entries with.
    pub(super) fn open(
        settings: &Settings,
        budget: &Budget,
        progress: &Arc<Progress>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(keys) = settings.store_keys().filter(|_| !settings.no_cache) else {
            return Ok(None);
        };
        let (store, files): (Arc<dyn Store>, _) = match &settings.store {
            Some(url) => (cache::shared(url, keys?)?, None),
            None => {
                let files = Arc::new(cache::open(keys?)?);
                (files.clone(), Some(files))
            }
        };
        Ok(Some(Self {
            store,
            files,
            config: settings.config.clone(),
            budget: budget.clone(),
            progress: Arc::clone(progress),
        }))
    }

    /// Returns the timeout of a store operation. A run has more time than a server's request handler, and a busy
    /// machine or a new connection may need it.
    fn store_timeout(&self, timeout: Duration) -> Duration {
        timeout.max(MIN_TIMEOUT.min(self.budget.left() / 4))
    }

    /// Reports why a request is made, if the cached token was requested with another credential.
    fn report_other_secret(&self) {
        let files = self.files.as_ref();
        match files.map(|files| files.inspect(&self.config)) {
            Some(Ok(TokenFile::OtherSecret)) => terminal::detail(
                "the cached token was requested with another credential: it is not used",
            ),
            None | Some(Ok(_)) => {}
            Some(Err(error)) => self.progress.warn_about_cache(&error),
        }
    }
}

impl Store for SessionStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.store.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        let timeout = self.store_timeout(claim.timeout);
        let until = match claim.until {
            Duration::ZERO => Duration::ZERO,
            until => until.saturating_add(timeout - claim.timeout),
        };
        let claim = Claim {
            timeout,
            until,
            ..claim.clone()
        };
        let claimed = self.store.claim(key, &claim)?;
        match &claimed.found {
            Found::Taken {
                error_response: None,
                ..
            } => self.progress.report_other_run(),
            Found::Lease { .. } => self.report_other_secret(),
            _ => {}
        }
        Ok(claimed)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let timeout = self.store_timeout(finish.timeout);
        self.store.finish(key, Finish { timeout, ..finish })
    }

    fn is_local(&self) -> bool {
        self.store.is_local()
    }
}

// fault: many-runs-on-a-busy-machine
const MIN_TIMEOUT: Duration = Duration::from_secs(2);
