//! Checks of the network path to the server, and of its clock.

use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

use edge_oauth_no_io::{TransportError, TransportErrorKind as Kind};

use crate::commands::doctor::checks::Examination;
use crate::commands::doctor::finding::{Finding, Outcome};
use crate::error::Exit;
use crate::input::timeout::within;
use crate::output::timestamp;

impl Examination {
    pub(super) fn resolution(&mut self) -> Finding {
        let Some(subject) = &self.subject else {
            return self.skipped(RESOLUTION);
        };
        let host = subject.endpoint.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<IpAddr>().is_ok() {
            let says = format_args!("{bare} is an address");
            return Finding::new(RESOLUTION, Outcome::Skip, says);
        }
        match subject.proxy() {
            Ok(None) => {}
            Ok(Some(proxy)) => {
                let variable = proxy.variable();
                let says = format_args!("the proxy {proxy} looks up {host}, as {variable} has it");
                return Finding::new(RESOLUTION, Outcome::Skip, says);
            }
            Err(error) => {
                self.blocked = Some("a proxy variable cannot be honoured");
                return Finding::new(RESOLUTION, Outcome::Fail(Exit::Network as u8), error);
            }
        }
        let (name, port) = (bare.to_owned(), subject.port());
        let lookup = move || match (name.as_str(), port).to_socket_addrs() {
            Ok(addresses) => addresses.map(|address| address.ip().to_string()).collect(),
            Err(_) => Vec::new(),
        };
        let looked_up = subject.budget.spend(|left| within(left, lookup));
        let Some(mut addresses): Option<Vec<String>> = looked_up else {
            self.blocked = Some("the host has no address");
            let says = format_args!("{host}: no response of the name server in time");
            return Finding::new(RESOLUTION, Outcome::Fail(Exit::Network as u8), says)
                .next(Some("check this machine's DNS, or use a longer --timeout"));
        };
        addresses.dedup();
        addresses.truncate(SHOWN);
        if addresses.is_empty() {
            self.blocked = Some("the host has no address");
            let says = format_args!("{host} has no address");
            return Finding::new(RESOLUTION, Outcome::Fail(Exit::Network as u8), says).next(Some(
                "check the host of the token endpoint, and this machine's DNS or proxy",
            ));
        }
        let says = format_args!("{host} is {}", addresses.join(", "));
        Finding::new(RESOLUTION, Outcome::Ok, says)
    }

    /// Sends a request without credentials. Every response passes.
    pub(super) fn connection(&mut self) -> Finding {
        let (Some(subject), None) = (&self.subject, self.blocked) else {
            return self.skipped(CONNECTION);
        };
        let authority = subject.authority();
        let before = timestamp::now();
        let error = match subject.knock() {
            Ok(date) => {
                let middle = before + timestamp::now().saturating_sub(before) / 2;
                self.clocks = Some((date, middle));
                self.tls = Some(match subject.is_https() {
                    true => Finding::new(TLS, Outcome::Ok, "the server's certificate is trusted"),
                    false => {
                        Finding::new(TLS, Outcome::Skip, "http, which is allowed on the loopback")
                    }
                });
                let says = format_args!("{authority} responds");
                return Finding::new(CONNECTION, Outcome::Ok, says);
            }
            Err(error) => error,
        };
        match error.kind() {
            Kind::Certificate | Kind::ClientCertificate | Kind::Tls => {
                self.blocked = Some("there is no TLS with the server");
                self.tls = Some(no_tls(&error));
                let says = format_args!("{authority} accepts connections");
                Finding::new(CONNECTION, Outcome::Ok, says)
            }
            _ => {
                self.blocked = Some("the server cannot be reached");
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

    pub(super) fn tls(&mut self) -> Finding {
        self.tls.take().unwrap_or_else(|| self.skipped(TLS))
    }

    pub(super) fn clock(&mut self) -> Finding {
        let (server, ours) = match self.clocks {
            Some((Some(server), ours)) => (server, ours),
            Some((None, _)) => {
                return Finding::new(CLOCK, Outcome::Skip, "the server's responses have no date");
            }
            None => return self.skipped(CLOCK),
        };
        let skew = server.abs_diff(ours);
        let says = match (skew.as_secs(), ours > server) {
            (0 | 1, _) => "as the server's".to_owned(),
            (_, true) => format!("{} ahead of the server's", timestamp::span(skew)),
            (_, false) => format!("{} behind the server's", timestamp::span(skew)),
        };
        let outcome = match skew {
            skew if skew > SKEW_FAILS => Outcome::Fail(Exit::Other as u8),
            skew if skew > SKEW_WARNS => Outcome::Warn,
            _ => return Finding::new(CLOCK, Outcome::Ok, says),
        };
        Finding::new(CLOCK, outcome, says).next(Some(SET_CLOCK))
    }
}

fn no_tls(error: &TransportError) -> Finding {
    let next = match error.kind() {
        Kind::Certificate => {
            "check this machine's clock and the endpoint's host; if a proxy of your network opens TLS, or the server's authority is private, name its certificate with --cacert"
        }
        Kind::ClientCertificate => {
            "use --client-cert FILE and --client-key FILE: the server requires a client certificate that it trusts"
        }
        _ => "check that the port speaks TLS, version 1.2 or later",
    };
    Finding::new(TLS, Outcome::Fail(Exit::Network as u8), error).next(Some(next))
}

const RESOLUTION: &str = "name resolution";
const CONNECTION: &str = "connection";
const TLS: &str = "TLS";
const CLOCK: &str = "clock";
const SET_CLOCK: &str =
    "set this machine's clock, best by NTP: the validity of tokens and certificates depends on it";
const SHOWN: usize = 4;
const SKEW_WARNS: Duration = Duration::from_secs(60);
const SKEW_FAILS: Duration = Duration::from_secs(5 * 60);
