//! The two sides of client authentication: a token endpoint, and the credentials of its clients.

pub(crate) mod credentials;
pub(crate) mod jwt;
pub(crate) mod token_endpoint;
