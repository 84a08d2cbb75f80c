//! Servers that others wrote, each started by one command, ended with the test that started it.
//!
//! ```text
//!   Oidc  ──▶ node oidc/server.mjs    the certified provider `oidc-provider`, over http or https
//!   Nginx ──▶ python3 nginx/serve.py  nginx before any server, over http and https, HTTP/2 offered
//! ```
//!
//! A process prints its URLs once it can be spoken to, and ends when its standard input does: when the
//! value here is dropped, and when the test dies. All of them listen on 127.0.0.1 only.
//!
//! `.ci/peers` installs what is missing and runs the tests. They stand behind the feature `peers`, so
//! that `cargo test --workspace` needs neither Node nor nginx. The packages of npm are used by the tests
//! only and are no part of what is shipped; their licences are MIT and ISC.

#![allow(
    clippy::unwrap_used,
    reason = "all of this runs in tests, where a panic is the way to fail"
)]

mod nginx;
mod oidc;
mod process;

pub use nginx::Nginx;
pub use oidc::Oidc;
