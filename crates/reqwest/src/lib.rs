//! OAuth 2.0 client credentials for reqwest 0.13: keeps a token valid for tasks on tokio.
//!
//! ```
//! use edge_oauth_reqwest::{Config, ReqwestTransport, Secret, Tenant, TokenSource, http};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! # let edge = edge_oauth_local::LocalEdge::start()?;
//! # let (id, secret, api) = (edge.client_id(), edge.client_secret(), edge.base_url());
//! let config = Config::experience_edge(Tenant::Current, id, Secret::new(secret))?;
//! # let config = config.to_builder().endpoint(edge.token_url()).build()?;
//! let source = TokenSource::new(ReqwestTransport::new()?, config); // clones share one token
//!
//! let request = http::Request::get(format!("{api}/api/admin/v1/settings")).body(())?;
//! let response = source.send(&request).await?; // sent once more with a new token if the API rejects this one
//! assert_eq!(response.status(), 200);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`TokenSource::token`] and [`TokenSource::authorize`]: for requests that you send yourself.
//! - [`TokenSource::send`]: sends a request, once more if the API rejects the token.
//! - [`TokenSource::call`]: runs an operation, such as those of `experience-edge-api`, and reads its response.
//! - `BearerMiddleware`, with the feature `middleware`: adds a token to the requests of a client of reqwest-middleware.
//! - [`ReqwestTransport::fetch`]: requests one token, without a lifecycle.
//!
//! # The runtime
//!
//! Calls run inside a tokio runtime that has IO and time enabled. Outside of a runtime nothing panics:
//! [`send`](edge_oauth_driver::nonblocking::Transport::send) returns an error, a background task is dropped, and a
//! wait blocks its thread. In a runtime without IO or time, tokio panics and names the missing part.
//!
//! A connection lives on the runtime that opened it. So use your own client, if it keeps connections, on one runtime
//! only. [`ReqwestTransport::new`] keeps no connections for token requests.
//!
//! # Mutual TLS
//!
//! With `ClientAuth::TlsClientAuth` the client certificate of the connection proves the client's identity (RFC 8705).
//! `edge-oauth-keys` reads the certificate from PEM files at each token request, so a rotated certificate is used
//! immediately:
//!
//! ```
//! use std::sync::Arc;
//!
//! use edge_oauth_keys::{CertificateFiles, MutualTls};
//! use edge_oauth_reqwest::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
//! use edge_oauth_reqwest::rustls::{ClientConfig, RootCertStore, crypto::ring};
//! use edge_oauth_reqwest::{ClientAuth, Config, ReqwestTransport, TokenSource};
//!
//! # let folder = std::env::temp_dir().join(format!("edge-oauth-reqwest-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let key = rcgen::KeyPair::generate()?;
//! # let own = rcgen::CertificateParams::new(["client.example".to_owned()])?.self_signed(&key)?;
//! # let [chain_path, key_path, ca_path] = ["tls.crt", "tls.key", "ca.crt"].map(|name| folder.join(name));
//! # std::fs::write(&chain_path, own.pem())?;
//! # std::fs::write(&key_path, key.serialize_pem())?;
//! # std::fs::write(&ca_path, own.pem())?;
//! let mut roots = RootCertStore::empty(); // or those of webpki-roots
//! roots.add(CertificateDer::from_pem_file(ca_path)?)?;
//!
//! let files = CertificateFiles::new(chain_path, key_path);
//! let transport = MutualTls::new(files, move |certificate| {
//!     let chain = certificate.chain().map(|der| CertificateDer::from(der.to_vec())).collect();
//!     let key = PrivateKeyDer::from_pem_slice(certificate.key_pem())?;
//!     let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
//!         .with_safe_default_protocol_versions()?
//!         .with_root_certificates(roots.clone())
//!         .with_client_auth_cert(chain, key)?;
//!     Ok(ReqwestTransport::with_tls(tls))
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
//! # Left out, and why
//!
//! - HTTP/2: it brings eight more crates, for a rare request. Your own client may use it.
//! - Decompression: a token response is small, and a compressed one could be a decompression bomb.
//! - The platform's certificate store: the roots of webpki-roots are the same on every machine. Your own client may
//!   have others.

mod client;
mod clients;
#[cfg(feature = "middleware")]
mod kept_request;
#[cfg(feature = "middleware")]
mod middleware;
mod runtime;
mod source;
mod transport;
mod transport_error;

pub use client::hardened_client_builder;
#[cfg(feature = "middleware")]
pub use middleware::BearerMiddleware;
pub use runtime::Tokio;
pub use rustls;
pub use source::TokenSource;
pub use transport::ReqwestTransport;

pub use edge_oauth_driver::exports::*;
pub use edge_oauth_driver::nonblocking::oauth2_client;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
