//! OAuth 2.0 client credentials for [surf](https://docs.rs/surf) 2: keeps a token valid for tasks on async-std.
//!
//! surf and async-std are no longer maintained. This crate is for programs that use them already, and gets corrections and
//! no new features. A new program should use another transport of edge-oauth.
//!
//! ```
//! use edge_oauth_surf::{Config, Secret, SurfTransport, Tenant, TokenSource, http};
//!
//! # async_std::task::block_on(async {
//! # let edge = edge_oauth_local::LocalEdge::start()?;
//! # let (id, secret, api) = (edge.client_id(), edge.client_secret(), edge.base_url());
//! let config = Config::experience_edge(Tenant::Current, id, Secret::new(secret))?;
//! # let config = config.to_builder().endpoint(edge.token_url()).build()?;
//! let source = TokenSource::new(SurfTransport::new(), config); // clones share one token
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
//! - [`BearerMiddleware`]: adds a token to the requests of a `surf::Client` to one API.
//! - [`SurfTransport::fetch`]: requests one token, without a lifecycle.
//!
//! # The back end
//!
//! surf leaves HTTP to a back end. [`SurfTransport::new`] uses [`Hyper1Client`], a back end over hyper 1 and rustls,
//! which a `surf::Client` of your own can use as well. It is the only back end with which all promises of this crate
//! hold. Of surf's own back ends, `h1-client-rustls` uses rustls 0.18 and `hyper-client` uses hyper 0.13, both with
//! known vulnerabilities. `hyper-client`, `h1-client` and `curl-client` need the headers of OpenSSL or curl.
//!
//! # A client of the caller's
//!
//! [`SurfTransport::with_client`] takes any `surf::Client`. With every back end:
//!
//! - The client's middleware see only the method, the URL and the status of a token request. Headers, body and
//!   response bypass them, so no logger can print them and a `Redirect` has nothing to resend. Headers that a
//!   middleware adds are sent. If a middleware changes the URL, sends the request twice or responds itself, the
//!   request fails.
//! - The timeout covers the request and its response, and the body is read within its limit.
//! - A body that is shorter than its `Content-Length` is an error.
//! - The status in a `surf::Error` is made up by surf, and is never used as a response.
//! - If a back end panics, as surf's own do at a header that is not ASCII, the transport returns an error. This does
//!   not work if panics abort the process.
//!
//! The transport cannot change these properties of surf's own back ends:
//!
//! - A status that http-types does not list, such as 520, becomes an error of kind `Other`: `curl-client` and
//!   `hyper-client` panic, and the h1 back ends reject it.
//! - The h1 back ends return an empty body if the response ends with the connection, and return 100 and 103 as the
//!   response. After a timeout their pool reuses the connection for the next request, which may then fail. They lose
//!   about 40 ms on each request over a kept connection unless `surf::Config::set_tcp_no_delay` is on.
//! - `curl-client` requests compression, and decompresses.
//! - At trace level the h1 back ends log the headers of each request, Basic credentials and tokens included: keep the
//!   target `async_h1` below trace.
//! - Many of their errors are plain text. Their kind is `Other`, since the text may contain a URL and is not shown. A
//!   certificate error may be among them.
//! - `surf::Url` normalises: it resolves dot segments in the path and percent-encodes characters such as `"`, `<`,
//!   `>` and, in the query, `'`. It keeps `%7e`, `+` and `%2F`. [`Hyper1Client`] sends the endpoint as the
//!   configuration spells it.
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
//! use edge_oauth_surf::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
//! use edge_oauth_surf::rustls::{ClientConfig, RootCertStore, crypto::ring};
//! use edge_oauth_surf::{ClientAuth, Config, Hyper1Client, SurfTransport, TokenSource};
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
//! An error of kind [`ClientCertificate`](TransportErrorKind::ClientCertificate) names the file, or the demand of the
//! server. `send` and `call` present the same certificate to an API, since a token may be bound to it.
//!
//! # Secrets in memory
//!
//! This crate wipes the body of each request and response that it owns. It does not wipe the `Authorization` header,
//! which surf keeps as a `String`, or the buffers of the back end: with [`Hyper1Client`] those of hyper and rustls.
//!
//! # Left out, and why
//!
//! - Proxies over TLS: an error names the variable. surf's own back ends support no proxies, except for curl.
//! - A connection pool: see [`Hyper1Client`].
//! - WebAssembly: a browser follows redirects by itself.

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
pub use edge_oauth_driver::nonblocking::oauth2_client;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
