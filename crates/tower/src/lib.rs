//! OAuth 2.0 client credentials as a tower layer: for the clients of hyper, axum and tonic, over the core of edge-oauth.
//!
//! ```text
//!   Request<B> ──▶ BearerService ──▶ Request<PeekedBody<B>>, with a token ──▶ any Service: hyper, tonic, reqwest
//!                       │  ▲                                                        │
//!          TokenSource ─┘  └── once more with another token ◀── rejected? ◀─────────┘
//! ```
//!
//! [`BearerLayer`] makes a [`BearerService`] out of any `Service<http::Request<_>>`, and takes a `TokenSource` over any
//! transport. [`PeekedBody`] is the body of what passes: the service may have read its beginning, and puts it back.
//!
//! With the feature `hyper` there is a transport too, so that a program with hyper or tonic needs no second HTTP client:
//! `HyperTransport` sends the token requests, and `hardened_client` is a client for APIs.
//!
//! # Requests and bodies
//!
//! | request | token | after a response that rejects the token |
//! |---|---|---|
//! | to the API's origin, or to a URL without an origin; its body is ready and small | yes | sent once more |
//! | the same with a larger body, or with a stream that waits for data | yes | the response goes to the caller |
//! | to any other origin, or in the clear | no; the caller's own headers stay | the response goes to the caller |
//!
//! [`keep_bodies`](BearerLayer::keep_bodies) decides which bodies are small. The next request gets another token in any
//! case. The rule for a rejected token is that of `TokenSource::send`: one more attempt, with another token, and an API's
//! response is never lost.
//!
//! # Other layers
//!
//! - **Timeouts** go around this layer: the wait for a token is part of the call, for at most the `max_wait` of the source.
//! - **Redirects** go around it too. So this layer sees each hop, and authorizes those to the API alone.
//! - **Retries** go around it, since a second attempt for a rejected token is not a retry of the API.
//! - **Concurrency and rate limits** work on either side. Inside of the layer, a call that waits for a token has its place
//!   already, and a second attempt takes a place of its own.
//!
//! # tonic
//!
//! tonic's channel takes bodies of one type, into which [`PeekedBody`] is wrapped:
//!
//! ```text
//! let channel = ServiceBuilder::new()
//!     .layer(BearerLayer::new(source, Origin::from_url("https://api.example")?))
//!     .map_request(|request: http::Request<PeekedBody<tonic::body::Body>>| request.map(tonic::body::Body::new))
//!     .service(Endpoint::from_static("https://api.example").connect_lazy());
//! let client = HealthClient::new(channel);
//! ```
//!
//! The example `tonic` has this and an interceptor, which reads `TokenSource::try_token` and never waits.
//!
//! # Left out, and why
//!
//! - A layer for servers: it checks tokens, and this library gets them.
//! - HTTP/2 in `HyperTransport`: a token request is rare. Your own client of an API may use it.
//! - A `Status` of tonic as the error: the layer has no dependency on tonic. The error inside is a [`CallError`].

mod body;
mod exchange;
#[cfg(feature = "hyper")]
mod hyper;
mod layer;
mod service;

pub use body::PeekedBody;
pub use exchange::BoxError;
#[cfg(feature = "hyper")]
pub use hyper::client::{Connector, hardened_client};
#[cfg(feature = "hyper")]
pub use hyper::runtime::Tokio;
#[cfg(feature = "hyper")]
pub use hyper::source::TokenSource;
#[cfg(feature = "hyper")]
pub use hyper::transport::HyperTransport;
pub use layer::BearerLayer;
#[cfg(feature = "hyper")]
pub use rustls;
pub use service::BearerService;

pub use edge_oauth_driver::exports::*;
pub use edge_oauth_driver::nonblocking::oauth2_client;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
