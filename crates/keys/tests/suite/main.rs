//! Signers and assertion sources, through their traits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod client_certificate;
#[cfg(unix)]
mod command;
mod file;
mod github_actions;
mod gitlab;
mod private_key;
mod rejected_keys;
mod secrecy;
mod variable_and_callback;
mod vectors;
