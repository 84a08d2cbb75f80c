//! Reads of whole files, limited in time, since a pipe may have no writer, and in size, since a device may have no
//! end.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::input::timeout::within;

/// Reads a file whose metadata `check` accepts.
pub(crate) fn read(
    path: &Path,
    limit: usize,
    time: Duration,
    check: impl FnOnce(&Metadata) -> io::Result<()> + Send + 'static,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let path = path.to_owned();
    let read = within(time, move || {
        // Checks the opened file: the path may name another file by now.
        let file = File::open(&path)?;
        check(&file.metadata()?)?;
        all(file, limit)
    });
    read.unwrap_or_else(|| {
        let message = "it did not end in time: a pipe without a writer?";
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}

/// Reads a reader to its end. The buffer has its full size from the start, except for very large input, since growing
/// would leave copies of a secret in memory.
pub(crate) fn all(reader: impl Read, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit.min(LARGEST_BUFFER) + 1));
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() > limit {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("is larger than {} KiB", limit / 1024),
        )),
        false => Ok(bytes),
    }
}

/// Returns the text without the byte order mark that editors on Windows write.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    let bytes = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => rest,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err("is text in UTF-16: save it as UTF-8"),
        bytes => bytes,
    };
    std::str::from_utf8(bytes).map_err(|_| "is not text in UTF-8")
}

pub(crate) const LARGEST_SECRET: usize = 64 * 1024;
const LARGEST_BUFFER: usize = 1024 * 1024;
