//! OAuth 2.0 token requests for machines (RFC 6749 §4.4, RFC 7523, RFC 8693) without IO: no socket, no clock, no thread.
//!
//! ```text
//! Config ──token_request──▶ http::Request ──▶ your HTTP library
//!                                                    │
//! AccessToken ◀──token_response── http::Response ◀───┘
//! or TokenError
//! ```
//!
//! [`token_request`] makes the request of a [`Config`], you send it, and [`token_response`] reads the response.
//!
//! ```
//! use edge_oauth_no_io::{Config, Secret, Tenant, token_request, token_response};
//!
//! let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new("s3cret"))?;
//!
//! // Send this with any HTTP library.
//! let request = token_request(&config).expect("a secret needs no assertion");
//! assert_eq!(request.uri(), "https://auth.sitecorecloud.io/oauth/token");
//!
//! // Hand over its response.
//! let response = http::Response::new(br#"{"access_token":"abc","token_type":"Bearer","expires_in":86400}"#);
//! let token = token_response(&config, &response)?;
//!
//! let mut call = http::Request::get("https://edge.sitecorecloud.io/api/admin/v1/settings").body(())?;
//! token.authorize(&mut call);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! | to | take |
//! |---|---|
//! | request a token with a signature, an assertion or a shared store | an [`Acquisition`]: actions for you to run, one at a time |
//! | keep a token valid for many callers | a [`Keeper`]: decides when to request, refresh, wait or give up |
//! | call an API with the token | an [`Operation`]: its request, and its response as a result or an [`ApiError`] |
//!
//! `edge-oauth-driver` runs these over any HTTP library. Time is an argument: a [`Moment`] has the readings of two clocks.
//!
//! A transport has to send the request once and to its URL only, follow no redirect, and keep to its [`RequestLimits`] in
//! time and size ([`LimitedBody`] counts the size). The core cannot see to that.
//!
//! # Left out, and why
//!
//! - Grants for people, such as authorization codes: a machine requests tokens in its own name.
//! - Refresh tokens: RFC 6749 §4.4.3 says that this grant has none; one that is sent is ignored.
//! - Verification of a JWT: the resource server verifies. [`Claims`] shows what a token says, unverified.

mod acquisition;
mod api;
mod claims;
mod client_auth;
mod clock;
mod config;
mod config_error;
mod culprit;
mod grammar;
mod grant;
mod html;
mod keeper;
mod origin;
mod printable;
mod provider;
mod rate_limits;
mod redact;
mod secret;
mod status;
mod store;
mod timeline;
mod token;
mod token_request;
mod token_response;
mod transport;

pub use acquisition::acquisition::Acquisition;
pub use acquisition::action::{Action, Completion};
pub use acquisition::place::Place;
pub use api::challenge::{
    CHALLENGE_BODY_LIMIT, CHALLENGE_BODY_TIMEOUT, Challenge, challenge, challenge_by_head,
    challenge_needs_body,
};
pub use api::error::ApiError;
pub use api::operation::Operation;
pub use api::replay::Replay;
pub use api::request_body::RequestBody;
pub use claims::Claims;
pub use client_auth::credential::{AssertionRequest, CredentialError, Purpose, ToSign};
pub use client_auth::jwt::{Algorithm, JwtAssertion};
pub use client_auth::method::{BasicEncoding, ClientAuth};
pub use clock::Moment;
pub use config::builder::ConfigBuilder;
pub use config::cache_key::CacheKey;
pub use config::config::Config;
pub use config::parameters::BodyFormat;
pub use config_error::ConfigError;
pub use culprit::Culprit;
pub use grant::{Grant, GrantAssertion};
pub use html::is_web_page;
pub use keeper::caller::Caller;
pub use keeper::endpoints::EndpointHealth;
pub use keeper::event::Event;
pub use keeper::keeper::Keeper;
pub use keeper::outage::{Candidate, Held};
pub use keeper::policy::Policy;
pub use keeper::snapshot::Snapshot;
pub use keeper::step::Step;
pub use keeper::stored_token::StoredToken;
pub use origin::origin::Origin;
pub use printable::printable;
pub use provider::experience_edge;
pub use provider::experience_edge::Tenant;
pub use provider::provider::Provider;
pub use rate_limits::retry_after::{MAX_WAIT, RetryAfter};
pub use rate_limits::{Quota, RateLimit, RateLimits};
pub use secret::{Secret, SecretBytes};
pub use store::claim::{Claim, Claimed, Found};
pub use store::error::StoreError;
pub use store::finish::{Finish, Share};
pub use store::reference_store::{ReferenceStore, StoreEntry, StoreLease};
pub use store::shared_response::SharedResponse;
pub use token::AccessToken;
pub use token_request::token_request;
pub use token_response::error::{ErrorResponse, Redirect, TokenError};
pub use token_response::malformed::{Malformed, MalformedReason};
pub use token_response::response::token_response;
pub use transport::error::TransportError;
pub use transport::error_kind::TransportErrorKind;
pub use transport::limited_body::LimitedBody;
pub use transport::proxy::{Proxy, ProxyScheme};
pub use transport::proxy_environment::ProxyEnvironment;
pub use transport::request_limits::{BODY_LIMIT, RequestLimits};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
