//! The conformance suite of transports: the cases that every transport of edge-oauth has to pass.
//!
//! ```text
//!   suite!(MyTransport) ──▶ case::<MyTransport>() ──▶ MyTransport::send ──▶ your HTTP library
//!                                    │                                        │ bytes on 127.0.0.1
//!                                    └────────── checks the result ◀────── TestServer: valid, broken, slow, silent
//! ```
//!
//! The crate of a transport implements [`Subject`] and calls [`suite!`] in a file under `tests/`. Each
//! case becomes a test in the module of its subject, such as `tls::expired_certificate_is_rejected`.
//!
//! ```
//! use edge_oauth_conformance::Subject;
//! use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError, TransportErrorKind};
//!
//! struct MyTransport;
//!
//! impl Subject for MyTransport {
//!     fn new() -> Self {
//!         Self
//!     }
//!
//!     fn trusting(_ca_pem: &str) -> Self {
//!         Self
//!     }
//!
//!     fn send(
//!         &self,
//!         _request: http::Request<SecretBytes>,
//!         _limits: RequestLimits,
//!     ) -> Result<http::Response<SecretBytes>, TransportError> {
//!         Err(TransportError::new(TransportErrorKind::Other, "not written yet"))
//!     }
//! }
//!
//! edge_oauth_conformance::suite!(MyTransport);
//! ```
//!
//! The cases check the kinds of errors, the bytes on the wire and the number of connections. They never
//! measure time. Every error is searched for the planted secrets: the client secret, the query of the
//! endpoint and the bytes of the server, in every encoding ([`Planted`]).
//!
//! - If the environment names a proxy, a case runs again in a child process without it.
//! - A case that does not end within two minutes fails.
//! - Cases about connections run twice: without TLS, and in the module `over_tls` with TLS.
//! - Each case collects all log lines of the process at the most verbose level, and fails if one contains a
//!   secret. [`check_secrecy`] does so for every fault of a response or a connection.
//! - [`check_memory`] is a test of its own, since it measures the heap of its process.
//! - [`check_rejected_tokens`] compares the ways to call an API with one transport.
//!
//! # What is left out
//!
//! - Proxies that need TLS or SOCKS, and traffic through an open tunnel.
//! - HTTP/2. The transports and the test server speak HTTP/1.1 only. `crates/interop` tests callers' clients over
//!   HTTP/2.
//! - TLS before 1.2, which rustls does not support. The test server sends the alert of such a server.
//! - Dead routes on systems other than Linux, and names with dead and live addresses of two kinds if
//!   `localhost` has only one kind.

#![allow(
    clippy::unwrap_used,
    reason = "all of this runs in tests, where a panic is the way to fail"
)]

mod cases;
mod certificates;
mod checks;
mod child_process;
mod exchange;
mod oauth;
mod runner;
mod secrecy;
mod server;
mod subject;
mod suite;

pub use certificates::{Authority, PemPair};
pub use checks::memory::check_memory;
pub use checks::rejected_tokens::{StartCaller, check_rejected_tokens};
pub use checks::secrecy::check_secrecy;
pub use peak_alloc::PeakAlloc;
pub use runner::{run, run_over_tls, run_watched};
pub use secrecy::planted::Planted;
pub use secrecy::watch::{Watch, watch};
pub use server::closed_port::ClosedPort;
pub use server::wire_faults::{FaultyServer, WIRE_FAULTS, WireFault};
pub use subject::Subject;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
