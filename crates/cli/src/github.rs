//! The files of a GitHub workflow step, which carry a secret to later steps, and the masking of its log.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// A file to which a step appends its outputs or variables.
pub(crate) struct Outputs {
    variable: &'static str,
    path: PathBuf,
}

/// The variable with the file of the step's outputs.
pub(crate) const OUTPUT: &str = "GITHUB_OUTPUT";
/// The variable with the file of the variables for later steps.
pub(crate) const ENV: &str = "GITHUB_ENV";

impl Outputs {
    /// Returns the file that this variable names.
    pub(crate) fn for_this_step(variable: &'static str) -> Result<Self, CliError> {
        match env::var_os(variable).filter(|path| !path.is_empty()) {
            Some(path) => {
                let path = path.into();
                let outputs = Self { variable, path };
                // Checked before a token is requested that could not be written.
                outputs.open().map_err(|error| outputs.refuse(&error))?;
                Ok(outputs)
            }
            None => {
                let message = format!("{variable} is not set, and this output is for its file");
                Err(CliError::new(Exit::Usage, message)
                    .next("run it in a step of a GitHub workflow, or use another format"))
            }
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
        OpenOptions::new().read(true).append(true).open(&self.path)
    }

    fn refuse(&self, error: &io::Error) -> CliError {
        let message = format!(
            "the file of {}, {}: {error}",
            self.variable,
            self.path.display()
        );
        CliError::new(Exit::Other, message)
            .next("run it in a step of a GitHub workflow, which may write that file")
    }
}

/// Masks a secret in the log of a GitHub workflow, for a command that may print it. The runner reads standard error
/// too, and standard output belongs to the command.
pub(crate) fn mask_for_command(secret: &str) {
    if env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        terminal::workflow_command(&format!("::add-mask::{}\n", escaped(secret)));
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
