//! Servers of other projects. Each is started by one command, and ends with the test that started it.
//!
//! ```text
//!   Oidc  ──▶ node oidc/server.mjs    the certified provider `oidc-provider`, over http or https
//!   Nginx ──▶ python3 nginx/serve.py  nginx in front of a server, over http and https, with HTTP/2
//! ```
//!
//! A process prints its URLs once it accepts connections. It ends when its standard input is closed: when the value
//! here is dropped, or when the test ends. All servers listen on 127.0.0.1 only.
//!
//! `.ci/interop` installs what is missing and runs the tests. They need the feature `interop`, so that `cargo test
//! --workspace` works without Node and nginx. The npm packages are used only by the tests, and are not shipped; their
//! licences are MIT and ISC.

#![allow(
    clippy::unwrap_used,
    reason = "all of this runs in tests, where a panic is the way to fail"
)]

mod nginx;
mod oidc;
mod process;

pub use nginx::Nginx;
pub use oidc::Oidc;
