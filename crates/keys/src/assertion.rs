//! Assertions that something else makes: where they come from.

pub(crate) mod callback;
pub(crate) mod check;
pub(crate) mod command;
pub(crate) mod file;
pub(crate) mod variable;
