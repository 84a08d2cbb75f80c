//! tokio's timer and tasks as a runtime of the driver.

use std::thread;
use std::time::Duration;

use edge_oauth_driver::BoxFuture;
use edge_oauth_driver::nonblocking::Runtime;
use tokio::runtime::Handle;

/// The tokio runtime of the current call.
///
/// Outside of a runtime, a wait blocks its thread and a background task is dropped, so the caller makes the request
/// itself.
///
/// ```
/// use edge_oauth_driver::nonblocking::TokenSource;
/// use edge_oauth_tower::{Config, HyperTransport, Secret, Tokio};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let source = TokenSource::<Tokio>::new(HyperTransport::new()?, config);
/// assert!(source.export().is_none(), "no token was requested yet");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokio;

impl Runtime for Tokio {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            match Handle::try_current() {
                Ok(_) => tokio::time::sleep(duration).await,
                // Block the thread: a panic or a busy loop would be worse.
                Err(_) => thread::sleep(duration),
            }
        })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(task);
        }
    }
}
