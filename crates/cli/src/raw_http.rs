//! An HTTP response as `curl -i` prints it, parsed.
//!
//! The parser tolerates changes by terminals and editors, and lists each line that it skips.

use std::fmt;

use edge_oauth_no_io::{SecretBytes, printable};
use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode, Version};

/// A parsed response.
pub struct RawResponse {
    /// The response. The body is the text after the head.
    pub response: Response<SecretBytes>,
    /// The status lines of earlier heads: `100 Continue`, a proxy's `200 Connection established`, followed redirects.
    pub before: Vec<String>,
    /// The first few skipped lines of the head.
    pub skipped: Vec<Skipped>,
    /// The number of further skipped lines.
    pub more_skipped: usize,
}

/// A line of the head that is not a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The number of the line, from 1.
    pub line: usize,
    /// The reason. It contains at most a header's name from the line.
    pub wrong: String,
}

/// The reason why a text is not a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The text is empty.
    Empty,
    /// It begins without a status line, and no status was given.
    NoStatusLine,
    /// It begins with a status line, and a status was given too.
    SecondStatus,
    /// It is the output of `curl -v`, in which head, body and messages cannot be told apart reliably.
    Verbose,
    /// Its status line has a status that is not a number from 100 to 999.
    Status,
}

/// Parses a response. The last head counts, and the text after it is the body.
///
/// `status` is the status of a body without a head.
///
/// ```
/// let raw = edge_oauth_cli::raw_http::read(b"HTTP/2 200 \r\ncontent-type: text/html\r\n\r\n<p>", None).unwrap();
/// assert_eq!(raw.response.status(), 200);
/// assert_eq!(raw.response.body().as_ref(), b"<p>");
/// ```
pub fn read(input: &[u8], status: Option<StatusCode>) -> Result<RawResponse, Unreadable> {
    let input = input.strip_prefix(BYTE_ORDER_MARK).unwrap_or(input);
    let mut text = Text {
        rest: input,
        line: 1,
    };
    while !text.rest.is_empty() && text.peek().is_empty() {
        text.take();
    }
    if text.rest.is_empty() {
        return Err(Unreadable::Empty);
    }
    let mut raw = RawResponse {
        response: Response::new(SecretBytes::new(Vec::new())),
        before: Vec::new(),
        skipped: Vec::new(),
        more_skipped: 0,
    };
    match (StatusLine::read(text.peek()), status) {
        (Some(_), Some(_)) => return Err(Unreadable::SecondStatus),
        (None, Some(status)) => {
            *raw.response.status_mut() = status;
            *raw.response.body_mut() = SecretBytes::new(text.rest.to_vec());
            return Ok(raw);
        }
        (None, None) => return Err(Unreadable::at(text.peek())),
        (Some(_), None) => {}
    }
    let mut last = None;
    while let Some(status_line) = StatusLine::read(text.peek()) {
        if let Some(passed) = last.replace(printable(&String::from_utf8_lossy(text.take()), SHOWN))
        {
            raw.before.push(passed);
        }
        raw.response = Response::new(SecretBytes::new(Vec::new()));
        *raw.response.status_mut() = status_line.status;
        *raw.response.version_mut() = status_line.version;
        raw.headers(&mut text);
    }
    *raw.response.body_mut() = SecretBytes::new(text.rest.to_vec());
    Ok(raw)
}

impl RawResponse {
    /// Reads header lines up to an empty line or the end.
    fn headers(&mut self, text: &mut Text<'_>) {
        while !text.rest.is_empty() {
            let (number, line) = (text.line, text.take());
            if line.is_empty() {
                return;
            }
            if let Err(wrong) = self.header(line) {
                match self.skipped.len() {
                    SKIPPED_SHOWN => self.more_skipped += 1,
                    _ => self.skipped.push(Skipped {
                        line: number,
                        wrong,
                    }),
                }
            }
        }
    }

    fn header(&mut self, line: &[u8]) -> Result<(), String> {
        // RFC 9112 §5.2: a line that begins with a space continues the line before, in obsolete syntax.
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err("begins with a space".to_owned());
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Err("has no colon".to_owned());
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let shown = printable(&String::from_utf8_lossy(name), SHOWN);
        let Ok(name) = HeaderName::from_bytes(name) else {
            return Err(format!("`{shown}` is not a header's name"));
        };
        let Ok(value) = HeaderValue::from_bytes(value) else {
            return Err(format!("the value of `{shown}` has a control character"));
        };
        let headers = self.response.headers_mut();
        match headers.try_append(name, value) {
            Ok(_) => Ok(()),
            Err(_) => Err("is one header too many".to_owned()),
        }
    }
}

impl Unreadable {
    /// Returns the reason for a first line that is not a status line.
    fn at(line: &[u8]) -> Self {
        let begins = |marks: &[&[u8]]| marks.iter().any(|mark| line.starts_with(mark));
        if begins(&[b"* ", b"> ", b"< "]) {
            Self::Verbose
        } else if begins(&[b"HTTP/1.0 ", b"HTTP/1.1 ", b"HTTP/2 ", b"HTTP/3 "]) {
            Self::Status
        } else {
            Self::NoStatusLine
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::NoStatusLine => {
                f.write_str("it does not begin with a status line such as `HTTP/1.1 401`")
            }
            Self::SecondStatus => {
                f.write_str("it has a status line, and --status is for a body alone")
            }
            Self::Verbose => {
                f.write_str("it is the output of `curl -v`, which mixes the response with messages")
            }
            Self::Status => f.write_str("its status is not a number from 100 to 999"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// The remaining text, and the number of its first line.
struct Text<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Text<'a> {
    /// Returns the next line without its end, LF or CRLF.
    fn peek(&self) -> &'a [u8] {
        let line = self.rest.split(|byte| *byte == b'\n').next();
        let line = line.unwrap_or_default();
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    fn take(&mut self) -> &'a [u8] {
        let line = self.peek();
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        self.rest = end.map_or(&[], |end| &self.rest[end + 1..]);
        self.line += 1;
        line
    }
}

struct StatusLine {
    version: Version,
    status: StatusCode,
}

impl StatusLine {
    /// Parses a status line (RFC 9112 §4), with curl's spelling of later versions too.
    fn read(line: &[u8]) -> Option<Self> {
        let mut words = line.strip_prefix(b"HTTP/")?.split(|byte| *byte == b' ');
        let version = match words.next()? {
            b"1.0" => Version::HTTP_10,
            b"1.1" => Version::HTTP_11,
            b"2" => Version::HTTP_2,
            b"3" => Version::HTTP_3,
            _ => return None,
        };
        let status = StatusCode::from_bytes(words.next()?).ok()?;
        Some(Self { version, status })
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const SHOWN: usize = 64;
const SKIPPED_SHOWN: usize = 8;
