//! Puts a source together.

use std::fmt;
use std::sync::Arc;

use edge_oauth_no_io::{Config, StoreError};

use crate::credentials::{AsyncAssertionSource, AsyncSigner};
use crate::nonblocking::parts::Parts;
use crate::nonblocking::runtime::Runtime;
use crate::nonblocking::source::TokenSource;
use crate::nonblocking::transport::Transport;
use crate::options::Options;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use crate::random;
use crate::shared::Shared;
use crate::store::AsyncStore;
use crate::store_guard::guarded;

impl<R: Runtime + Default> TokenSource<R> {
    /// Returns a source without a token; the first caller requests one.
    pub fn new(transport: impl Transport, config: Config) -> Self {
        Self::builder(config).build(transport)
    }

    /// Starts a source with options, a signer, or clocks of another kind.
    pub fn builder(config: Config) -> Builder<R> {
        Builder::new(config, R::default())
    }
}

/// Collects the parts of a [`TokenSource`].
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::Options;
/// use edge_oauth_driver::nonblocking::TokenSource;
/// use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
/// use edge_oauth_no_io::{Config, Secret};
///
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let source = TokenSource::<Clock>::builder(config)
///     .options(Options::default().max_wait(Duration::from_secs(5)))
///     .build(transport);
/// assert_eq!(block_on(source.token())?.expose(), "abc");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<R> {
    config: Config,
    options: Options,
    signer: Option<Box<dyn AsyncSigner>>,
    assertion_source: Option<Box<dyn AsyncAssertionSource>>,
    store: Option<Box<dyn AsyncStore>>,
    runtime: R,
}

impl<R: Runtime> Builder<R> {
    /// Starts a source on this runtime.
    pub fn new(config: Config, runtime: R) -> Self {
        Self {
            config,
            options: Options::default(),
            signer: None,
            assertion_source: None,
            store: None,
            runtime,
        }
    }

    /// Sets the policy, the time that callers have, and an observer.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets the key that signs assertions, for `ClientAuth::PrivateKeyJwt` and its like.
    pub fn signer(mut self, signer: impl AsyncSigner) -> Self {
        self.signer = Some(Box::new(signer));
        self
    }

    /// Sets the source of assertions that something else makes, for `ClientAuth::Assertion` and its like.
    pub fn assertion_source(mut self, source: impl AsyncAssertionSource) -> Self {
        self.assertion_source = Some(Box::new(source));
        self
    }

    /// Sets a store that processes share, so that all of them together make one token request per lifetime.
    ///
    /// The store is asked before each token request, for at most 100 ms. If it fails, the request is made without it,
    /// and an [`Event::StoreFailed`](edge_oauth_no_io::Event::StoreFailed) tells so. A store that panics fails.
    ///
    /// # Errors
    ///
    /// Returns an error if the store has nothing to seal the configuration's entries with
    /// ([`StoreError::is_missing_key`]), such as for a client that signs assertions and has no client secret.
    pub fn store(mut self, store: impl AsyncStore) -> Result<Self, StoreError> {
        guarded(|| store.key(&self.config))?;
        self.store = Some(Box::new(store));
        Ok(self)
    }

    /// Returns a source that sends with this transport. No request leaves before the first caller asks.
    pub fn build(self, transport: impl Transport) -> TokenSource<R> {
        #[cfg(all(target_family = "wasm", target_os = "unknown"))]
        random::mix(self.runtime.random());
        let parts = Parts {
            transport: Box::new(transport),
            runtime: self.runtime,
            signer: self.signer,
            assertion_source: self.assertion_source,
            store: self.store,
        };
        let has_local_store = parts.store.as_ref().map(|store| store.is_local());
        TokenSource {
            shared: Shared::new(self.config, self.options, has_local_store),
            parts: Arc::new(parts),
        }
    }
}

impl<R> fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("config", &self.config)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
