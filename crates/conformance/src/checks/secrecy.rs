//! Every way in which a token request can go wrong, while everything that could tell a secret is heard.

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
/// every [`WireFault`](crate::WireFault), in the clear and over TLS. No secret, key or assertion may be told by an error, nor be
/// logged or traced. Lines that begin with the signs of life have to be, or the library does not log at all.
///
/// It takes the loggers of the process, as the cases do.
pub fn nothing_secret_is_told<S: Subject>(signs_of_life: &[&str]) {
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
                watch.assert_error_is_silent(&error);
                let told = [error.code(), error.description(), error.hint()];
                for told in told.into_iter().flatten() {
                    watch.planted().assert_not_in(told);
                }
                let status = error.status().map(|status| status.as_u16());
                let of_fault = fault.status().or(status);
                assert_eq!(status, of_fault, "{}: {error}", fault.path);
                let mut told = told.into_iter().flatten();
                assert!(
                    !fault.echoes() || told.any(|told| told.contains("[withheld: ")),
                    "{} repeats no secret: {error}",
                    fault.path
                );
            }
        }
        watch.assert_silent();
    }
    for sign in signs_of_life {
        watch.assert_heard(sign);
    }
}

/// What comes of a token request once this fault was played: a short time may be over before.
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
