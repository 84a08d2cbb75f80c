//! Input that a run reads: standard input, files, secrets and questions, each bounded in size or time.

pub(crate) mod command;
pub(crate) mod file;
pub(crate) mod file_permissions;
pub(crate) mod prompt;
pub(crate) mod secret;
pub(crate) mod stdin;
pub(crate) mod timeout;
pub(crate) mod value;
