//! Client authentication: what each method adds to a token request.

pub(crate) mod basic;
pub(crate) mod credential;
pub(crate) mod jwt;
pub(crate) mod method;
