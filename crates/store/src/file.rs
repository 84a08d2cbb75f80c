//! A shared store in files, for the processes of one user on one machine.

pub(crate) mod file_store;
mod folder;
mod holder;
pub(crate) mod inspection;
mod private_file;
mod record;
#[cfg(test)]
mod tests;
