//! Requests, as a server of a test reads them.

use std::io::{self, Read};

/// Returns the head and the body of a request, or `None` if the client closes the connection before its end.
pub(crate) fn read_request(mut stream: impl Read) -> io::Result<Option<(String, String)>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let lower = head.to_ascii_lowercase();
        let length = lower.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Ok(Some((head.to_owned(), body.to_owned())));
        }
    }
}
