//! The checks, one after the other, each on what the ones before it found.

use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

use edge_oauth_no_io::{AccessToken, TokenError, TransportError, TransportErrorKind as Kind};
use edge_oauth_ureq::UreqTransport;

use crate::args::ClientArgs;
use crate::cache::Store;
use crate::commands::doctor::patient::Patient;
use crate::commands::doctor::{Finding, Outcome};
use crate::failure::{Exit, Failure};
use crate::text::printable;
use crate::times;

/// Walks through the checks. What one of them cannot go on without, the next ones skip.
pub(super) struct Examination {
    checks: std::vec::IntoIter<Check>,
    args: ClientArgs,
    patient: Option<Patient>,
    /// What keeps the remaining checks of the network from making sense.
    blocked: Option<&'static str>,
    /// The server's clock and ours, from the answer to a harmless request.
    clocks: Option<(Option<Duration>, Duration)>,
    tls: Option<Finding>,
    token: Option<AccessToken>,
}

type Check = fn(&mut Examination) -> Finding;

impl Examination {
    pub(super) fn new(args: ClientArgs) -> Self {
        let checks: Vec<Check> = vec![
            Self::configuration,
            Self::secret,
            Self::resolution,
            Self::connection,
            Self::tls,
            Self::clock,
            Self::credentials,
            Self::life,
            Self::cache,
        ];
        Self {
            checks: checks.into_iter(),
            args,
            patient: None,
            blocked: None,
            clocks: None,
            tls: None,
            token: None,
        }
    }

    fn configuration(&mut self) -> Finding {
        match Patient::new(&self.args) {
            Ok(patient) => {
                let values = patient.settings.sources.iter();
                let values = values.filter(|(name, _)| *name != SECRET);
                let values = values.map(|(name, origin)| format!("{name}: {origin}"));
                let says = values.collect::<Vec<_>>().join("; ");
                self.patient = Some(patient);
                Finding::new(CONFIGURATION, Outcome::Ok, says)
            }
            Err(failure) => {
                self.blocked = Some("there is no usable configuration");
                failed(CONFIGURATION, failure)
            }
        }
    }

    fn secret(&mut self) -> Finding {
        let Some(patient) = &self.patient else {
            return self.skipped(SECRET);
        };
        let mut sources = patient.settings.sources.iter();
        let origin = sources.find(|(name, _)| *name == SECRET);
        let origin = origin.map_or("there is one", |(_, origin)| origin);
        Finding::new(SECRET, Outcome::Ok, origin)
    }

    fn resolution(&mut self) -> Finding {
        let Some(patient) = &self.patient else {
            return self.skipped(RESOLUTION);
        };
        let host = patient.endpoint.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<IpAddr>().is_ok() {
            return Finding::new(
                RESOLUTION,
                Outcome::Skip,
                format_args!("{bare} is an address"),
            );
        }
        if let Some(proxy) = patient.proxy() {
            let says = format_args!(
                "the proxy {}:{} looks up {host}",
                proxy.host(),
                proxy.port()
            );
            return Finding::new(RESOLUTION, Outcome::Skip, says);
        }
        let addresses = match (bare, patient.port()).to_socket_addrs() {
            Ok(addresses) => addresses.map(|address| address.ip().to_string()).collect(),
            Err(_) => Vec::new(),
        };
        if addresses.is_empty() {
            self.blocked = Some("the host has no address");
            let says = format_args!("{host} has no address");
            return Finding::new(RESOLUTION, Outcome::Fail(Exit::Network as u8), says).next(Some(
                "check the host of the token endpoint, and this machine's DNS or proxy",
            ));
        }
        let mut distinct = addresses;
        distinct.dedup();
        distinct.truncate(4);
        Finding::new(
            RESOLUTION,
            Outcome::Ok,
            format_args!("{host} is {}", distinct.join(", ")),
        )
    }

    /// A request without credentials; any answer is good.
    fn connection(&mut self) -> Finding {
        let (Some(patient), None) = (&self.patient, self.blocked) else {
            return self.skipped(CONNECTION);
        };
        let authority = patient.authority();
        let reached = format!("{authority} answers");
        let before = times::now();
        let error = match patient.knock() {
            Ok(date) => {
                let middle = before + times::now().saturating_sub(before) / 2;
                self.clocks = Some((date, middle));
                self.tls = Some(match patient.is_https() {
                    true => Finding::new(TLS, Outcome::Ok, "the server's certificate is trusted"),
                    false => Finding::new(TLS, Outcome::Skip, "http, which the loopback may do"),
                });
                return Finding::new(CONNECTION, Outcome::Ok, reached);
            }
            Err(error) => error,
        };
        self.blocked = Some("the server cannot be reached");
        match error.kind() {
            Kind::Certificate | Kind::Tls => {
                self.tls = Some(no_tls(&error));
                Finding::new(
                    CONNECTION,
                    Outcome::Ok,
                    format_args!("{authority} accepts connections"),
                )
            }
            _ => {
                let says = format_args!("{authority}: {error}");
                let next = match error.kind() {
                    Kind::Proxy => "check the proxy that HTTPS_PROXY or ALL_PROXY names",
                    Kind::Protocol => "check that the port speaks what the URL says, http or https",
                    _ => "check the endpoint's host and port, and firewalls and proxies on the way",
                };
                Finding::new(CONNECTION, Outcome::Fail(Exit::Network as u8), says).next(Some(next))
            }
        }
    }

