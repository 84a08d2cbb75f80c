//! Keeps an access token usable for many threads or tasks, over any HTTP library.
//!
//! ```text
//!   token() ──▶ TokenSource ──▶ Keeper (decides)
//!                    │              │ Exchange
//!                    ▼              ▼
//!               the bell  ◀──  Transport (yours, or an adapter's)
//! ```
//!
//! A [`Keeper`](edge_oauth_no_io::Keeper) decides what to do; a *transport* sends a request and
//! returns the answer; this crate waits. The loop stands twice, in [`blocking`] for threads and in
//! [`nonblocking`] for futures, and the two differ only by `.await` and by the timer.
//!
//! - A held token is served from a copy that the thread owns, without a lock that anyone holds for longer
//!   than it takes to copy a pointer, and a refresh runs beside the callers.
//! - One request is under way at most, however many callers ask and whichever of them is cancelled.
//! - [`call`](blocking::TokenSource::call) makes an [`Operation`](edge_oauth_no_io::Operation) of a
//!   protected API: its request authorised, its answer read, a refused token replaced once.
//! - A caller that is cancelled, a transport that panics and a runtime that ends leave nobody hanging.
//!
//! ```
//! use edge_oauth_driver::blocking::TokenSource;
//! use edge_oauth_driver::testing::ScriptedTransport;
//! use edge_oauth_no_io::{Config, Secret};
//!
//! let answer = r#"{"access_token":"abc","token_type":"Bearer","expires_in":900}"#;
//! let transport = ScriptedTransport::new(|_request| Ok(http::Response::new(answer.into())));
//! let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
//!
//! let source = TokenSource::new(transport, config);
//! let mut request = http::Request::get("https://api.example/things").body(())?;
//! source.authorize(&mut request)?;
//! assert_eq!(request.headers()["authorization"], "Bearer abc");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Left out, and why
//!
//! - A limit on the number of attempts: the caller's deadline is the limit, and the pauses between
//!   attempts grow.
//! - Retries of a request to an API, but for the one after a refused token: whether it may be sent
//!   twice is the caller's to know.

pub mod blocking;
mod cache;
mod clock;
mod credentials;
mod deadline;
mod error;
pub mod exports;
mod flight;
mod maybe_send;
pub mod nonblocking;
mod notify;
mod options;
mod pool;
mod proxy;
mod random;
mod request;
mod shared;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trace;

pub use clock::system_time;
pub use credentials::{AssertionSource, AsyncAssertionSource, AsyncSigner, Signer};
pub use error::CallError;
pub use maybe_send::{BoxFuture, MaybeSend, MaybeSync};
pub use notify::Notified;
pub use options::Options;
pub use pool::{PooledSource, TokenSourcePool};
pub use proxy::proxy_environment;
pub use store::{AsyncStore, Seal, Store, StoreKey};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
