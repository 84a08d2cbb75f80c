//! An HTTP answer as `curl -i` prints it, read back.
//!
//! Tolerant of what terminals and editors do to such a text, and exact about what it is not sure of:
//! what is passed over is named.

use std::fmt;

use edge_oauth_no_io::{SecretBytes, printable};
use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode, Version};

/// What was read.
pub struct RawResponse {
    /// The answer, its body as it stands in the text.
    pub response: Response<SecretBytes>,
    /// The status lines of the heads before it: `100 Continue`, a proxy's `200 Connection established`,
    /// redirects that were followed.
    pub before: Vec<String>,
    /// The first few of the header lines that are none, and are left out.
    pub skipped: Vec<Skipped>,
    /// How many more there are.
    pub more_skipped: usize,
}

/// A line of the head that is no header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it; of its text no more than a header's name.
    pub wrong: String,
}

/// Why a text is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// There is nothing.
    Empty,
    /// It does not begin with a status line, and the status was not given otherwise.
    NoStatusLine,
    /// It begins with a status line, and the status was given otherwise too.
    SecondStatus,
    /// It is what `curl -v` prints, in which head, body and messages cannot be told apart for certain.
    Verbose,
    /// It begins with a status line but for its status, which is not a number from 100 to 999.
    Status,
}

/// Reads heads until there are no more, the last of which counts, and takes what follows as the body.
///
/// `status` is for a body that stands alone.
///
/// ```
/// let answer = edge_oauth_cli::raw_http::read(b"HTTP/2 200 \r\ncontent-type: text/html\r\n\r\n<p>", None).unwrap();
/// assert_eq!(answer.response.status(), 200);
/// assert_eq!(answer.response.body().as_ref(), b"<p>");
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
    /// Reads header lines up to the empty one, or to the end.
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
        // RFC 9112 §5.2: a line that begins with a space went on with the one before, long ago.
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
    /// What a text is that begins with this line, which is no status line.
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
                f.write_str("it is what `curl -v` prints, which mixes the answer with messages")
            }
            Self::Status => f.write_str("its status is not a number from 100 to 999"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// The text that is left, and the number of its first line.
struct Text<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Text<'a> {
    /// The next line without its end, which is LF or CRLF.
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
    /// RFC 9112 §4, and curl's spelling of later versions.
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
