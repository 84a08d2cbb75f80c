//! Requests are read and replies are written as bytes, right or wrong.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{RecvFlags, recv};

use super::fault::{Body, Pace, Reply, Status, Wait};

/// A request, with its header fields in lower case.
pub(crate) struct Request {
    pub(crate) path: String,
    head: String,
    pub(crate) body: String,
}

impl Request {
    /// Reads one. `None` if the connection ends, or the client is silent for 2 s.
    pub(crate) fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut head = String::new();
        let mut line = String::new();
        while stream.by_ref().take(16_384).read_line(&mut line).ok()? > 2 {
            head.push_str(&line);
            line.clear();
        }
        let path = head.split(' ').nth(1)?.to_owned();
        let mut request = Self {
            path,
            head,
            body: String::new(),
        };
        let length: usize = request
            .field("content-length")
            .unwrap_or("0")
            .parse()
            .ok()?;
        let mut body = vec![0; length.min(65_536)];
        stream.read_exact(&mut body).ok()?;
        request.body = String::from_utf8(body).ok()?;
        Some(request)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.trim())
    }
}

/// Writes a reply, `token` in it. `done` is called before the bytes after which the client may go on.
pub(crate) fn write(
    stream: &mut TcpStream,
    reply: Reply,
    token: &str,
    done: impl FnOnce(),
) -> io::Result<()> {
    match reply {
        Reply::Token(pace) => write_token(stream, pace, token, done),
        Reply::Status(status) => at_once(stream, &status_response(status), done),
        Reply::Retired => {
            let status = Status {
                code: 401,
                body: Body::Error("invalid_client"),
                wait: Wait::No,
            };
            at_once(stream, &status_response(status), done)
        }
        Reply::Redirect(code) => {
            let response = format!(
                "HTTP/1.1 {code} Moved\r\nlocation: http://127.0.0.1:9/\r\n\
                 connection: close\r\ncontent-length: 0\r\n\r\n"
            );
            at_once(stream, &response, done)
        }
        Reply::Reset => {
            set_socket_linger(&stream, Some(Duration::ZERO))?;
            done();
            Ok(())
        }
        Reply::Close => {
            done();
            Ok(())
        }
        Reply::CutHead => at_once(stream, "HTTP/1.1 200 OK\r\ncontent-le", done),
        Reply::CutBody => {
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1000\r\n\r\n";
            stream.write_all(head.as_bytes())?;
            thread::sleep(Duration::from_millis(20));
            at_once(stream, token, done)
        }
        Reply::HalfOpen => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{";
            stream.write_all(head.as_bytes())?;
            done();
            stream.shutdown(Shutdown::Write)?;
            wait_until_closed(stream, Duration::from_secs(5));
            Ok(())
        }
        Reply::Hang => {
            wait_until_closed(stream, Duration::from_secs(5));
            done();
            Ok(())
        }
        Reply::WrongJson(body) => at_once(stream, &ok(body, "close"), done),
        Reply::TooLarge => at_once(stream, &ok(&" ".repeat(300_000), "close"), done),
        Reply::Garbage => at_once(stream, "220 mail.example ESMTP\r\n\r\n", done),
    }
}

fn write_token(
    stream: &mut TcpStream,
    pace: Pace,
    token: &str,
    done: impl FnOnce(),
) -> io::Result<()> {
    let response = ok(token, "close");
    match pace {
        Pace::AtOnce => at_once(stream, &response, done),
        Pace::Late(milliseconds) => {
            thread::sleep(Duration::from_millis(milliseconds));
            at_once(stream, &response, done)
        }
        Pace::Slow => {
            let (most, last) = response.as_bytes().split_at(response.len() - 1);
            for part in most.chunks(24) {
                stream.write_all(part)?;
                thread::sleep(Duration::from_millis(30));
            }
            done();
            stream.write_all(last)
        }
        Pace::Interim => {
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n")?;
            at_once(stream, &response, done)
        }
        Pace::Chunked => {
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
            let (one, other) = token.split_at(token.len() / 2);
            let chunks = format!(
                "{head}{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n",
                one.len(),
                other.len()
            );
            at_once(stream, &chunks, done)
        }
    }
}

fn at_once(stream: &mut TcpStream, bytes: &str, done: impl FnOnce()) -> io::Result<()> {
    done();
    stream.write_all(bytes.as_bytes())
}

/// Returns a response with this body, as JSON.
pub(crate) fn ok(body: &str, connection: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: {connection}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn status_response(status: Status) -> String {
    let (kind, body) = match status.body {
        Body::Empty => ("text/plain", String::new()),
        Body::Page => ("text/html", "<html><h1>Oh no</h1></html>".to_owned()),
        Body::Error(error) => ("application/json", format!(r#"{{"error":"{error}"}}"#)),
    };
    let now = SystemTime::now();
    let date = |seconds| httpdate::fmt_http_date(now + Duration::from_secs(seconds));
    let wait = match status.wait {
        Wait::No => String::new(),
        Wait::Seconds(seconds) => format!("retry-after: {seconds}\r\n"),
        Wait::Date(seconds) => format!("retry-after: {}\r\n", date(seconds)),
        Wait::Quota(seconds) => {
            format!("auth0-client-quota-limit: b=per_hour;q=10;r=0;t={seconds}\r\n")
        }
        Wait::Rate(seconds) => {
            let unix = now.duration_since(UNIX_EPOCH).unwrap_or_default();
            let reset = unix.as_secs() + seconds;
            format!("x-ratelimit-remaining: 0\r\nx-ratelimit-reset: {reset}\r\n")
        }
        Wait::Years => "retry-after: 1000000000\r\n".to_owned(),
    };
    format!(
        "HTTP/1.1 {} Status\r\ndate: {}\r\n{wait}content-type: {kind}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        status.code,
        date(0),
        body.len()
    )
}

/// Returns whether the client has closed the connection.
pub(crate) fn is_closed(stream: &TcpStream) -> bool {
    let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    match recv(stream, &mut [0_u8; 1][..], flags) {
        Ok((0, _)) => true,
        Ok(_) | Err(Errno::AGAIN | Errno::INTR) => false,
        Err(_) => true,
    }
}

fn wait_until_closed(stream: &TcpStream, at_most: Duration) {
    for _ in 0..at_most.as_millis() / 10 {
        if is_closed(stream) {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
