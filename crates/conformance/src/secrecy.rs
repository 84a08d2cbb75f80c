//! Every way in which a token request can go wrong, while everything that could tell a secret is heard.

use std::time::Duration;

use edge_oauth_local::{AUDIENCE, LocalEdge};
use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, Config, RequestLimits, Secret, TokenError, token_request,
    token_response,
};

use crate::exchange::{LONG, send_request};
use crate::faults::{FaultyServer, WIRE_FAULTS, WireFault};
use crate::planted::SECRET;
use crate::subject::Subject;
use crate::watch::watch;

/// Sends token requests of each kind: to the local Edge, which grants a token, and to every
/// [`WireFault`](crate::WireFault), in the clear and over TLS. No secret may be told by an error, nor be
/// logged or traced. Lines that begin with the signs of life have to be, or the library does not log at all.
///
/// It takes the loggers of the process, as the cases do.
pub fn nothing_secret_is_told<S: Subject>(signs_of_life: &[&str]) {
    let watch = watch();
    let (edge, server) = (LocalEdge::start().unwrap(), FaultyServer::start());
    watch.plant("the client secret of the local Edge", edge.client_secret());
    let plain = S::new();
    for config in kinds(edge.token_url(), edge.client_id(), edge.client_secret()) {
        let bounds = RequestLimits::token(LONG);
        let response = send_request(&plain, token_request(&config).unwrap(), bounds).unwrap();
        let token = token_response(&config, &response).unwrap();
        watch.plant("a token of the local Edge", token.expose());
    }

    let trusting = S::trusting(&server.ca_pem());
    for fault in WIRE_FAULTS {
        for (url, subject) in server.urls(fault).iter().zip([&plain, &trusting]) {
            for config in kinds(url, "my-client", SECRET) {
                let error = fails(subject, &config, fault, &server);
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
    config: &Config,
    fault: &WireFault,
    server: &FaultyServer,
) -> TokenError {
    let played = server.played(fault);
    let mut time = if fault.ends() { LONG } else { SHORT };
    loop {
        let error = match send_request(
            subject,
            token_request(config).unwrap(),
            RequestLimits::token(time),
        ) {
            Ok(response) => token_response(config, &response).unwrap_err(),
            Err(error) => error.into(),
        };
        if server.played(fault) > played {
            return error;
        }
        assert!(time < LONG, "{} was not played: {error}", fault.path);
        time *= 2;
    }
}

/// The ways to send the credentials.
fn kinds(url: &str, id: &str, secret: &str) -> [Config; 4] {
    let config = Config::builder(url, id)
        .client_secret(Secret::new(secret))
        .audience(AUDIENCE);
    [
        config.clone(),
        config.clone().basic_auth(BasicEncoding::Percent),
        config.clone().basic_auth(BasicEncoding::Plus),
        config.body_format(BodyFormat::Json),
    ]
    .map(|config| config.build().unwrap())
}

const SHORT: Duration = Duration::from_millis(100);
