//! URLs that a secret or a token may go to.

pub(crate) mod endpoint;
#[expect(
    clippy::module_inception,
    reason = "the folder is named after its one public noun"
)]
pub(crate) mod origin;
