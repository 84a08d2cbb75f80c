//! Calls of a protected API, with the token of a session.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::{CallError, Options, system_time};
use edge_oauth_no_io::{AccessToken, CacheKey, Event, Operation, Policy, Secret, StoredToken};

use crate::budget::{Bounded, Budget};
use crate::cache::Entry;
use crate::failure::Failure;
use crate::http;
use crate::session::events::tell;
use crate::session::{Ready, Session, Want, for_one_exchange, warn_of_cache};

/// A session that calls an API. The token is asked for at the first call; one that the API refuses is
/// replaced, in the cache as well.
#[derive(Debug)]
pub(crate) struct Calls {
    session: Session,
    source: OnceCell<TokenSource>,
    budget: Budget,
    /// Whether a token came that the cache does not have.
    renewed: Arc<AtomicBool>,
}

impl Calls {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            budget: Budget::new(session.settings.timeout),
            session,
            source: OnceCell::new(),
            renewed: Arc::default(),
        }
    }

    /// Returns the token that calls are made with.
    pub(crate) fn token(&self) -> Result<AccessToken, Failure> {
        let token = self.budget.spend(|within| {
            let source = self.source(within)?;
            Ok::<_, Failure>(source.token_within(within))
        })?;
        Ok(token?)
    }

    /// Makes a call, in what is left of the time for all calls. The outer failure is that there is no token
    /// to begin with.
    pub(crate) fn call<O: Operation>(
        &self,
        operation: &O,
    ) -> Result<Result<O::Output, CallError>, Failure> {
        let (source, outcome) = self.budget.spend(|within| {
            let source = self.source(within)?;
            Ok::<_, Failure>((source, source.call(operation)))
        })?;
        if self.renewed.swap(false, Ordering::Relaxed) {
            self.keep(source);
        }
        Ok(outcome)
    }

    /// A source that holds the session's token, as if it had been asked for now.
    fn source(&self, within: Duration) -> Result<&TokenSource, Failure> {
        if let Some(source) = self.source.get() {
            return Ok(source);
        }
        let ready = self.session.token_within(Want::default(), within)?;
        let settings = &self.session.settings;
        let renewed = Arc::clone(&self.renewed);
        let options = Options::default()
            .max_wait(within)
            .policy(Policy::default().timeout(for_one_exchange(within)))
            .on_event(move |event| {
                tell(event);
                if matches!(event, Event::Fetched { cached: true, .. }) {
                    renewed.store(true, Ordering::Relaxed);
                }
            });
        let transport = Bounded {
            transport: http::transport(settings)?,
            budget: self.budget.clone(),
        };
        let source = settings.source().options(options).build(transport);
        source.restore(&begun_now(settings.config.cache_key(), &ready));
        Ok(self.source.get_or_init(|| source))
    }

    fn keep(&self, source: &TokenSource) {
        let (Some(store), Some(token)) = (&self.session.store, source.export()) else {
            return;
        };
        let held = source.token_within(Duration::ZERO);
        let assumed = held.is_ok_and(|token| token.expires_in().is_none());
        let written = match store.lock(PATIENCE.min(self.budget.left())) {
            Ok(Some(lock)) => store.write(&lock, &Entry { token, assumed }),
            // That run brings a token of its own.
            Ok(None) => Ok(()),
            Err(problem) => Err(problem),
        };
        written.unwrap_or_else(|problem| warn_of_cache(&problem));
    }
}

fn begun_now(key: &CacheKey, ready: &Ready) -> StoredToken {
    let now = system_time().wall;
    let scope = ready.token.scope().map(str::to_owned);
    let lifetime = ready.good_until.saturating_sub(now);
    StoredToken::new(
        key.clone(),
        Secret::new(ready.token.expose()),
        scope,
        now,
        lifetime,
    )
}

const PATIENCE: Duration = Duration::from_secs(2);
