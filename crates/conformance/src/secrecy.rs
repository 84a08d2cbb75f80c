//! What is logged on the way, at the most talkative level.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_local::{AUDIENCE, Fault, LocalEdge};
use edge_oauth_no_io::{
    BodyFormat, Bounds, ClientAuth, Config, Secret, SecretBytes, TransportError, token_request,
    token_response,
};
use http::{Request, Response};

/// Sends token requests of each kind, some of which fail, and looks for the secret and the tokens in all
/// that was logged. `sign_of_life` has to be in it, or the library does not log at all.
///
/// The logger is that of the process: call this in a test of a file of its own, once.
pub fn nothing_secret_is_logged(
    sign_of_life: &str,
    send: impl Fn(Request<SecretBytes>, Bounds) -> Result<Response<SecretBytes>, TransportError>,
) {
    ::log::set_logger(&LINES).expect("this is the only logger of the process");
    ::log::set_max_level(::log::LevelFilter::Trace);
    let edge = LocalEdge::start().expect("the loopback has a free port");
    let config = Config::new(
        edge.token_url(),
        edge.client_id(),
        Secret::new(edge.client_secret()),
    )
    .and_then(|config| config.audience(AUDIENCE))
    .expect("the local Edge's own values are sound");
    let basic = config
        .clone()
        .client_auth(ClientAuth::Basic)
        .expect("one way of authentication");
    let json = config.clone().body_format(BodyFormat::Json);
    let exchange = |config: &Config| {
        let response = send(
            token_request(config),
            Bounds::token(Duration::from_secs(30)),
        )?;
        token_response(config, &response)
    };
    let tokens: Vec<_> = [&config, &basic, &json]
        .map(|config| exchange(config).expect("a token"))
        .into();
    for fault in [
        Fault::status(401).body(format!("{{\"error\":\"{}\"}}", edge.client_secret())),
        Fault::status(500).body(edge.client_secret()),
        Fault::redirect(307, "http://127.0.0.1:1/"),
    ] {
        edge.script([fault]).expect("a fault that can be sent");
        exchange(&basic).expect_err("a fault");
    }

    let secrets = tokens.iter().map(|token| token.expose());
    let secrets: Vec<_> = secrets
        .chain([edge.client_secret(), "bG9jYWwtY2xpZW50"])
        .collect();
    assert_nothing_logged(sign_of_life, &secrets);
}

/// Looks for these in all that was logged since [`nothing_secret_is_logged`] was called, in plain and
/// across the rows of a dump.
pub fn assert_nothing_logged(sign_of_life: &str, secrets: &[&str]) {
    let lines = LINES.0.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(lines.contains(sign_of_life), "the logger is not asked");
    // A dump has the readable characters of each row at its end.
    let dumped: String = lines
        .lines()
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    for secret in secrets {
        assert!(
            !lines.contains(secret) && !dumped.contains(secret),
            "{lines}"
        );
    }
}

struct Lines(Mutex<String>);

static LINES: Lines = Lines(Mutex::new(String::new()));

impl ::log::Log for Lines {
    fn enabled(&self, _: &::log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &::log::Record<'_>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *lines += &format!("{} {}\n", record.target(), record.args());
    }

    fn flush(&self) {}
}
