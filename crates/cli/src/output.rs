//! Output for people and programs: messages, tables, text, times and shell assignments.

pub(crate) mod shell;
pub(crate) mod table;
pub(crate) mod terminal;
pub(crate) mod text;
pub(crate) mod timestamp;
