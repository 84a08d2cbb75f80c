//! Nothing that is logged, at the most talkative level, has the secret or the token in it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Mutex;
use std::time::Duration;

use edge_oauth_local::{AUDIENCE, Fault, LocalEdge};
use edge_oauth_no_io::{ClientAuth, Config, Secret};
use edge_oauth_reqwest::ReqwestTransport;

struct Lines(Mutex<String>);

static LINES: Lines = Lines(Mutex::new(String::new()));

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut lines = self.0.lock().unwrap();
        *lines += &format!("{} {}\n", record.target(), record.args());
    }

    fn flush(&self) {}
}

#[test]
fn no_log_has_the_secret_or_the_token() {
    log::set_logger(&LINES).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let edge = LocalEdge::start().unwrap();
    let config = Config::new(
        edge.token_url(),
        edge.client_id(),
        Secret::new(edge.client_secret()),
    )
    .and_then(|config| config.audience(AUDIENCE))
    .unwrap();
    let basic = config.clone().client_auth(ClientAuth::Basic).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let transport = ReqwestTransport::new().unwrap();
    let timeout = Duration::from_secs(60);
    let token = runtime.block_on(transport.fetch(&config, timeout)).unwrap();
    runtime.block_on(transport.fetch(&basic, timeout)).unwrap();
    edge.script([Fault::redirect(307, "http://127.0.0.1:1/")])
        .unwrap();
    runtime
        .block_on(transport.fetch(&config, timeout))
        .unwrap_err();

    let lines = LINES.0.lock().unwrap();
    assert!(lines.contains("reqwest"), "the logger is not asked");
    assert!(!lines.contains(edge.client_secret()), "{lines}");
    assert!(!lines.contains(token.expose()), "{lines}");
    assert!(!lines.to_ascii_lowercase().contains("basic "), "{lines}");
}
