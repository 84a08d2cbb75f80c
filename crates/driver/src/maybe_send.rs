//! `Send` and `Sync` where threads exist, and no bound in a browser, whose values stay on one thread.

use std::future::Future;
use std::pin::Pin;

/// `Send`, except on `wasm32-unknown-unknown`. The target decides and not a feature, since features only add.
///
/// ```
/// fn takes(_: impl edge_oauth_driver::MaybeSend) {}
/// takes("text");
/// ```
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub trait MaybeSend: Send {}
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Sync`, except on `wasm32-unknown-unknown`.
///
/// ```
/// fn takes(_: impl edge_oauth_driver::MaybeSync) {}
/// takes("text");
/// ```
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub trait MaybeSync: Sync {}
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl<T: Sync + ?Sized> MaybeSync for T {}

/// A future in a box, which makes a trait with asynchronous methods object-safe.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// `Send`, except on `wasm32-unknown-unknown`.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub trait MaybeSend {}
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync`, except on `wasm32-unknown-unknown`.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub trait MaybeSync {}
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
impl<T: ?Sized> MaybeSync for T {}

/// A future in a box, which makes a trait with asynchronous methods object-safe.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;
