//! OAuth 2.0 client credentials over the function `fetch` of browsers, Node and Workers.
//!
//! ```text
//! http::Request ─▶ FetchTransport ─▶ Request ─▶ fetch ─▶ wire
//!                        ▲                        │
//!      AbortController, setTimeout     ReadableStream, in parts
//! ```
//!
//! ```no_run
//! # #[cfg(all(target_family = "wasm", target_os = "unknown"))]
//! # mod on_the_target {
//! use edge_oauth_fetch::{Config, FetchTransport, Secret, Tenant, TokenSource};
//!
//! async fn token(secret: &str) -> Result<(), Box<dyn std::error::Error>> {
//!     let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new(secret))?;
//!     let source = TokenSource::new(FetchTransport::new(), config); // clones share one token
//!     let token = source.token().await?;
//!     assert_eq!(token.authorization(), format!("Bearer {}", token.expose()));
//!     Ok(())
//! }
//! # }
//! ```
//!
//! The crate is for `wasm32-unknown-unknown` and is empty on other targets.
//!
//! # The secret
//!
//! **A client secret must not be in a web page that the public loads.** Everybody who opens the page can read the secret,
//! whatever this crate does, and can then request tokens. In a browser the crate is for internal tools, extensions and
//! tests. In Node and in Workers the secret stays on the server; read it from the environment or from a binding.
//!
//! This crate wipes the memory of WebAssembly that it owns. JavaScript has copies of each request and each response, which
//! the engine frees at a time of its own. Errors and `Debug` contain neither secrets nor tokens, and the crate prints
//! nothing.
//!
//! # Requests
//!
//! - A redirect is not followed (`redirect: "manual"`). Node and Workers return the redirect as a response; a browser hides
//!   its status, and the error is of the kind `TransportErrorKind::Redirect`.
//! - There are no cookies and no cache (`credentials: "omit"`, `cache: "no-store"`), except in Workers that know neither.
//! - The timeout covers the request with its body. When the time is over, or the future of a call is dropped, the request
//!   is aborted and its connection closes. A token request runs in a task of its own, and so outlives its caller.
//! - The body is read in parts and is cut off at its limit, after decompression.
//! - `Content-Length` is left to `fetch`, and so are `User-Agent`, proxies, TLS and connections.
//! - The engine spells the URL: it resolves dot segments and encodes some characters.
//!
//! # Browsers
//!
//! A page may only send a request to another origin if the server permits it (CORS). The token endpoint of Experience Edge
//! permits no page, and its Admin API does: get the token from a server of your own, or use an extension with a
//! permission for the host. `edge-oauth-local` permits a page with `Options::cors_origin`.
//!
//! - A browser does not tell a network error from a missing permission, so the error names both. It is transient.
//! - Only headers that the server exposes (`Access-Control-Expose-Headers`) can be read. Without `Retry-After` the backoff
//!   decides, and without `WWW-Authenticate` a 401 rejects the token.
//! - A page in the background gets its timers late. A token that expired meanwhile is not sent.
//!
//! # Workers
//!
//! - Build the source inside of a request: before the first request there are neither random bits nor the time.
//! - Give each request a source of its own. If a request waits for the token request of another, the runtime ends it. A
//!   source takes over the last token with [`restore`](edge_oauth_driver::nonblocking::TokenSource::restore), and
//!   [`export`](edge_oauth_driver::nonblocking::TokenSource::export) returns it for the next request.
//! - A task in the background ends with the request that started it, unless the Worker waits for it: pass the promise of
//!   [`settle`](edge_oauth_driver::nonblocking::TokenSource::settle) to `waitUntil`.
//! - `FetchTransport::with_fetch` takes the `fetch` of a service binding.
//!
//! The example `worker` of this crate does all of it.
//!
//! # Size
//!
//! `bash .ci/wasm size` prints the sizes, and CI fails if they grow. The core with a program around it (`core_size`) has
//! 313 KB, and 136 KB compressed with gzip. Of its code, 40 % is the core itself, 35 % the standard library (formatting,
//! sorting, numbers, memory), 13 % serde and serde_json, and 4 % http. A fifth of the module is data: texts of errors and
//! hints, and tables of numbers and characters. Neither `url` nor `idna` is part of it.
//! The example `worker`, with the driver and this crate, has 412 KB, and 181 KB compressed.
//!
//! # Left out, and why
//!
//! - A middleware: `fetch` has none. [`TokenSource::send`](edge_oauth_driver::nonblocking::TokenSource::send) and `call`
//!   add the token.
//! - A shared store: a store of Workers, such as KV, is an `AsyncStore` of your own.
//! - Bodies as streams: a request and a response are in memory, within their limits.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

mod abort;
mod global;
mod request;
mod response;
mod runtime;
mod sleep;
mod source;
mod transport;
mod transport_error;

pub use runtime::EventLoop;
pub use source::TokenSource;
pub use transport::FetchTransport;

pub use edge_oauth_driver::exports::*;
pub use edge_oauth_driver::nonblocking::oauth2_client;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The guide of this crate, which is not packed.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/browsers-and-workers.md")]
struct Guide;
