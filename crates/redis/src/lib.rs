//! Shares access tokens between the processes of a fleet, in Redis or Valkey.
//!
//! ```text
//! claim  ──▶ one script ──▶ a newer token │ the lease │ another process has the lease
//! finish ──▶ one script ──▶ the token, sealed, for all others
//! ```
//!
//! [`RedisStore`] is for threads, and `AsyncRedisStore`, with the feature `tokio`, for tasks. Each call is one round
//! trip and one step: the scripts are those of [`ReferenceStore`](edge_oauth_no_io::ReferenceStore), which the tests run
//! beside them on a real server. All times are of the server's clock.
//!
//! ```no_run
//! use edge_oauth_redis::{RedisOptions, RedisStore, redis};
//!
//! let client = redis::Client::open("redis://127.0.0.1/")?;
//! let store = RedisStore::with_options(client, RedisOptions::default().prefix("staging"))?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! A configuration is one hash with the key `PREFIX:1:NAME`, so all of it is in one slot of a cluster:
//!
//! | field | contents |
//! |---|---|
//! | `number`, `entry`, `expires` | the latest token, sealed, and its number |
//! | `lease`, `began`, `ends` | the latest lease by its number, and its times |
//! | `error` | the sealed error response of the lease's holder |
//!
//! # Left out, and why
//!
//! - Redlock, or several servers: the loss of the store costs requests, and that is the whole price.
//! - `Retry-After` of the token server: it may be meant for one address.

mod blocking;
#[cfg(feature = "tokio")]
mod nonblocking;
mod options;
mod scripts;

pub use blocking::RedisStore;
pub use edge_oauth_store::StoreKeys;
#[cfg(feature = "tokio")]
pub use nonblocking::AsyncRedisStore;
pub use options::RedisOptions;
pub use redis;

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
#[cfg(test)]
mod tests;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
