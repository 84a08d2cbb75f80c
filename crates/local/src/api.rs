//! The protected APIs: the check of their access token, and their common parts.

pub(crate) mod access_token;
pub(crate) mod admin_api;
pub(crate) mod content;
pub(crate) mod error;
pub(crate) mod generator;
pub(crate) mod json_body;
pub(crate) mod keys;
pub(crate) mod protected_api;
pub(crate) mod publishing;
pub(crate) mod publishing_api;
pub(crate) mod request;
pub(crate) mod settings;
pub(crate) mod timestamp;
pub(crate) mod token_api;
pub(crate) mod webhooks;
