//! A bounded read into memory that is wiped.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// The most bytes that an assertion may have.
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