    fn tls(&mut self) -> Finding {
        self.tls.take().unwrap_or_else(|| self.skipped(TLS))
    }

    fn clock(&mut self) -> Finding {
        let (server, ours) = match self.clocks {
            Some((Some(server), ours)) => (server, ours),
            Some((None, _)) => {
                return Finding::new(CLOCK, Outcome::Skip, "the server does not date its answers");
            }
            None => return self.skipped(CLOCK),
        };
        let skew = server.abs_diff(ours);
        let says = match (skew.as_secs(), ours > server) {
            (0 | 1, _) => "as the server's".to_owned(),
            (_, true) => format!("{} ahead of the server's", times::span(skew)),
            (_, false) => format!("{} behind the server's", times::span(skew)),
        };
        let outcome = match skew {
            skew if skew > SKEW_FAILS => Outcome::Fail(Exit::Other as u8),
            skew if skew > SKEW_WARNS => Outcome::Warn,
            _ => return Finding::new(CLOCK, Outcome::Ok, says),
        };
        Finding::new(CLOCK, outcome, says).next(Some(SET_CLOCK))
    }

    /// One token, from the server and not kept.
    fn credentials(&mut self) -> Finding {
        let (Some(patient), None) = (&self.patient, self.blocked) else {
            return self.skipped(CREDENTIALS);
        };
        let transport = UreqTransport::with_agent(patient.agent.clone());
        match transport.fetch(&patient.settings.config, patient.settings.timeout) {
            Ok(token) => {
                let says = match token.scope() {
                    Some(scope) => format!("accepted, with the scope {}", printable(scope, SHOWN)),
                    None => "accepted".to_owned(),
                };
                self.token = Some(token);
                Finding::new(CREDENTIALS, Outcome::Ok, says)
            }
            Err(error) => {
                let exit = match &error {
                    TokenError::Transport(_) => Exit::Network,
                    _ => Exit::Refused,
                };
                let next = error.hint().unwrap_or(match error.is_transient() {
                    true => "the same again a little later",
                    false => "edge-oauth request shows what is sent",
                });
                Finding::new(CREDENTIALS, Outcome::Fail(exit as u8), error).next(Some(next))
            }
        }
    }

    fn life(&mut self) -> Finding {
        let Some(token) = &self.token else {
            self.blocked = self.blocked.or(Some("there is no token"));
            return self.skipped(LIFE);
        };
        match token.expires_in() {
            None => Finding::new(
                LIFE,
                Outcome::Warn,
                "the server does not say how long its tokens live",
            ),
            Some(life) if life <= SHORT_LIFE => {
                let says = format_args!(
                    "{}, so runs have little use of a kept one",
                    times::span(life)
                );
                Finding::new(LIFE, Outcome::Warn, says).next(Some(
                    "a longer life in the server's settings of the API or the client",
                ))
            }
            Some(life) => Finding::new(LIFE, Outcome::Ok, times::span(life)),
        }
    }

    /// A run goes on without the cache, so nothing about it is a failure.
    fn cache(&mut self) -> Finding {
        let Some(patient) = &self.patient else {
            return self.skipped(CACHE);
        };
        let settings = &patient.settings;
        if settings.no_cache {
            return Finding::new(CACHE, Outcome::Skip, "--no-cache");
        }
        let locked = Store::open(&settings.config, &settings.secret)
            .and_then(|store| store.lock(Duration::from_secs(1)));
        match locked {
            Ok(_) => Finding::new(CACHE, Outcome::Ok, "usable"),
            Err(problem) => Finding::new(CACHE, Outcome::Warn, problem).next(Some(
                "mend the folder; until then each run asks for a token of its own",
            )),
        }
    }

    fn skipped(&self, check: &'static str) -> Finding {
        let because = self.blocked.unwrap_or("there was no answer");
        Finding::new(check, Outcome::Skip, because)
    }
}

impl Iterator for Examination {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        let check = self.checks.next()?;
        Some(check(self))
    }
}

fn no_tls(error: &TransportError) -> Finding {
    let next = match error.kind() {
        Kind::Certificate => {
            "check this machine's clock and the endpoint's host; where a proxy of your network opens TLS, \
             or the server's authority is private, name its certificate with --cacert"
        }
        _ => "check that the port speaks TLS, version 1.2 or later",
    };
    Finding::new(TLS, Outcome::Fail(Exit::Network as u8), error).next(Some(next))
}

fn failed(check: &'static str, failure: Failure) -> Finding {
    let (status, message, next) = failure.into_parts();
    Finding::new(check, Outcome::Fail(status), message).next(next)
}

const CONFIGURATION: &str = "configuration";
const SECRET: &str = "client secret";
const RESOLUTION: &str = "name resolution";
const CONNECTION: &str = "connection";
const TLS: &str = "TLS";
const CLOCK: &str = "clock";
const CREDENTIALS: &str = "credentials and audience";
const LIFE: &str = "life of a token";
const CACHE: &str = "cache";

const SET_CLOCK: &str = "set this machine's clock, best by NTP: tokens and certificates go by it";
const SKEW_WARNS: Duration = Duration::from_secs(60);
const SKEW_FAILS: Duration = Duration::from_secs(5 * 60);
const SHORT_LIFE: Duration = Duration::from_secs(60);
const SHOWN: usize = 256;
