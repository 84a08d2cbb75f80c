//! The program as a supervisor runs it: started with variables, probed, scraped, and stopped by SIGTERM.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

use edge_oauth_local::{AUDIENCE, LocalEdge};

/// Is killed if the test fails.
struct Program {
    child: Child,
    stderr: BufReader<ChildStderr>,
    log: String,
}

impl Program {
    fn start(edge: &LocalEdge, secret: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_edge-oauth-axum-service"))
            .env_clear()
            .env("LISTEN", "127.0.0.1:0")
            .env("RUST_LOG", "trace")
            .env("SITECORE_CLIENT_ID", edge.client_id())
            .env("SITECORE_CLIENT_SECRET", secret)
            .env("SITECORE_AUTH_URL", edge.token_url())
            .env("SITECORE_AUDIENCE", AUDIENCE)
            .env("SITECORE_EDGE_URL", edge.base_url())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = String::new();
        Self { child, stderr, log }
    }

    /// Reads the log up to the line with this text, and returns the line.
    fn wait_for(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.stderr.read_line(&mut line).unwrap();
            assert_ne!(length, 0, "it ended: {}", self.log);
            self.log.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Returns whether it succeeded, and all that it logged.
    fn end(mut self) -> (bool, String) {
        self.stderr.read_to_string(&mut self.log).unwrap();
        (
            self.child.wait().unwrap().success(),
            std::mem::take(&mut self.log),
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn program_serves_until_it_is_terminated_and_logs_no_secret() {
    let edge = LocalEdge::start().unwrap();
    let mut program = Program::start(&edge, edge.client_secret());
    let line = program.wait_for("listening address=");
    let address = line.trim().rsplit('=').next().unwrap().to_owned();

    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0);
    let client = client.build().unwrap();
    let get = |path| client.get(format!("http://{address}{path}")).send();
    assert_eq!(get("/ready").await.unwrap().status(), 200);
    assert_eq!(get("/settings").await.unwrap().status(), 200);
    let scrape = get("/metrics").await.unwrap();
    assert_eq!(
        scrape.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let scrape = scrape.text().await.unwrap();
    let requests = scrape.lines().find(|line| {
        line.starts_with("edge_oauth_token_requests_total{") && line.contains(r#"outcome="token""#)
    });
    assert!(
        requests.is_some_and(|line| line.ends_with(" 1")),
        "{scrape}"
    );

    let pid = program.child.id().to_string();
    assert!(
        Command::new("sh")
            .args(["-c", "kill -TERM $0", &pid])
            .status()
            .unwrap()
            .success()
    );
    let (succeeded, log) = program.end();
    assert!(succeeded && log.contains("stopped"), "{log}");
    for told in [
        "token fetched host=\"127.0.0.1\" client_id=",
        "token_request{host=\"127.0.0.1\" client_id=",
        "request{method=GET path=\"/settings\"}",
    ] {
        assert!(log.contains(told), "{told} is missing in {log}");
    }
    for shown in [&log, &scrape] {
        // Every JWT begins so.
        let leaks = shown.contains(edge.client_secret()) || shown.contains("eyJ");
        assert!(!leaks, "{shown}");
    }
}

#[tokio::test]
async fn wrong_secret_ends_the_start_with_an_error() {
    let edge = LocalEdge::start().unwrap();
    let (succeeded, log) = Program::start(&edge, "wr0ng").end();
    assert!(!succeeded && log.contains("status 401"), "{log}");
    assert!(!log.contains("wr0ng"), "{log}");
}
