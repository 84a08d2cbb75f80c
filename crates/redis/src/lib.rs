//! Shares access tokens between the processes of a fleet, in Redis or Valkey.

mod blocking;
#[cfg(feature = "tokio")]
mod nonblocking;
mod options;
mod scripts;

pub use blocking::RedisStore;
#[cfg(feature = "tokio")]
pub use nonblocking::AsyncRedisStore;
pub use options::RedisOptions;
pub use redis;

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
#[cfg(test)]
mod tests;
