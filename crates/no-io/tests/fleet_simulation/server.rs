//! The token server: it issues tokens, refuses, and hangs as scripted.

use std::collections::{HashMap, HashSet};

use edge_oauth_no_io::{Completion, SecretBytes, TransportError, TransportErrorKind};
use http::Response;

use crate::Time;
use crate::world::Life;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reply {
    Token,
    /// 503 without words.
    Unavailable,
    /// 401 `invalid_client`.
    InvalidClient,
    /// 429 with this many seconds.
    TooMany(u64),
    /// The connection is closed.
    Closed,
    /// Its certificate is wrong: a permanent error that is not shared.
    WrongCertificate,
}

pub(crate) struct Token {
    pub issued: Time,
    pub lifetime: Time,
    /// The process that requested it.
    pub by: Life,
    /// That process had no valid token, or its last request had failed: it may refresh this one earlier.
    pub is_first: bool,
}

pub(crate) struct Server {
    pub reply: Reply,
    pub lifetime: Time,
    /// The shortest and the longest time of a response.
    pub takes: (Time, Time),
    /// The secrets that it knows.
    pub secrets: HashSet<String>,
    pub issued: Vec<Token>,
    pub revoked: HashMap<usize, Time>,
    /// All requests that arrived.
    pub requests: u64,
}

impl Server {
    pub(crate) fn new(lifetime: Time) -> Self {
        Self {
            reply: Reply::Token,
            lifetime,
            takes: (20_000, 120_000),
            secrets: HashSet::from(["s3cret".to_owned()]),
            issued: Vec::new(),
            revoked: HashMap::new(),
            requests: 0,
        }
    }

    pub(crate) fn respond(&mut self, secret: &str, by: Life, now: Time) -> Completion {
        self.requests += 1;
        let reply = match self.secrets.contains(secret) {
            true => self.reply,
            false => Reply::InvalidClient,
        };
        let (status, body) = match reply {
            Reply::Token => {
                let (number, seconds) = (self.issued.len(), self.lifetime / 1_000_000);
                self.issued.push(Token {
                    issued: now,
                    lifetime: self.lifetime,
                    by,
                    is_first: false,
                });
                let body = format!(r#"{{"access_token":"t{number}","expires_in":{seconds}}}"#);
                (200, body)
            }
            Reply::Unavailable => (503, r#"{"error":"temporarily_unavailable"}"#.to_owned()),
            Reply::InvalidClient => (401, r#"{"error":"invalid_client"}"#.to_owned()),
            Reply::TooMany(_) => (429, String::new()),
            Reply::Closed | Reply::WrongCertificate => {
                let kind = match reply {
                    Reply::Closed => TransportErrorKind::Closed,
                    _ => TransportErrorKind::Tls,
                };
                return Completion::Failed(TransportError::new(kind, ""));
            }
        };
        let mut response = Response::builder().status(status);
        if let Reply::TooMany(seconds) = reply {
            response = response.header("retry-after", seconds);
        }
        let body = SecretBytes::new(body.into_bytes());
        Completion::Response(response.body(body).unwrap())
    }

    /// Revokes each token that was issued so far: the API rejects it from now on.
    pub(crate) fn revoke_all(&mut self, now: Time) {
        for number in 0..self.issued.len() {
            self.revoked.entry(number).or_insert(now);
        }
    }

    pub(crate) fn ends(&self, token: usize) -> Time {
        let token = &self.issued[token];
        token.issued + token.lifetime
    }

    /// Returns the part of its lifetime before which this process must not refresh the token, in percent. The first token
    /// after a start or an outage is refreshed from 40 % on, by the process that requested it.
    pub(crate) fn young(&self, token: usize, process: Life) -> Time {
        let token = &self.issued[token];
        match token.is_first && token.by == process {
            true => 38,
            false => 70,
        }
    }
}
