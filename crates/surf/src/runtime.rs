//! async-std's timer and tasks as a runtime of the driver.

use std::time::Duration;

use async_std::task;
use edge_oauth_driver::BoxFuture;
use edge_oauth_driver::nonblocking::Runtime;

/// The runtime of async-std, which starts by itself.
///
/// ```
/// use edge_oauth_driver::nonblocking::TokenSource;
/// use edge_oauth_surf::{AsyncStd, Config, Secret, SurfTransport};
///
/// let config = Config::builder("https://127.0.0.1:1/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let source = TokenSource::<AsyncStd>::new(SurfTransport::new(), config);
/// assert!(source.export().is_none(), "no token was requested yet");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
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
