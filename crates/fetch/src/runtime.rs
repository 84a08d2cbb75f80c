//! The clocks, timers and tasks of JavaScript as a runtime of the driver.

use std::time::Duration;

use edge_oauth_driver::BoxFuture;
use edge_oauth_driver::nonblocking::Runtime;
use edge_oauth_no_io::Moment;
use js_sys::{Date, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{Crypto, Performance};

use crate::global;
use crate::sleep::sleep;

/// JavaScript's event loop: `performance.now`, `Date.now`, `setTimeout`, and tasks as microtasks.
///
/// ```no_run
/// use edge_oauth_driver::nonblocking::TokenSource;
/// use edge_oauth_fetch::{Config, EventLoop, FetchTransport, Secret};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let source = TokenSource::<EventLoop>::new(FetchTransport::new(), config);
/// assert!(source.export().is_none(), "no token was requested yet");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct EventLoop;

impl Runtime for EventLoop {
    fn now(&self) -> Moment {
        let wall = milliseconds(Date::now());
        let performance = global::value("performance");
        Moment {
            monotonic: performance.map_or(wall, |performance| {
                milliseconds(performance.unchecked_into::<Performance>().now())
            }),
            wall,
        }
    }

    /// Workers permit no random bits before the first request. Then they are those of the clocks.
    fn random(&self) -> [u8; 16] {
        let now = self.now();
        let mut bits =
            (now.wall.as_nanos() ^ now.monotonic.as_nanos().rotate_left(64)).to_le_bytes();
        if let Some(crypto) = global::value("crypto") {
            let array = Uint8Array::new_with_length(16);
            let crypto = crypto.unchecked_into::<Crypto>();
            if crypto.get_random_values_with_js_u8_array(&array).is_ok() {
                array.copy_to(&mut bits);
            }
        }
        bits
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(sleep(duration))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        js_sys::futures::spawn_local(task);
    }
}

/// A clock before its beginning reads as its beginning: the other clock still counts.
fn milliseconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number / 1000.0).unwrap_or_default()
}
