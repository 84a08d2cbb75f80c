//! Decides when a token is requested, and keeps one valid.

pub(crate) mod backoff;
pub(crate) mod cached_token;
pub(crate) mod caller;
mod endpoint;
pub(crate) mod endpoints;
pub(crate) mod event;
mod failures;
mod flights;
pub(crate) mod jitter;
#[expect(
    clippy::module_inception,
    reason = "the folder is named after its one public noun"
)]
pub(crate) mod keeper;
pub(crate) mod outage;
mod outcome;
mod place;
pub(crate) mod policy;
mod poll;
mod replace;
pub(crate) mod schedule;
mod share;
pub(crate) mod snapshot;
pub(crate) mod step;
pub(crate) mod stored_token;
mod view;
