//! Signers and assertion sources for OAuth 2.0 clients without a client secret.
//!
//! ```text
//! PEM, DER, JWK ──▶ PrivateKey ┐
//! client secret ──▶ HmacKey    ├─ Signer ───────────▶ signature of the JWT that the core builds
//! key service ────▶ yours      ┘  (or AsyncSigner)
//!
//! file, variable, command, closure, CI job ─ AssertionSource ─▶ JWT that something else made
//!
//! certificate and key in files ─ MutualTls ─ Transport ─▶ connection that presents the certificate
//! ```
//!
//! [`PrivateKey`] signs for `private_key_jwt` and [`HmacKey`] for `client_secret_jwt` (RFC 7523 §2.2).
//! [`AssertionFile`], [`AssertionVariable`], [`AssertionCommand`], [`AssertionCallback`] and [`GitHubActions`] return
//! the JWT of a platform. [`MutualTls`] presents a client certificate (RFC 8705 §2) over the transport of an adapter, whose
//! documentation has an example.
//!
//! ```
//! use edge_oauth_keys::PrivateKey;
//!
//! # let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
//! #     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
//! let key = PrivateKey::from_jwk(jwk)?; // or from_pem, from_der
//! println!("register this key: {}", key.public_jwk());
//! let form = key.assertion().audience("https://login.example");
//! # Ok::<_, edge_oauth_keys::KeyError>(())
//! ```
//!
//! # A key that never leaves a key service
//!
//! Implement [`AsyncSigner`](edge_oauth_driver::AsyncSigner). Here a channel and a thread play the service:
//!
//! ```
//! use std::sync::{Arc, mpsc};
//! use std::{thread, future::poll_fn, task::Poll};
//!
//! use edge_oauth_driver::testing::block_on;
//! use edge_oauth_driver::{AsyncSigner, BoxFuture, Signer};
//! use edge_oauth_keys::PrivateKey;
//! use edge_oauth_no_io::{Algorithm, CredentialError, Purpose, SecretBytes, ToSign};
//!
//! struct KeyService {
//!     key: Arc<PrivateKey>, // a real one has a client and the key's name
//! }
//!
//! impl AsyncSigner for KeyService {
//!     fn sign<'a>(&'a self, to_sign: &'a ToSign) -> BoxFuture<'a, Result<Vec<u8>, CredentialError>> {
//!         let input = SecretBytes::new(to_sign.input.as_ref().to_vec());
//!         let copy = ToSign::new(to_sign.purpose, to_sign.algorithm, to_sign.key_id.clone(), input);
//!         let (key, (sender, receiver)) = (Arc::clone(&self.key), mpsc::channel());
//!         let mut work = Some((key, copy, sender));
//!         Box::pin(poll_fn(move |context| {
//!             if let Some((key, copy, sender)) = work.take() {
//!                 let waker = context.waker().clone();
//!                 thread::spawn(move || {
//!                     let _gone = sender.send(Signer::sign(&*key, &copy));
//!                     waker.wake();
//!                 });
//!             }
//!             match receiver.try_recv() {
//!                 Ok(signature) => Poll::Ready(signature),
//!                 Err(mpsc::TryRecvError::Empty) => Poll::Pending,
//!                 Err(_) => Poll::Ready(Err(CredentialError::transient("the key service is gone"))),
//!             }
//!         }))
//!     }
//! }
//!
//! # let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
//! #     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
//! let service = KeyService { key: Arc::new(PrivateKey::from_jwk(jwk)?) };
//! let input = SecretBytes::new(b"header.claims".to_vec());
//! let to_sign = ToSign::new(Purpose::ClientAuth, Algorithm::EdDsa, None, input);
//! assert_eq!(block_on(service.sign(&to_sign))?.len(), 64);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Left out, and why
//!
//! - Encrypted keys: the passphrase would be a second secret to keep.
//! - P-521, Ed448 and RSA above 4096 bits: ring does not sign with them.
//! - Verification of an assertion: the authorization server verifies. Only its expiry is read, for a clear error.

mod assertion;
mod client_certificate;
mod clock;
mod der;
mod error;
pub mod github_actions;
mod github_job;
mod hmac_key;
mod json;
mod jwk;
mod key_pair;
mod own;
mod pem;
mod private_key;
mod read;

pub use assertion::callback::AssertionCallback;
pub use assertion::command::AssertionCommand;
pub use assertion::file::AssertionFile;
pub use assertion::variable::AssertionVariable;
pub use client_certificate::certificate::ClientCertificate;
pub use client_certificate::files::CertificateFiles;
pub use client_certificate::transport::MutualTls;
pub use error::KeyError;
pub use github_job::{AsyncGitHubActions, GitHubActions};
pub use hmac_key::HmacKey;
pub use private_key::PrivateKey;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
