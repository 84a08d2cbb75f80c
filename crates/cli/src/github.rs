//! The outputs of a GitHub workflow step, which carry a secret to later steps.

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
                // Checked before a token is requested that could not be written.
                outputs.open().map_err(|error| outputs.refuse(&error))?;
                Ok(outputs)
            }
            None => Err(
                CliError::new(Exit::Usage, "-o github: GITHUB_OUTPUT is not set")
                    .next("run it in a step of a GitHub workflow, or use another format"),
            ),
        }
    }

    /// Masks the secret in the log, then appends it under this name. Tokens and Delivery keys have no line break, and
    /// no character after `=` is special.
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

    /// Opens the runner's file. A new file would keep the secret, and no step would read it.
    fn open(&self) -> io::Result<File> {
        OpenOptions::new().read(true).append(true).open(&self.0)
    }

    fn refuse(&self, error: &io::Error) -> CliError {
        let message = format!("the file of GITHUB_OUTPUT, {}: {error}", self.0.display());
        CliError::new(Exit::Other, message)
            .next("run it in a step of a GitHub workflow, which may write that file")
    }
}

/// Returns whether the last line is unfinished: the output would continue it.
fn ends_in_the_middle(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Escapes `%`, which a workflow command decodes.
fn escaped(secret: &str) -> String {
    secret.replace('%', "%25")
}
