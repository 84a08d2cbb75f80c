//! OAuth 2.0 client credentials for reqwest 0.13 on tokio: the transport of edge-oauth.
//!
//! ```text
//! Config ──token_request──▶ http::Request ──▶ ReqwestTransport ──▶ reqwest::Client
//!                                                                        │
//! AccessToken ◀──token_response── http::Response ◀── bounded in time ◀───┘
//! or TokenError                                      and in size
//! ```
//!
//! ```
//! use std::time::Duration;
//!
//! use edge_oauth_local::{AUDIENCE, LocalEdge};
//! use edge_oauth_no_io::{Config, Secret};
//! use edge_oauth_reqwest::ReqwestTransport;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let edge = LocalEdge::start()?; // stands for the real server
//! let secret = Secret::new(edge.client_secret());
//! let config = Config::builder(edge.token_url(), edge.client_id()).client_secret(secret).audience(AUDIENCE).build()?;
//!
//! let transport = ReqwestTransport::new()?;
//! let token = transport.fetch(&config, Duration::from_secs(10)).await?;
//! assert_eq!(token.expires_in(), Some(Duration::from_secs(24 * 60 * 60)));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # The runtime
//!
//! Calls run inside a tokio runtime that has IO and time enabled. Outside of any runtime nothing
//! panics: [`send`](edge_oauth_driver::nonblocking::Transport::send) gives an error, a task is dropped, and a
//! wait blocks its thread. In a runtime without IO or time, tokio panics and says which. A client
//! of yours that keeps connections for the next request is for one runtime: a connection lives on the
//! runtime that opened it. [`ReqwestTransport::new`] keeps none.
//!
//! # Left out, and why
//!
//! - HTTP/2: eight crates more, for one request now and then. A client of the caller's own may have it.
//! - Decompression: a token is small, and what is not asked for cannot be a bomb.
//! - The platform's store of certificates: the roots of webpki-roots are the same on every machine. A
//!   client of the caller's own may have others.

mod client;
#[cfg(feature = "middleware")]
mod middleware;
mod runtime;
mod source;
mod transport;
mod transport_error;

pub use client::hardened_client;
#[cfg(feature = "middleware")]
pub use middleware::BearerMiddleware;
pub use runtime::Tokio;
pub use source::TokenSource;
pub use transport::ReqwestTransport;

pub use edge_oauth_driver::exports::*;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
