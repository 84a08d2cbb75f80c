//! Keeps an OAuth 2.0 access token valid for many threads or tasks, over any HTTP library.
//!
//! ```text
//!   token() ──▶ TokenSource ──▶ Keeper (decides when) ──▶ Acquisition (decides how)
//!                    ▲                                         │ Action::Send │ Sign │ Assertion │ Claim
//!                    │                                         ▼
//!              cache, wake-ups ◀── Flight ◀── Transport, Signer, AssertionSource, Store
//! ```
//!
//! A [`Keeper`](edge_oauth_no_io::Keeper) decides when a token is requested, an
//! [`Acquisition`](edge_oauth_no_io::Acquisition) decides how, and this crate does the work: it runs the actions,
//! waits, wakes callers and caches the token. The loop exists twice, in [`blocking`] for threads and in
//! [`nonblocking`] for futures. Each side has two traits: a `Transport` sends one request, and a `Runtime` has
//! clocks, waits and background work.
//!
//! - A cached token is read from one of 64 slots, without the keeper's lock. A refresh runs in the background.
//! - Concurrent callers share one token request (single-flight), even if the caller that started it is cancelled.
//! - [`send`](blocking::TokenSource::send) sends a request to a protected API, and once more if the API rejects the
//!   token. [`call`](blocking::TokenSource::call) does so for an [`Operation`](edge_oauth_no_io::Operation), and
//!   reads the response.
//! - If a caller is cancelled, a transport panics or a runtime ends, the other callers go on.
//!
//! ```
//! use edge_oauth_driver::blocking::TokenSource;
//! use edge_oauth_driver::testing::ScriptedTransport;
//! use edge_oauth_no_io::{Config, Secret};
//!
//! let body = r#"{"access_token":"abc","token_type":"Bearer","expires_in":900}"#;
//! let transport = ScriptedTransport::new(|_request| Ok(http::Response::new(body.into())));
//! let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
//!
//! let source = TokenSource::new(transport, config);
//! let mut request = http::Request::get("https://api.example/things").body(())?;
//! source.authorize(&mut request)?;
//! assert_eq!(request.headers()["authorization"], "Bearer abc");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Clients without a client secret
//!
//! A [`Signer`] signs the JWT that the core builds, and an [`AssertionSource`] supplies a JWT that something else
//! makes. Give one to the [builder](blocking::TokenSource::builder). Tasks also take an [`AsyncSigner`] and an
//! [`AsyncAssertionSource`]. The crate `edge-oauth-keys` has both kinds for private keys, files, commands and CI
//! jobs.
//!
//! # Shared stores
//!
//! [`Store`] and [`AsyncStore`] are the two calls to a store that processes share: claim and finish. Give one to the
//! builder, and a source asks it before each token request. `edge-oauth-store` implements them in files and
//! `edge-oauth-redis` in Redis; `testing::check_store` is the suite that each store passes. A store that fails costs
//! requests: callers see no error of it.
//!
//! # Browsers and Workers
//!
//! On `wasm32-unknown-unknown` there are no threads, no clock and no randomness in the standard library. [`nonblocking`]
//! is there without `fetch`, whose place [`fetch_on`](nonblocking::fetch_on) takes, and the futures of a transport need
//! not be `Send`. A [`Runtime`](nonblocking::Runtime) supplies the clocks and the random bits there: that of
//! `edge-oauth-fetch`, or your own, as in `examples/browser.rs` of this crate.
//!
//! # Metrics and logs
//!
//! The feature `metrics` records counters, gauges and histograms by the `metrics` facade, and the feature `tracing` writes
//! log lines and a span for each token request. A cached token causes neither.
//!
//! # Left out, and why
//!
//! - A feature for OpenTelemetry: its API changes incompatibly with each minor version, and the `metrics` facade has
//!   exporters for it.
//! - A limit on the number of attempts: the caller's `max_wait` is the limit, and the backoff grows.
//! - Retries of an API request other than the one after a rejected token: the caller knows whether the request may be
//!   sent twice.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub mod blocking;
mod cache;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod clock;
mod credentials;
mod deadline;
mod endpoints;
mod error;
mod events;
pub mod exports;
mod flight;
mod maybe_send;
mod meters;
pub mod nonblocking;
mod notify;
mod options;
mod outcome;
mod pool;
mod proxy;
mod random;
mod request;
mod shared;
mod store;
mod store_guard;
mod store_key;
mod sync;
#[cfg(all(
    any(test, feature = "testing"),
    not(all(target_family = "wasm", target_os = "unknown"))
))]
pub mod testing;
mod trace;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use clock::system_time;
pub use credentials::{AssertionSource, AsyncAssertionSource, AsyncSigner, Signer};
pub use endpoints::Endpoints;
pub use error::CallError;
pub use maybe_send::{BoxFuture, MaybeSend, MaybeSync};
pub use notify::Notified;
pub use options::Options;
pub use pool::{PooledSource, TokenSourcePool};
pub use proxy::proxy_environment;
pub use store::{AsyncStore, Store};
pub use store_key::{Seal, StoreKey};

#[cfg(all(test, any(loom, shuttle)))]
#[path = "../tests/schedules/mod.rs"]
mod schedules;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
