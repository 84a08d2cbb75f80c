//! A secret for the later steps of a GitHub workflow.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::terminal;

/// The file to which a step appends its outputs.
pub(crate) struct Outputs(PathBuf);

impl Outputs {
    pub(crate) fn of_this_step() -> Result<Self, Failure> {
        match env::var_os("GITHUB_OUTPUT").filter(|path| !path.is_empty()) {
            Some(path) => Ok(Self(path.into())),
            None => Err(
                Failure::new(Exit::Usage, "-o github: GITHUB_OUTPUT is not set")
                    .next("run it in a step of a GitHub workflow, or take another format"),
            ),
        }
    }

    /// Masks the secret in the log before anything could print it, then appends it under this name. Neither
    /// a token nor a Delivery key has a line break, and after `=` nothing else in a line has a meaning.
    pub(crate) fn write(&self, name: &str, secret: &str) -> Result<(), Failure> {
        terminal::answer(format!("::add-mask::{}\n", escaped(secret)))?;
        let line = Zeroizing::new(format!("{name}={secret}\n"));
        let file = OpenOptions::new().append(true).create(true).open(&self.0);
        let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
        written.map_err(|error| {
            let message = format!("the file of GITHUB_OUTPUT, {}: {error}", self.0.display());
            Failure::new(Exit::Other, message)
                .next("a step of a GitHub workflow, which may write that file")
        })
    }
}

/// A workflow command decodes these.
fn escaped(secret: &str) -> String {
    secret.replace('%', "%25")
}
