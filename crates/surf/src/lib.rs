//! OAuth 2.0 client credentials for [surf](https://docs.rs/surf) 2 and async-std.
//!
//! ```text
//! http::Request ─▶ SurfTransport ─▶ Hyper1Client ─▶ wire
//!                        └─▶ surf::Client ─▶ its middleware ─▶ seal ─▶ back end ─▶ wire
//! ```
//!
//! This crate is for programs that use surf already, and it is frozen: it gets corrections and no new
//! features.
//!
//! ```
//! use std::time::Duration;
//! use edge_oauth_local::LocalEdge;
//! use edge_oauth_no_io::{Config, Secret, Tenant};
//! use edge_oauth_surf::SurfTransport;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let edge = LocalEdge::start()?;
//! let secret = Secret::new(edge.client_secret());
//! let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)?
//!     .to_builder().endpoint(edge.token_url()).build()?; // without this line it asks the real one
//!
//! let transport = SurfTransport::new();
//! let token = async_std::task::block_on(transport.fetch(&config, Duration::from_secs(10)))?;
//! assert_eq!(token.authorization(), format!("Bearer {}", token.expose()));
//! # Ok(())
//! # }
//! ```
//!
//! surf and async-std are no longer maintained. This crate is for programs that have them already; a
//! new program is better served by another transport of edge-oauth.
//!
//! # The back end
//!
//! surf leaves HTTP to a back end. [`Hyper1Client`] is one over hyper 1 and rustls, and what
//! [`SurfTransport::new`] uses. It serves a `surf::Client` of your own as well, and it is the only one
//! for which all that this crate promises holds. Of those that surf brings, `h1-client-rustls` is over
//! rustls 0.18 and `hyper-client` over hyper 0.13, both with known vulnerabilities, and `hyper-client`,
//! `h1-client` and `curl-client` want the headers of OpenSSL or curl.
//!
//! # A client of the caller's
//!
//! [`SurfTransport::with_client`] takes any `surf::Client`. Whatever it is made of:
//!
//! - Its middleware see the method, the URL and the status of a token request, and nothing else.
//!   Headers, body and response pass behind their backs, so that no logger prints them and a `Redirect`
//!   has nothing to resend. Headers that they add are sent. A middleware that changes the URL, sends
//!   the request twice or responds in the server's place makes the request fail.
//! - The timeout covers the request and its response, which is read within its bounds.
//! - A body that is shorter than its `Content-Length` is an error.
//! - The status in a `surf::Error` is made up by surf, and never taken for a response.
//!
//! - A back end that panics, as surf's do at a header that is not ASCII, gives an error. That does not
//!   help where panics abort.
//!
//! The back end is out of reach, and these are the things to know about surf's own:
//!
//! - A status that http-types does not list, such as 520, becomes an error of kind `Other`: it panics
//!   in `curl-client` and `hyper-client`, and is refused by the h1 back ends.
//! - The h1 back ends give an empty body where the response ends with the connection, and take 100 and
//!   103 for the response. After a timeout their pool gives the connection, in whatever state, to the
//!   next request, which may then fail. They lose some 40 ms on each request over a kept connection
//!   unless `surf::Config::set_tcp_no_delay` is on.
//! - `curl-client` asks for compression, and decompresses.
//! - The h1 back ends write each request with its headers, and so the Basic credentials or the token,
//!   into the log at trace level: keep the target `async_h1` below it.
//! - Many of their errors are plain text by the time they arrive: the kind is then `Other`, since the
//!   text may hold a URL and is not shown. A certificate error may be one of them.
//! - `surf::Url` normalises: dot segments in the path are resolved, and characters such as `"`, `<`,
//!   `>` and, in the query, `'` are percent-encoded. `%7e`, `+` and `%2F` stay as they are.
//!   [`Hyper1Client`] sends the endpoint's own spelling.
//!
//! # Mutual TLS
//!
//! With `ClientAuth::TlsClientAuth` the client certificate of the connection proves the client's identity (RFC 8705).
//! `edge-oauth-keys` reads it from PEM files, for each token request, so that a certificate that a platform rotates is
//! used at once:
//!
//! ```
//! use std::sync::Arc;
//!
//! use edge_oauth_keys::{CertificateFiles, MutualTls};
//! use edge_oauth_no_io::{ClientAuth, Config};
//! use edge_oauth_surf::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
//! use edge_oauth_surf::rustls::{ClientConfig, RootCertStore, crypto::ring};
//! use edge_oauth_surf::{Hyper1Client, SurfTransport, TokenSource};
//!
//! # let folder = std::env::temp_dir().join(format!("edge-oauth-surf-{}", std::process::id()));
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
//!     Ok(SurfTransport::with_back_end(Hyper1Client::with_tls(tls)))
//! })?;
//!
//! let config = Config::builder("https://login.example/token", "my-client").client_auth(ClientAuth::TlsClientAuth).build()?;
//! let source = TokenSource::new(transport, config);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! An error of kind [`ClientCertificate`](TransportErrorKind::ClientCertificate) names the file, or says what the server
//! demands. `send` and `call` present the same certificate to an API, to which a token may be bound.
//!
//! # Secrets in memory
//!
//! This crate wipes each body that it holds, the request's and the response's. Not wiped are the
//! `Authorization` header, which surf keeps as a `String`, and the buffers of the back end: with
//! [`Hyper1Client`] those of hyper and rustls.
//!
//! # Left out, and why
//!
//! - Proxies that are reached over TLS: an error names the variable. surf's own back ends leave proxies
//!   to curl.
//! - A connection pool: see [`Hyper1Client`].
//! - WebAssembly: the browser follows redirects by itself.

mod back_end;
mod message;
mod middleware;
mod middleware_bypass;
mod runtime;
mod source;
mod transport;
mod transport_error;

pub use back_end::client::Hyper1Client;
pub use futures_rustls::rustls;
pub use middleware::BearerMiddleware;
pub use runtime::AsyncStd;
pub use source::TokenSource;
pub use transport::SurfTransport;

pub use edge_oauth_driver::exports::*;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
