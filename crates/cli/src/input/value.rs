//! Values that may be credentials, so a file can contain them: `@FILE`, or `@-` for standard input.

use std::path::Path;

use edge_oauth_no_io::printable;
use zeroize::Zeroizing;

use crate::error::{CliError, Exit};
use crate::input::file;
use crate::input::stdin;
use crate::input::timeout::DEFAULT_TIMEOUT;

/// Returns the given value, or the content of the named file without the line break at its end.
pub(crate) fn read(option: &str, given: &str) -> Result<Zeroizing<String>, CliError> {
    match given.strip_prefix('@') {
        None => Ok(Zeroizing::new(given.to_owned())),
        Some(file) => of_file(option, file),
    }
}

/// Reads headers: `Name: value`, or a file of such lines. Headers that always carry a credential must be in a file.
pub(crate) fn headers(given: &[String]) -> Result<Vec<(String, Zeroizing<String>)>, CliError> {
    let mut headers = Vec::new();
    for given in given {
        let of_argument = !given.starts_with('@');
        if of_argument && given.contains(['\r', '\n']) {
            return Err(
                CliError::new(Exit::Usage, "--header has a line break in it")
                    .next("use --header for each header, or @FILE for a file of lines"),
            );
        }
        for line in read("--header", given)?.lines() {
            if line.trim().is_empty() {
                continue;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| {
                CliError::new(Exit::Usage, "--header is not of the form `Name: value`")
                    .next("use @FILE for a file of such lines; `@-` is standard input")
            })?;
            let name = name.trim();
            if of_argument && is_credential(name) {
                return Err(refused(name));
            }
            headers.push((name.to_owned(), Zeroizing::new(value.trim().to_owned())));
        }
    }
    Ok(headers)
}

fn of_file(option: &str, file: &str) -> Result<Zeroizing<String>, CliError> {
    let named = match file {
        "-" => "standard input".to_owned(),
        file => format!("the file {}", printable(file, 256)),
    };
    let refuse = |what: &dyn std::fmt::Display| {
        CliError::new(Exit::Usage, format_args!("{option}: {named}: {what}"))
    };
    let bytes = match file {
        "-" => stdin::read("the value", LARGEST)?,
        file => file::read(Path::new(file), LARGEST, DEFAULT_TIMEOUT, |_| Ok(()))
            .map_err(|error| refuse(&error).about_file(&error))?,
    };
    let text = file::text(&bytes).map_err(|wrong| refuse(&wrong))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    match text.is_empty() {
        true => Err(refuse(&"empty")),
        false => Ok(Zeroizing::new(text.to_owned())),
    }
}

fn is_credential(name: &str) -> bool {
    CREDENTIALS
        .iter()
        .any(|credential| name.eq_ignore_ascii_case(credential))
}

fn refused(name: &str) -> CliError {
    let message = format!(
        "--header with {name} as an argument is refused: everyone on this machine sees the arguments of a program"
    );
    CliError::new(Exit::Usage, message).next(
        "use --header @FILE, or `@-` for standard input; replace a credential that was given here",
    )
}

const CREDENTIALS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
const LARGEST: usize = 64 * 1024;
