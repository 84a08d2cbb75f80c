//! Webhooks, the operations on them, and the body that a webhook sends.

pub(crate) mod body_include;
pub(crate) mod edit_rules;
pub(crate) mod execution_mode;
pub(crate) mod members;
pub(crate) mod operations;
pub mod payload;
pub(crate) mod secrets;
pub(crate) mod webhook;
pub(crate) mod webhook_edit;
