//! The names that each adapter re-exports, so that a user needs one dependency.

pub use edge_oauth_no_io::{
    AccessToken, Algorithm, ApiError, BasicEncoding, BodyFormat, CacheKey, Challenge, Claims,
    ClientAuth, Config, ConfigError, CredentialError, Culprit, ErrorResponse, Event, Grant,
    GrantAssertion, JwtAssertion, Operation, Origin, Policy, Provider, Replay, Secret, SecretBytes,
    StoreError, StoredToken, Tenant, TokenError, TransportError, TransportErrorKind,
    experience_edge,
};
pub use http;

pub use crate::credentials::{AssertionSource, AsyncAssertionSource, AsyncSigner, Signer};
pub use crate::error::CallError;
pub use crate::options::Options;
pub use crate::pool::{PooledSource, TokenSourcePool};
pub use crate::store::{AsyncStore, Store, StoreKey};
