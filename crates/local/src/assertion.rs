//! Client authentication by a signed JWT (RFC 7523 §2.2): reading, verifying, and remembering what was used.

pub(crate) mod algorithm;
pub(crate) mod checks;
pub(crate) mod compact;
pub(crate) mod public_key;
pub(crate) mod registered;
pub(crate) mod rejection;
pub(crate) mod replays;
