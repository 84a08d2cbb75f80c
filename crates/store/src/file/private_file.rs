//! Files of the user alone.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::Path;

/// Returns the bytes of a regular file of a sensible size.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let file = private().read(true).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 <= LARGEST {
        true => Ok(bytes),
        false => Err(io::Error::other("is larger than any kept token")),
    }
}

/// Created for the user alone; no link is followed, and no pipe is waited for.
#[cfg(unix)]
pub(super) fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let mut options = OpenOptions::new();
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    options.mode(0o600).custom_flags(flags.cast_signed());
    options
}

#[cfg(not(unix))]
pub(super) fn private() -> OpenOptions {
    OpenOptions::new()
}

const LARGEST: u64 = 1024 * 1024;
