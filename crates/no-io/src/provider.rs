//! Knowledge about providers that the standards leave open.

pub mod experience_edge;
pub(crate) mod kind;
#[expect(
    clippy::module_inception,
    reason = "the folder is named after its one public noun"
)]
pub(crate) mod provider;
