//! Checks that need a whole process or several callers, and are no cases of the suite.

pub(crate) mod memory;
pub(crate) mod rejected_tokens;
pub(crate) mod secrecy;
