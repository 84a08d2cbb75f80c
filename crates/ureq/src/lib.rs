//! OAuth 2.0 client credentials for ureq 3: a token that stays usable, for threads.
//!
//! ```
//! use edge_oauth_no_io::{Config, Secret, Tenant};
//! use edge_oauth_ureq::{TokenSource, UreqTransport};
//!
//! # let edge = edge_oauth_local::LocalEdge::start()?;
//! # let (id, secret) = (edge.client_id(), edge.client_secret());
//! let config = Config::experience_edge(Tenant::Current, id, Secret::new(secret))?;
//! # let config = config.to_builder().endpoint(edge.token_url()).build()?;
//! let source = TokenSource::new(UreqTransport::new(), config);
//!
//! let mut request = http::Request::get("https://edge.sitecorecloud.io/api/admin/v1/settings").body(())?;
//! source.authorize(&mut request)?;
//! # assert!(request.headers()["authorization"].to_str()?.starts_with("Bearer ey"));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`TokenSource::token`] and [`TokenSource::authorize`] for requests that you send yourself,
//! - [`TokenSource::send`] for a request that is sent once more where the API refuses the token,
//! - [`TokenSource::call`] for an operation, such as those of `experience-edge-api`, whose response is read too,
//! - [`AuthorizedAgent`] for `send` with an agent of yours and a body that is read as it arrives,
//! - [`BearerMiddleware`] for an agent whose requests to an API are authorised,
//! - [`UreqTransport::fetch`] for one token without a lifecycle.
//!
//! # TLS
//!
//! [`UreqTransport::new`] uses rustls with ring, whatever crypto provider the process has installed. An
//! agent of yours uses the provider of its `TlsConfig`, or else the one of the process, or else ring: who
//! needs another provider, such as a FIPS one, installs it and brings an agent ([`build_agent`]).
//!
//! # Logs
//!
//! At trace level ureq writes every byte on the wire into the log, secrets and tokens among them. While
//! a request of this crate is under way, the level of the whole process is therefore lowered to `debug`,
//! and afterwards put back. That holds for requests that go through [`TokenSource`],
//! [`AuthorizedAgent`], [`BearerMiddleware`] or [`UreqTransport`]. It does not hold where the level is
//! raised in the middle of a request, for a body that you read after it, or for a request that you
//! send yourself: the sure way is to keep the target `ureq_proto` below trace.

mod agent;
mod log_guard;
mod middleware;
mod proxy;
mod source;
mod tls;
mod transport;
mod transport_error;

pub use agent::AuthorizedAgent;
pub use middleware::BearerMiddleware;
pub use source::TokenSource;
pub use tls::build_agent;
pub use transport::UreqTransport;

pub use edge_oauth_driver::exports::*;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
