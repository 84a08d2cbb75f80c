//! The key that a command is about: its hash, or a file with the key. The key itself is never an argument.

use std::path::PathBuf;

use clap::Args;
use edge_oauth_no_io::Secret;
use experience_edge_api::{Key, KeyHash};

use crate::api_client::ApiClient;
use crate::error::{CliError, Exit};
use crate::input::secret;
use crate::input::timeout::DEFAULT_TIMEOUT;

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(super) struct KeyRefArgs {
    /// Hash of the key, as `edge-oauth keys list` shows it
    hash: Option<Given>,

    /// File with the key itself; `-` is standard input
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// The argument. If it is not a hash, it may be the key itself and is discarded.
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

/// A key by which the service can be asked.
pub(super) enum KeyRef {
    Hash(KeyHash),
    Key(Secret),
}

impl KeyRefArgs {
    /// Refuses an argument that may be a key, before any request.
    pub(super) fn check(&self) -> Result<(), CliError> {
        match self.hash {
            Some(Given::Other) => Err(refused("HASH is not 64 hexadecimal digits")),
            Some(Given::Hash(_)) | None => Ok(()),
        }
    }

    pub(super) fn read(self) -> Result<KeyRef, CliError> {
        self.check()?;
        match (self.hash, self.key_file) {
            (Some(Given::Hash(hash)), _) => Ok(KeyRef::Hash(hash)),
            (_, Some(file)) => Ok(KeyRef::Key(
                secret::read_path(&file, "Delivery key", DEFAULT_TIMEOUT)?.0,
            )),
            _ => {
                Err(CliError::new(Exit::Usage, "no key").next("give its hash, or --key-file FILE"))
            }
        }
    }
}

impl KeyRef {
    pub(super) fn get(&self, api: &ApiClient) -> Result<Key, CliError> {
        match self {
            Self::Hash(hash) => api.find(&api.operations.key_by_hash(hash), LIST),
            Self::Key(key) => api.find(&api.operations.key(key)?, LIST),
        }
    }

    pub(super) fn rename(&self, api: &ApiClient, label: &str) -> Result<(), CliError> {
        match self {
            Self::Hash(hash) => api.find(&api.operations.rename_key_by_hash(hash, label)?, LIST),
            Self::Key(key) => api.find(&api.operations.rename_key(key, label)?, LIST),
        }
    }

    pub(super) fn revoke(&self, api: &ApiClient) -> Result<(), CliError> {
        match self {
            Self::Hash(hash) => api.find(&api.operations.revoke_key_by_hash(hash), LIST),
            Self::Key(key) => api.find(&api.operations.revoke_key(key)?, LIST),
        }
    }
}

/// Returns the error for a key in an argument, which everyone on the machine sees.
pub(super) fn refused(message: &str) -> CliError {
    CliError::new(Exit::Usage, message).next(
        "give the hash that `edge-oauth keys list` shows, or --key-file FILE for the key itself; revoke a key that was given here",
    )
}

const LIST: &str = "run edge-oauth keys list --all, which shows the hashes";
