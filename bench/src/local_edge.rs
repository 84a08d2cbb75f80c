//! The local Edge under load from a second process.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use edge_oauth_local::{AUDIENCE, LocalEdge, Options, TokenAlgorithm};

use crate::measure::cpu_time;
use crate::report::{Report, or_nan, whole};

const CONNECTIONS: usize = 16;
const DURATION: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/local_edge.md"));
    let mut rows = Vec::new();
    for (name, algorithm) in [
        ("RS256", TokenAlgorithm::Rs256),
        ("ES256", TokenAlgorithm::Es256),
    ] {
        let edge = LocalEdge::start_with(Options::default().token_algorithm(algorithm));
        let edge = edge.expect("the loopback");
        let form = format!(
            "grant_type=client_credentials&audience={AUDIENCE}&client_id={}&client_secret={}",
            edge.client_id(),
            edge.client_secret()
        );
        let post = format!(
            "POST /oauth/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n{form}",
            form.len()
        );
        let tokens = fastest(&edge, &post);
        let token = one_token(&edge, &post);
        let get = format!(
            "GET /api/admin/v1/settings HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        let responses = fastest(&edge, &get);
        for (what, (rate, cpu)) in [
            ("tokens", tokens),
            ("responses of the Admin API", responses),
        ] {
            rows.push(vec![format!("{what}, {name}"), whole(rate), whole(cpu)]);
        }
        if algorithm == TokenAlgorithm::Es256 {
            report.at_least("tokens a second with ES256", 5000.0, tokens.0, None);
        }
    }
    report.table(
        &["response", "a second", "CPU µs of the server each"],
        &rows,
    );
    report.verdicts();
}

/// Returns the responses in a second, and the CPU time of each in microseconds, of the fastest round.
fn fastest(edge: &LocalEdge, request: &str) -> (f64, f64) {
    let rounds = (0..ROUNDS).map(|_| {
        let cpu = cpu_time();
        let rate = or_nan(load_from_outside(edge.address(), request));
        let cpu = cpu_time() - cpu;
        (
            rate,
            cpu.as_secs_f64() * 1e6 / (rate * DURATION.as_secs_f64()),
        )
    });
    rounds
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((f64::NAN, f64::NAN))
}

fn load_from_outside(address: SocketAddr, request: &str) -> io::Result<f64> {
    let mut process = Command::new(env::current_exe()?)
        .args(["load", &address.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = process.stdin.take() {
        input.write_all(request.as_bytes())?;
    }
    let output = process.wait_with_output()?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(io::Error::other)
}

/// Sends the request of standard input on many connections, and prints the responses in a second.
pub(crate) fn load(address: &str) -> io::Result<()> {
    let mut request = Vec::new();
    io::stdin().read_to_end(&mut request)?;
    let (stop, count) = (AtomicBool::new(false), AtomicU64::new(0));
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| -> io::Result<()> {
                let mut connection = connect(address)?;
                while !stop.load(Ordering::Relaxed) {
                    exchange(&mut connection, &request)?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
        }
        thread::sleep(DURATION);
        stop.store(true, Ordering::Relaxed);
    });
    println!(
        "{}",
        count.into_inner() as f64 / start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    Ok(BufReader::new(connection))
}

/// Returns the body of a response with the status 200.
fn exchange(connection: &mut BufReader<TcpStream>, request: &[u8]) -> io::Result<Vec<u8>> {
    connection.get_mut().write_all(request)?;
    let (mut line, mut length) = (String::new(), 0);
    connection.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(line));
    }
    while line != "\r\n" {
        line.clear();
        connection.read_line(&mut line)?;
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok(body)
}

fn one_token(edge: &LocalEdge, post: &str) -> String {
    let mut connection = connect(&edge.address().to_string()).expect("the loopback");
    let body = exchange(&mut connection, post.as_bytes()).expect("the edge serves");
    let body: serde_json::Value = serde_json::from_slice(&body).expect("it is JSON");
    body["access_token"].as_str().unwrap_or_default().to_owned()
}
