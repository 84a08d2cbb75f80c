//! The token endpoint, its metadata and its access tokens.

pub(crate) mod assertion;
pub(crate) mod basic;
pub(crate) mod draft;
pub(crate) mod error_response;
pub(crate) mod issuer;
pub(crate) mod jwt;
pub(crate) mod metadata;
pub(crate) mod quota_usage;
pub(crate) mod rate_window;
pub(crate) mod token_endpoint;
pub(crate) mod token_request;
