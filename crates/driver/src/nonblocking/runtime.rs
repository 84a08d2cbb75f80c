//! Time and tasks.

use std::time::Duration;

use edge_oauth_no_io::Moment;

use crate::maybe_send::{BoxFuture, MaybeSend, MaybeSync};

/// The clocks, the timer and the background tasks of a source, once for each runtime.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::BoxFuture;
/// use edge_oauth_driver::nonblocking::Runtime;
/// # mod my_runtime {
/// #     pub async fn sleep(_: std::time::Duration) {}
/// #     pub fn spawn(_: edge_oauth_driver::BoxFuture<'static, ()>) {}
/// # }
///
/// struct MyRuntime;
///
/// impl Runtime for MyRuntime {
///     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         Box::pin(my_runtime::sleep(duration))
///     }
///
///     fn spawn(&self, task: BoxFuture<'static, ()>) {
///         my_runtime::spawn(task);
///     }
/// }
/// ```
pub trait Runtime: MaybeSend + MaybeSync + 'static {
    /// Returns what both clocks show.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    fn now(&self) -> Moment {
        crate::clock::system_time()
    }

    /// Returns what both clocks show. The standard library has no clock on this target.
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    fn now(&self) -> Moment;

    /// Returns random bits, such as from `crypto.getRandomValues`. The standard library has none on this target.
    #[cfg(all(target_family = "wasm", target_os = "unknown"))]
    fn random(&self) -> [u8; 16];

    /// Waits on the runtime's timer.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Runs a task in the background. If that cannot be done, drops it: the next caller makes the request itself.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}
