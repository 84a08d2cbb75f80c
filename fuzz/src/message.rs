//! A message of a first line, header lines, an empty line and a body.

use http::{HeaderMap, HeaderName, HeaderValue};

/// A message.
pub(crate) struct Message<'a> {
    /// The first line as a number; `None` if it is another text.
    pub(crate) number: Option<u64>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads a message. Lines that are not a header are skipped, since an HTTP library would reject them.
    pub(crate) fn read(bytes: &'a [u8]) -> Self {
        let (first, mut rest) = line(bytes);
        let mut headers = HeaderMap::new();
        while !rest.is_empty() {
            let (text, after) = line(rest);
            rest = after;
            if text.is_empty() {
                break;
            }
            if let Some((name, value)) = header(text).filter(|_| headers.len() < MAX_HEADERS) {
                headers.append(name, value);
            }
        }
        let number = std::str::from_utf8(first).ok();
        Self {
            number: number.and_then(|text| text.trim().parse().ok()),
            headers,
            body: rest,
        }
    }
}

fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &bytes[bytes.len()..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
    Some((name, value))
}

const MAX_HEADERS: usize = 64;
