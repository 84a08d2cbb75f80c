//! OAuth 2.0 client credentials for ureq 3: keeps a token valid for threads.
//!
//! ```
//! use edge_oauth_ureq::{Config, Secret, Tenant, TokenSource, UreqTransport, http};
//!
//! # let edge = edge_oauth_local::LocalEdge::start()?;
//! # let (id, secret, api) = (edge.client_id(), edge.client_secret(), edge.base_url());
//! let config = Config::experience_edge(Tenant::Current, id, Secret::new(secret))?;
//! # let config = config.to_builder().endpoint(edge.token_url()).build()?;
//! let source = TokenSource::new(UreqTransport::new(), config); // clones share one token
//!
//! let request = http::Request::get(format!("{api}/api/admin/v1/settings")).body(())?;
//! let response = source.send(&request)?; // sent once more with a new token if the API rejects this one
//! assert_eq!(response.status(), 200);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`TokenSource::token`] and [`TokenSource::authorize`]: for requests that you send yourself.
//! - [`TokenSource::send`]: sends a request, once more if the API rejects the token.
//! - [`TokenSource::call`]: runs an operation, such as those of `experience-edge-api`, and reads its response.
//! - [`AuthorizedAgent`]: does the same as `send` with your agent, and returns a body that is read as it arrives.
//! - [`BearerMiddleware`]: adds a token to the requests of an agent to one API.
//! - [`UreqTransport::fetch`]: requests one token, without a lifecycle.
//!
//! # TLS
//!
//! [`UreqTransport::new`] uses rustls with ring, even if the process has installed another crypto provider. Your own
//! agent uses the provider of its `TlsConfig`, or else the provider of the process, or else ring. If you need another
//! provider, such as a FIPS one, install it and pass your agent ([`build_agent`]).
//!
//! # Mutual TLS
//!
//! With `ClientAuth::TlsClientAuth` the client certificate of the connection proves the client's identity (RFC 8705).
//! `edge-oauth-keys` reads the certificate from PEM files at each token request, so a rotated certificate is used
//! immediately:
//!
//! ```
//! use edge_oauth_keys::{CertificateFiles, MutualTls};
//! use edge_oauth_ureq::{ClientAuth, Config, TokenSource, UreqTransport, client_certificate};
//! use ureq::tls::{Certificate, RootCerts, TlsConfig};
//!
//! # let folder = std::env::temp_dir().join(format!("edge-oauth-ureq-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let key = rcgen::KeyPair::generate()?;
//! # let own = rcgen::CertificateParams::new(["client.example".to_owned()])?.self_signed(&key)?;
//! # let [chain_path, key_path, ca_path] = ["tls.crt", "tls.key", "ca.crt"].map(|name| folder.join(name));
//! # std::fs::write(&chain_path, own.pem())?;
//! # std::fs::write(&key_path, key.serialize_pem())?;
//! # std::fs::write(&ca_path, own.pem())?;
//! let roots = RootCerts::new_with_certs(&[Certificate::from_pem(&std::fs::read(ca_path)?)?]); // or RootCerts::WebPki
//!
//! let files = CertificateFiles::new(chain_path, key_path);
//! let transport = MutualTls::new(files, move |certificate| {
//!     let own = client_certificate(certificate.chain(), certificate.key_pem())?;
//!     let tls = TlsConfig::builder().root_certs(roots.clone()).client_cert(Some(own));
//!     Ok(UreqTransport::with_tls(tls.build()))
//! })?;
//!
//! let config = Config::builder("https://login.example/token", "my-client").client_auth(ClientAuth::TlsClientAuth).build()?;
//! let source = TokenSource::new(transport, config);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! An error of kind [`ClientCertificate`](TransportErrorKind::ClientCertificate) names the file, or the demand of the
//! server. `send` and `call` present the same certificate to an API, since a token may be bound to it.
//!
//! # Names and kept connections
//!
//! ureq resolves the name of a request before it looks for a kept connection. If the request has a timeout, the lookup
//! has a thread of its own, since the system's lookup cannot be stopped. A request on a kept connection then starts a
//! thread for addresses that it does not use, and takes two to seven times as long. An agent of [`build_agent`] resolves
//! a name in its connector, which ureq asks only if there is no kept connection.
//!
//! ureq could do so for all its users: look into its pool first, and resolve the name if the pool has no connection. The
//! pool finds a connection by scheme, authority and proxy, so it needs no address. A connector would then get addresses
//! only when it has to connect. We offer that change to ureq.
//!
//! # Logs
//!
//! At trace level ureq logs every byte on the wire, secrets and tokens included. So this crate lowers the log level
//! of the whole process to `debug` during a request of [`TokenSource`], [`AuthorizedAgent`], [`BearerMiddleware`] or
//! [`UreqTransport`], and restores it afterwards.
//!
//! This does not protect a request during which the program raises the level, a body that you read later, or a
//! request that you send yourself. To be safe, keep the target `ureq_proto` below trace.

mod agent;
mod connector;
mod log_guard;
mod lookup;
mod middleware;
mod proxy;
mod source;
mod tls;
mod transport;
mod transport_error;

pub use agent::AuthorizedAgent;
pub use connector::build_agent;
pub use middleware::BearerMiddleware;
pub use source::TokenSource;
pub use tls::client_certificate;
pub use transport::UreqTransport;

pub use edge_oauth_driver::blocking::oauth2_client;
pub use edge_oauth_driver::exports::*;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
