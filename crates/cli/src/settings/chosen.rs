//! The choice of the configuration file and the profile.

use std::path::PathBuf;

use crate::args::ClientArgs;
use crate::env::variable;
use crate::error::CliError;

/// The chosen configuration file and profile, by the command line or else by the environment.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) profile: Option<String>,
    pub(crate) file: Option<PathBuf>,
}

impl Chosen {
    pub(crate) fn resolve(args: &ClientArgs) -> Result<Self, CliError> {
        let profile = match &args.profile {
            Some(name) => Some(name.clone()),
            None => variable("EDGE_OAUTH_PROFILE")?,
        };
        let file = match &args.config {
            Some(file) => Some(file.clone()),
            None => variable("EDGE_OAUTH_CONFIG")?.map(PathBuf::from),
        };
        Ok(Self { profile, file })
    }

    /// Returns whether the user named the profile or its file.
    pub(crate) fn is_named(&self) -> bool {
        self.profile.is_some() || self.file.is_some()
    }
}
