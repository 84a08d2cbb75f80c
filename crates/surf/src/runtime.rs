//! async-std's timer and tasks.

use std::time::Duration;

use async_std::task;
use edge_oauth_driver::BoxFuture;
use edge_oauth_driver::nonblocking::Runtime;

/// The runtime of async-std, which starts by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsyncStd;

impl Runtime for AsyncStd {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(task::sleep(duration))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        task::spawn(task);
    }
}
