//! The options of the local server, with its clients and keys.

pub(crate) mod algorithm;
pub(crate) mod client;
#[expect(
    clippy::module_inception,
    reason = "the folder is named after its one public noun"
)]
pub(crate) mod options;
pub(crate) mod public_key;
pub(crate) mod quota;
pub(crate) mod registered_keys;
pub(crate) mod signing_key;
