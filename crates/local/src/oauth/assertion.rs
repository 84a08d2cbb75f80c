//! Client authentication by a signed JWT (RFC 7523 §2.2).

pub(crate) mod claims;
pub(crate) mod compact_jws;
pub(crate) mod error;
pub(crate) mod used_assertions;
pub(crate) mod verify;
