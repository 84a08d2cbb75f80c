//! The search for planted secrets in texts, errors, logs and traces.

pub(crate) mod planted;
pub(crate) mod watch;
