//! The cases that every transport of edge-oauth has to pass, each written once.
//!
//! ```text
//!   suite!(Mine) ──▶ case::<Mine>() ──▶ Mine::send ──▶ your HTTP library
//!                         │                                  │ bytes on 127.0.0.1
//!                         └──── what came of it ◀─────────── Peer: good, bad, slow, silent
//! ```
//!
//! A transport's crate implements [`Subject`] and calls [`suite!`] in a file under `tests/`. Each
//! case becomes a test of its own, in a module of its noun: `tls::expired_certificate_is_rejected`.
//!
//! ```
//! use edge_oauth_conformance::Subject;
//! use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError, TransportErrorKind};
//!
//! struct Mine;
//!
//! impl Subject for Mine {
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
//!         _bounds: RequestLimits,
//!     ) -> Result<http::Response<SecretBytes>, TransportError> {
//!         Err(TransportError::new(TransportErrorKind::Other, "not written yet"))
//!     }
//! }
//!
//! edge_oauth_conformance::suite!(Mine);
//! ```
//!
//! The cases ask for kinds of errors, for the bytes on the wire and for the number of connections;
//! none measures time. Every error passes a check that it prints nothing that was planted: not the
//! secret, not the query of the endpoint, not what the server sent, in whatever spelling ([`Planted`]).
//!
//! A case that would be sent through a proxy of the environment is run again in a process without
//! that proxy. One that does not end in two minutes fails.
//!
//! What can go wrong on a connection goes wrong twice: in the clear, and in a module `over_tls` once more
//! over TLS.
//!
//! Every case runs while all loggers of the process are heard at their most talkative level, and fails if
//! one of them tells a secret. [`nothing_secret_is_told`] does so for every fault in turn.
//!
//! [`memory_stays_bounded`] is a test of its own, since what it looks at is the process's.
//!
//! # What is left out
//!
//! - Proxies that need TLS or SOCKS, and what goes through a tunnel once it stands.
//! - HTTP/2: the transports speak HTTP/1.1 only, and so does the peer. `crates/peers` has what a caller's
//!   own client may do.
//! - TLS before 1.2 as such: rustls cannot speak it. The alert that such a server sends is played.
//! - Dead routes elsewhere than on Linux, which lends one on the loopback; and a name with dead and live
//!   addresses of two kinds, if `localhost` has one kind only.

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
pub use checks::memory::memory_stays_bounded;
pub use checks::rejected_tokens::{StartCaller, rejections_cost_the_same};
pub use checks::secrecy::nothing_secret_is_told;
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
