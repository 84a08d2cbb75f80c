//! A secret for the later steps of a GitHub workflow.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// The file to which a step appends its outputs.
pub(crate) struct Outputs(PathBuf);

impl Outputs {
    pub(crate) fn for_this_step() -> Result<Self, CliError> {
        match env::var_os("GITHUB_OUTPUT").filter(|path| !path.is_empty()) {
            Some(path) => {
                let outputs = Self(path.into());
                // Before a token is asked for that could not be written.
                outputs.open().map_err(|error| outputs.refuse(&error))?;
                Ok(outputs)
            }
            None => Err(
                CliError::new(Exit::Usage, "-o github: GITHUB_OUTPUT is not set")
                    .next("run it in a step of a GitHub workflow, or take another format"),
            ),
        }
    }

    /// Masks the secret in the log before anything could print it, then appends it under this name. Neither
    /// a token nor a Delivery key has a line break, and after `=` nothing else in a line has a meaning.
    pub(crate) fn write(&self, name: &str, secret: &str) -> Result<(), CliError> {
        terminal::print(format!("::add-mask::{}\n", escaped(secret)))?;
        let append = || {
            let mut file = self.open()?;
            let end = match ends_in_the_middle(&mut file)? {
                true => "\n",
                false => "",
            };
            let line = Zeroizing::new(format!("{end}{name}={secret}\n"));
            file.write_all(line.as_bytes())
        };
        append().map_err(|error| self.refuse(&error))
    }

    /// The runner has made the file; another would be read by nobody, and keep a secret.
    fn open(&self) -> io::Result<File> {
        OpenOptions::new().read(true).append(true).open(&self.0)
    }

    fn refuse(&self, error: &io::Error) -> CliError {
        let message = format!("the file of GITHUB_OUTPUT, {}: {error}", self.0.display());
        CliError::new(Exit::Other, message)
            .next("a step of a GitHub workflow, which may write that file")
    }
}

/// Of a line that an earlier command did not end, ours would be the rest.
fn ends_in_the_middle(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// A workflow command decodes these.
fn escaped(secret: &str) -> String {
    secret.replace('%', "%25")
}
