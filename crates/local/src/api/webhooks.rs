//! Webhooks, and the requests that run them.

pub(crate) mod delivery;
pub(crate) mod webhook;
pub(crate) mod webhook_edit;
pub(crate) mod webhook_list;
