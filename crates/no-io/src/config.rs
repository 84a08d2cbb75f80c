//! A client, its token endpoint and its request.

mod auth_choice;
mod body;
pub(crate) mod builder;
pub(crate) mod cache_key;
mod checks;
#[expect(
    clippy::module_inception,
    reason = "the folder is named after its one public noun"
)]
pub(crate) mod config;
pub(crate) mod parameters;
pub(crate) mod redaction;
pub(crate) mod template;
