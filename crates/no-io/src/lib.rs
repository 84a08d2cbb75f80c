//! OAuth 2.0 client credentials (RFC 6749 §4.4) without IO: no socket, no clock, no thread.
//!
//! ```text
//! Config ──token_request──▶ http::Request ──▶ your HTTP library
//!                                                    │
//! AccessToken ◀──token_response── http::Response ◀───┘
//! or TokenError
//! ```
//!
//! [`token_request`] makes the request, you send it however you like, and [`token_response`] reads
//! what comes back. Everything that such a request can be is a value of [`Config`]; everything that
//! can be wrong with the answer is a value of [`TokenError`].
//!
//! ```
//! use edge_oauth_no_io::{Config, Secret, Tenant, token_request, token_response};
//!
//! let config = Config::experience_edge(Tenant::New, "my-client", Secret::new("s3cret"))?;
//!
//! // Send this with any HTTP library …
//! let request = token_request(&config);
//! assert_eq!(request.uri(), "https://auth.sitecorecloud.io/oauth/token");
//!
//! // … and hand over what it got.
//! let response = http::Response::new(br#"{"access_token":"abc","token_type":"Bearer","expires_in":86400}"#);
//! let token = token_response(&config, &response)?;
//!
//! let mut call = http::Request::get("https://edge.sitecorecloud.io/api/admin/v1/settings").body(())?;
//! token.authorize(&mut call);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! A call of the API that the token is for is a value as well: an [`Operation`] has its request and
//! reads its answer into a result or an [`ApiError`].
//!
//! What a transport has to see to, since the core cannot: send the request once and to its URL only,
//! follow no redirect, and keep to its [`Bounds`] in time and size ([`BodyBuffer`] counts the size).
//!
//! # Left out, and why
//!
//! - Other grants: this is for machines that ask in their own name.
//! - Refresh tokens: RFC 6749 §4.4.3 says that this grant has none; one that is sent is ignored.
//! - Verifying a JWT: that is the resource server's part. [`Claims`] shows what a token says, unverified.

mod answer;
mod api_message;
mod api_response;
mod body;
mod cache_key;
mod claims;
mod config;
mod credentials;
mod echo;
mod endpoint;
mod error;
mod event;
pub mod experience_edge;
mod held;
mod keeper;
mod limits;
mod moment;
mod noise;
mod operation;
mod origin;
mod page;
mod policy;
mod request;
mod response;
mod schedule;
mod secret;
mod step;
mod stored;
mod syntax;
mod text;
mod token;
mod verdict;

pub use api_response::{may_carry_token, token_refused};
pub use body::{BODY_LIMIT, BodyBuffer, Bounds};
pub use cache_key::CacheKey;
pub use claims::Claims;
pub use config::{BodyFormat, ClientAuth, Config};
pub use error::api::ApiError;
pub use error::config::ConfigError;
pub use error::culprit::Culprit;
pub use error::token::{Malformed, Problem, Redirect, Refusal, TokenError};
pub use error::transport::{TransportError, TransportErrorKind};
pub use event::Event;
pub use experience_edge::Tenant;
pub use keeper::Keeper;
pub use limits::{LONGEST_WAIT, Limits, Quota, RateLimit, RetryAfter};
pub use moment::Moment;
pub use operation::Operation;
pub use origin::Origin;
pub use policy::Policy;
pub use request::token_request;
pub use response::token_response;
pub use secret::{Secret, SecretBytes};
pub use step::{Exchange, Lease, Step, Ticket};
pub use stored::StoredToken;
pub use text::printable;
pub use token::AccessToken;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
