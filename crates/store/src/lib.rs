//! Shares access tokens between processes: with a shared store, processes that have one configuration make one token
//! request per lifetime.
//!
//! ```text
//! acquisition ── claim ──▶ Store ──▶ a newer token │ the lease: make the request │ another process has the lease
//!             ── finish ─▶ Store      the response, sealed, for all others
//! ```
//!
//! - [`FileStore`] is for the processes of one user on one machine. `edge-oauth-redis` is for many machines.
//! - [`StoreKeys`] names and seals: what a store holds is useless without the client's secret.
//! - [`StoreThread`] runs a blocking store for tasks, and bounds the wait of threads.
//!
//! A store is never trusted, and may vanish: its loss costs requests and nothing else.
//!
//! Give a store to the builder of a token source:
//!
//! ```
//! use edge_oauth_driver::blocking::TokenSource;
//! use edge_oauth_driver::testing::ScriptedTransport;
//! use edge_oauth_no_io::{Config, Secret};
//! use edge_oauth_store::FileStore;
//!
//! # let folder = std::env::temp_dir().join(format!("edge-oauth-store-doc-{}", std::process::id()));
//! let mut requests = 0;
//! let transport = ScriptedTransport::new(move |_| {
//!     requests += 1;
//!     Ok(http::Response::new(format!(r#"{{"access_token":"token-{requests}","expires_in":900}}"#).into_bytes()))
//! });
//! let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
//!
//! // Two processes would do the same.
//! let first = TokenSource::builder(config.clone()).store(FileStore::open(&folder)?)?.build(transport.clone());
//! let second = TokenSource::builder(config).store(FileStore::open(&folder)?)?.build(transport);
//! assert_eq!(first.token()?.expose(), "token-1");
//! assert_eq!(second.token()?.expose(), "token-1");
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # A store for another engine
//!
//! Implement [`Store`](edge_oauth_driver::Store), or [`AsyncStore`](edge_oauth_driver::AsyncStore) for tasks.
//! [`ReferenceStore`](edge_oauth_no_io::ReferenceStore) has the rules; an engine runs each step as a transaction or a
//! script. Here a map plays the engine, and the conformance suite checks it:
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::{Mutex, PoisonError};
//! use std::time::Duration;
//!
//! use edge_oauth_driver::{Store, StoreKey, system_time};
//! use edge_oauth_no_io::{Claim, Claimed, Config, Finish, ReferenceStore, StoreError};
//! use edge_oauth_store::StoreKeys;
//!
//! struct MyStore {
//!     keys: StoreKeys,
//!     engine: Mutex<HashMap<String, ReferenceStore<Vec<u8>>>>,
//! }
//!
//! impl MyStore {
//!     fn new() -> Self {
//!         Self { keys: StoreKeys::from_client_secret(), engine: Mutex::default() }
//!     }
//!
//!     /// Runs one step, by the engine's clock.
//!     fn transaction<R>(&self, key: &StoreKey, step: impl FnOnce(&mut ReferenceStore<Vec<u8>>, Duration) -> R) -> R {
//!         let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
//!         step(engine.entry(key.name().to_owned()).or_default(), system_time().wall)
//!     }
//! }
//!
//! impl Store for MyStore {
//!     fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
//!         self.keys.key(config)
//!     }
//!
//!     fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
//!         Ok(self.transaction(key, |state, now| state.claim(claim, now)))
//!     }
//!
//!     fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
//!         Ok(self.transaction(key, |state, now| state.finish(finish, now)))
//!     }
//! }
//!
//! // In a test, with the feature `testing` of edge-oauth-driver:
//! let store = std::sync::Arc::new(MyStore::new());
//! edge_oauth_driver::testing::check_store(|| store.clone());
//! ```
//!
//! # Left out, and why
//!
//! - Notifications: a second connection for each process, to save a look each 10 to 250 ms while no token is cached.
//! - A lease that is renewed while its request is under way: a short lease and numbers that only grow give the same.
//! - A flush to the disk: a lost file costs a request.
//! - Refresh tokens: a second request is fatal to them. This grant has none.

mod file;
mod hkdf;
mod keys;
mod seal;
mod thread;

pub use file::file_store::FileStore;
pub use file::inspection::TokenFile;
pub use keys::{StoreKeys, config_id};
pub use seal::{Expiry, expiry};
pub use thread::StoreThread;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
