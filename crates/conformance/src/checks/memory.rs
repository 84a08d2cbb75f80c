//! Checks the memory that an exchange takes, for large and endless responses.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use std::{env, fmt};

use edge_oauth_no_io::{BODY_LIMIT, RequestLimits, TransportErrorKind as Kind};
use peak_alloc::PeakAlloc;

use crate::certificates::Authority;
use crate::exchange::{LONG, ok, send_within};
use crate::secrecy::planted::TOKEN;
use crate::server::connection::Connection;
use crate::server::test_server::TestServer;
use crate::server::wire_faults::WireFault;
use crate::subject::Subject;

/// Asserts that no fault makes an exchange take more heap than a small response does, plus [`BODY_LIMIT`], 64 KiB and the
/// buffers of the HTTP library.
///
/// Call it once, in the only test of a file, with the name of the test and the allocator of its process. The server is a
/// child process, so its memory is not counted.
pub fn check_memory<S: Subject>(test: &str, allocator: &PeakAlloc) {
    if env::var_os(CHILD).is_some() {
        return serve();
    }
    let server = ChildServer::start(test);
    for (scheme, origin, records) in [("http", &server.http, 0), ("https", &server.https, RECORDS)]
    {
        let measure = |path: &str, expected: Option<Kind>| {
            let subject = match scheme {
                "http" => S::new(),
                _ => S::trusting(&server.ca_pem),
            };
            let time = if path == "/early" { SHORT } else { LONG };
            let before = allocator.current_usage();
            allocator.reset_peak_usage();
            let result = send_within(
                &subject,
                &format!("{origin}{path}"),
                RequestLimits::token(time),
            );
            let peak = allocator.peak_usage() - before;
            let kind = result.map(drop).map_err(|error| error.kind()).err();
            assert!(
                kind == expected || expected.is_some() && kind == Some(Kind::Protocol),
                "{scheme} {path}: {kind:?}"
            );
            peak
        };
        // The first exchange allocates what the library keeps.
        measure("/small", None);
        let small = measure("/small", None);
        let most = small + BODY_LIMIT + SLACK + records + S::library_buffers();
        let peaks = FAULTS.map(|(path, expected)| Peak {
            path,
            bytes: measure(path, expected),
        });
        #[allow(clippy::print_stdout, reason = "shown with --nocapture")]
        {
            println!("{scheme}: at most {most}, and {small} for a small response: {peaks:?}");
        }
        for peak in peaks {
            assert!(peak.bytes <= most, "{scheme}: {peak:?}, and at most {most}");
        }
    }
}

/// The paths of the server, and the expected errors.
const FAULTS: [(&str, Option<Kind>); 9] = [
    ("/largest", None),
    ("/large-chunks", Some(Kind::BodyTooLarge)),
    ("/lie", Some(Kind::Closed)),
    // The wire faults without an end.
    ("/length", Some(Kind::BodyTooLarge)),
    ("/chunks", Some(Kind::BodyTooLarge)),
    ("/close", Some(Kind::BodyTooLarge)),
    ("/lines", Some(Kind::Protocol)),
    ("/name", Some(Kind::Protocol)),
    ("/early", Some(Kind::Timeout)),
];

fn play(connection: &mut Connection) -> io::Result<()> {
    let request = connection.request()?;
    let head = |header: &str| format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n");
    match request.path() {
        "/small" => connection.write(ok(TOKEN)),
        "/largest" => {
            connection.write(head(&format!("content-length: {BODY_LIMIT}")))?;
            connection.write(vec![b'a'; BODY_LIMIT])
        }
        "/large-chunks" => {
            connection.write(head("transfer-encoding: chunked"))?;
            connection.flood(format!("ffff\r\n{}\r\n", "a".repeat(0xffff)).as_bytes())
        }
        "/lie" => connection.write(head("content-length: 67108864")),
        path => WireFault::at(path)
            .expect("every other path is a wire fault")
            .play(connection, &request),
    }
}

struct Peak {
    path: &'static str,
    bytes: usize,
}

impl fmt::Debug for Peak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.bytes)
    }
}

/// The server in a child process, which ends when its standard input is closed.
struct ChildServer {
    child: Child,
    /// Keeps the pipe open for later output of the child.
    _stdout: BufReader<ChildStdout>,
    http: String,
    https: String,
    ca_pem: String,
}

impl ChildServer {
    fn start(test: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let line = stdout
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split_once(MARK).map(|(_, line)| line.to_owned()))
            .expect("the server prints its addresses");
        let mut parts = line.split(' ');
        let mut part = || {
            parts
                .next()
                .unwrap_or_default()
                .replace('_', " ")
                .replace('|', "\n")
        };
        Self {
            child,
            _stdout: stdout,
            http: part(),
            https: part(),
            ca_pem: part(),
        }
    }
}

impl Drop for ChildServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Runs the server in the child process.
fn serve() {
    let authority = Authority::new("ours");
    let (http, https) = (
        TestServer::start_plain(play),
        TestServer::start_tls(authority.server(), play),
    );
    let pem = authority.pem().replace(' ', "_").replace('\n', "|");
    let mut stdout = io::stdout();
    writeln!(stdout, "{MARK}{} {} {pem}", http.origin(), https.origin()).unwrap();
    stdout.flush().unwrap();
    let _ = io::stdin().read_to_end(&mut Vec::new());
}

const CHILD: &str = "EDGE_OAUTH_CONFORMANCE_PEER";
const MARK: &str = "the server listens: ";
const SLACK: usize = 64 * 1024;

/// TLS buffers one record that arrives and one that is read, each of up to 16 KiB (RFC 8446 §5.2).
const RECORDS: usize = 2 * (16 * 1024 + 256);
const SHORT: Duration = Duration::from_secs(1);
