//! A scripted transport and a clock without real time, to test code that uses tokens without a network and without
//! waiting.
//!
//! ```
//! use std::time::Duration;
//! use edge_oauth_driver::blocking::TokenSource;
//! use edge_oauth_driver::testing::{Clock, ScriptedTransport};
//! use edge_oauth_no_io::{Config, Secret};
//!
//! let clock = Clock::new();
//! let mut count = 0;
//! let transport = ScriptedTransport::new(move |_request| {
//!     count += 1;
//!     Ok(http::Response::new(format!(r#"{{"access_token":"t{count}","expires_in":60}}"#).into()))
//! });
//! let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
//! let source = TokenSource::builder(config).runtime(clock.clone()).build(transport);
//!
//! assert_eq!(source.token()?.expose(), "t1");
//! clock.advance(Duration::from_secs(60));
//! assert_eq!(source.token()?.expose(), "t2");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod block_on;
mod clock;
mod store;
mod store_suite;
mod transport;

pub use block_on::block_on;
pub use clock::Clock;
pub use store::MemoryStore;
pub use store_suite::check_store;
pub use transport::ScriptedTransport;
