//! Signers and assertion sources, through their traits.

#[cfg(unix)]
mod command;
mod file;
mod github_actions;
mod private_key;
mod rejected_keys;
mod secrecy;
mod variable_and_callback;
mod vectors;
