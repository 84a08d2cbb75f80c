//! Decides how one token is obtained.

#[expect(
    clippy::module_inception,
    reason = "the folder is named after its one public noun"
)]
pub(crate) mod acquisition;
pub(crate) mod action;
pub(crate) mod assertion;
mod by_keeper;
mod found;
mod holders;
pub(crate) mod known;
pub(crate) mod need;
mod pauses;
pub(crate) mod place;
pub(crate) mod rejected;
pub(crate) mod shared;
pub(crate) mod shared_error;
mod supplied;
