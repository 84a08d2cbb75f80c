//! Which key a command is about: its hash, or a file with the key, which is never an argument.

use std::path::PathBuf;

use clap::Args;
use edge_oauth_no_io::Secret;
use experience_edge_api::{Key, KeyHash};

use crate::edge::Edge;
use crate::failure::{Exit, Failure};
use crate::secret_input;
use crate::settings::DEFAULT_TIMEOUT;

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct WhichArgs {
    /// Hash of the key, as `edge-oauth keys list` shows it
    hash: Option<Given>,

    /// File with the key itself; `-` is standard input
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// An argument. One that is no hash may be the key itself, and is not kept.
#[derive(Clone, Debug)]
enum Given {
    Hash(KeyHash),
    Other,
}

impl From<&str> for Given {
    fn from(text: &str) -> Self {
        text.parse().map_or(Self::Other, Self::Hash)
    }
}

/// A key that can be asked for.
pub(super) enum Which {
    Hash(KeyHash),
    Key(Secret),
}

impl WhichArgs {
    /// Refuses what looks like a key, before anything else is done.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match self.hash {
            Some(Given::Other) => Err(refused("HASH is not 64 hexadecimal digits")),
            Some(Given::Hash(_)) | None => Ok(()),
        }
    }

    pub(super) fn read(self) -> Result<Which, Failure> {
        self.check()?;
        match (self.hash, self.key_file) {
            (Some(Given::Hash(hash)), _) => Ok(Which::Hash(hash)),
            (_, Some(file)) => Ok(Which::Key(
                secret_input::of_path(&file, "Delivery key", DEFAULT_TIMEOUT)?.0,
            )),
            _ => Err(Failure::new(Exit::Usage, "no key").next("its hash, or --key-file FILE")),
        }
    }
}

impl Which {
    pub(super) fn get(&self, edge: &Edge) -> Result<Key, Failure> {
        match self {
            Self::Hash(hash) => edge.find(&edge.api.key_by_hash(hash), LIST),
            Self::Key(key) => edge.find(&edge.api.key(key)?, LIST),
        }
    }

    pub(super) fn rename(&self, edge: &Edge, label: &str) -> Result<(), Failure> {
        match self {
            Self::Hash(hash) => edge.find(&edge.api.rename_key_by_hash(hash, label)?, LIST),
            Self::Key(key) => edge.find(&edge.api.rename_key(key, label)?, LIST),
        }
    }

    pub(super) fn revoke(&self, edge: &Edge) -> Result<(), Failure> {
        match self {
            Self::Hash(hash) => edge.find(&edge.api.revoke_key_by_hash(hash), LIST),
            Self::Key(key) => edge.find(&edge.api.revoke_key(key)?, LIST),
        }
    }
}

/// What may be a key was given where everyone sees it.
pub(super) fn refused(message: &str) -> Failure {
    Failure::new(Exit::Usage, message).next(
        "the hash that `edge-oauth keys list` shows, or --key-file FILE for the key itself; and revoke a key that was given here",
    )
}

const LIST: &str = "edge-oauth keys list --all, which shows the hashes";
