//! The names that each adapter re-exports, so that a user needs one dependency: whatever a user meets there has a name
//! there too.

pub use edge_oauth_no_io::{
    AccessToken, Algorithm, ApiError, AssertionRequest, BasicEncoding, BodyFormat, CacheKey,
    Challenge, Claim, Claimed, Claims, ClientAuth, Config, ConfigBuilder, ConfigError,
    CredentialError, Culprit, ErrorResponse, Event, Finish, Found, Grant, GrantAssertion,
    JwtAssertion, Malformed, MalformedReason, Operation, Origin, Policy, Provider, Proxy,
    ProxyEnvironment, ProxyScheme, Purpose, Quota, RateLimit, RateLimits, Redirect, Replay,
    RequestBody, RequestLimits, RetryAfter, Secret, SecretBytes, Share, SharedResponse, StoreError,
    StoredToken, Tenant, ToSign, TokenError, TransportError, TransportErrorKind, challenge,
    experience_edge,
};
pub use http;

pub use crate::credentials::{AssertionSource, AsyncAssertionSource, AsyncSigner, Signer};
pub use crate::endpoints::Endpoints;
pub use crate::error::CallError;
pub use crate::maybe_send::BoxFuture;
pub use crate::options::Options;
pub use crate::pool::{PooledSource, TokenSourcePool};
pub use crate::store::{AsyncStore, Store};
pub use crate::store_key::{Seal, StoreKey};
