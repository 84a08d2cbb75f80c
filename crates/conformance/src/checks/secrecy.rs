//! The check that no error, log line or trace of a token request contains a secret, for every fault.

use std::time::Duration;

use edge_oauth_local::{LocalEdge, Options};
use edge_oauth_no_io::TokenError;

use crate::exchange::LONG;
use crate::oauth::credentials::{Credentials, Secretless};
use crate::secrecy::planted::SECRET;
use crate::secrecy::watch::watch;
use crate::server::wire_faults::{FaultyServer, WIRE_FAULTS, WireFault};
use crate::subject::Subject;

/// Sends token requests of each kind, with a secret and with an assertion: to the local Edge, which grants a token, and to
/// every [`WireFault`](crate::WireFault), with and without TLS. Fails if an error, a log line or a trace contains a secret, a
/// key or an assertion.
///
/// Fails as well if no log line begins with one of the prefixes, since then the library does not log at all. Like the
/// cases, it takes the loggers of the process.
pub fn check_secrecy<S: Subject>(log_prefixes: &[&str]) {
    let watch = watch();
    let (edge, server) = (LocalEdge::start().unwrap(), FaultyServer::start());
    watch.plant("the client secret of the local Edge", edge.client_secret());
    let plain = S::new();
    let (url, id, secret) = (edge.token_url(), edge.client_id(), edge.client_secret());
    let secretless = Secretless::new();
    let options = Options::default().client(secretless.registered());
    let other_edge = LocalEdge::start_with(options).unwrap();
    let with_secret = Credentials::with_secret(url, id, secret);
    let signing = secretless.signing(other_edge.token_url());
    let asserting = secretless.asserting(other_edge.token_url());
    let granted = with_secret.iter().chain(&signing);
    for credentials in granted.chain([&asserting]) {
        let token = credentials.token(&plain, LONG).unwrap();
        watch.plant("a token of the local Edge", token.expose());
    }

    let trusting = S::trusting(&server.ca_pem());
    for fault in WIRE_FAULTS {
        for (url, subject) in server.urls(fault).iter().zip([&plain, &trusting]) {
            let with_secret = Credentials::with_secret(url, "my-client", SECRET);
            let signing = secretless.signing(url);
            let exchanging = secretless.exchanging(url);
            let secretless = signing.iter().chain([&exchanging]);
            for credentials in with_secret.iter().chain(secretless) {
                let error = fails(subject, credentials, fault, &server);
                watch.assert_no_secret_in_error(&error);
                let texts = [error.code(), error.description(), error.hint()];
                for text in texts.into_iter().flatten() {
                    watch.planted().assert_not_in(text);
                }
                let status = error.status().map(|status| status.as_u16());
                let of_fault = fault.status().or(status);
                assert_eq!(status, of_fault, "{}: {error}", fault.path);
                let mut texts = texts.into_iter().flatten();
                assert!(
                    !fault.echoes() || texts.any(|text| text.contains("[withheld: ")),
                    "{} repeats no secret: {error}",
                    fault.path
                );
            }
        }
        watch.assert_no_secret_logged();
    }
    for prefix in log_prefixes {
        watch.assert_logged(prefix);
    }
}

/// Returns the error of a token request that met this fault. If a short time limit ends before, it tries a longer one.
fn fails<S: Subject>(
    subject: &S,
    credentials: &Credentials,
    fault: &WireFault,
    server: &FaultyServer,
) -> TokenError {
    let played = server.played(fault);
    let mut time = if fault.ends() { LONG } else { SHORT };
    loop {
        let error = credentials.token(subject, time).unwrap_err();
        if server.played(fault) > played {
            return error;
        }
        assert!(time < LONG, "{} was not played: {error}", fault.path);
        time *= 2;
    }
}

const SHORT: Duration = Duration::from_millis(100);
