//! Bounded reads into memory that is wiped.

use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use edge_oauth_no_io::{CredentialError, printable};
use zeroize::Zeroizing;

/// The most bytes that an assertion, a key or a certificate chain may have.
pub(crate) const LIMIT: usize = 64 * 1024;

/// Reads to the end, or returns `None` if there is more than the limit.
pub(crate) fn read(mut reader: impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // In one piece, since a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(vec![0; LIMIT + 1]);
    let mut length = 0;
    while length < bytes.len() {
        match reader.read(&mut bytes[length..]) {
            Ok(0) => {
                bytes.truncate(length);
                return Ok(Some(bytes));
            }
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Reads a file. `content` names what belongs there, such as "the assertion".
pub(crate) fn file(path: &Path, content: &str) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    match open(path).and_then(read) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(CredentialError::permanent(format_args!(
            "{} has more than {LIMIT} bytes: pass the path of a file with {content} alone",
            place(path)
        ))),
        Err(error) => Err(unreadable(&place(path), error)),
    }
}

/// Opens the file once for one read: the bytes are of one file, also while a link to it is swapped.
fn open(path: &Path) -> io::Result<File> {
    // Before it is opened, since that waits for the other end of a pipe; and after, since a link may be swapped.
    regular(fs::metadata(path)?.file_type())?;
    let file = File::open(path)?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Returns an error for everything but a regular file.
fn regular(file_type: FileType) -> io::Result<()> {
    match file_type {
        file_type if file_type.is_file() => Ok(()),
        file_type if file_type.is_dir() => Err(ErrorKind::IsADirectory.into()),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, NOT_REGULAR)),
    }
}

/// Returns the name of a file for errors.
pub(crate) fn place(path: &Path) -> String {
    format!("the file `{}`", printable(&path.display().to_string(), 256))
}

fn unreadable(place: &str, error: io::Error) -> CredentialError {
    let failure = match error.kind() {
        ErrorKind::NotFound => CredentialError::transient(format_args!(
            "{place} does not exist: check the path and that the platform mounts it"
        )),
        ErrorKind::PermissionDenied => CredentialError::permanent(format_args!(
            "{place} may not be read by this user: change its permissions or the user"
        )),
        ErrorKind::IsADirectory => CredentialError::permanent(format_args!(
            "{place} is a folder: pass the path of the file in it"
        )),
        ErrorKind::InvalidInput => CredentialError::permanent(format_args!(
            "{place} is no regular file: pass the path of one"
        )),
        _ => CredentialError::transient(format_args!(
            "{place} cannot be read: check its disk or mount"
        )),
    };
    failure.with_source(error)
}

const NOT_REGULAR: &str = "it is a named pipe, a device or a socket";
