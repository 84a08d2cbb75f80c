//! Decides how one token is obtained.

#[expect(
    clippy::module_inception,
    reason = "the folder is named after its one public noun"
)]
pub(crate) mod acquisition;
pub(crate) mod action;
pub(crate) mod assertion;
mod by_keeper;
pub(crate) mod place;
pub(crate) mod shared;
mod supplied;
