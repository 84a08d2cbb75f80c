//! The token server: it issues tokens, refuses, and hangs as scripted.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, UNIX_EPOCH};

use edge_oauth_no_io::{Completion, SecretBytes, TransportError, TransportErrorKind};
use http::Response;

use crate::credentials::KEY;
use crate::random::Random;
use crate::world::Life;
use crate::{SECOND, Time, wall};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reply {
    Token,
    /// 503 without words.
    Unavailable,
    /// 401 `invalid_client`.
    InvalidClient,
    /// 429 with this many seconds.
    TooMany(u64),
    /// 503 with a date that is so many seconds away.
    UnavailableUntil(u64),
    /// 429 with a used-up quota that is reset after so many seconds.
    QuotaUsedUp(u64),
    /// 429 with a used-up rate that is reset at a Unix time, so many seconds away.
    RateUsedUp(u64),
    /// 429 with a wait of years, a mistake that is ignored.
    WaitOfYears,
    /// Any error with a wait of up to half a minute, or a token.
    Any,
    /// A page of HTML.
    Page,
    /// A redirect.
    Redirect,
    /// Bytes that are no token response.
    Nonsense,
    /// Never responds.
    Hangs,
    /// The connection is closed.
    Closed,
    /// Its certificate is wrong: a permanent error that is not shared.
    WrongCertificate,
}

impl Reply {
    fn or_any(self, random: &mut Random) -> Self {
        if self != Self::Any {
            return self;
        }
        let seconds = random.between(1, 30);
        let replies = [
            Self::Token,
            Self::Unavailable,
            Self::InvalidClient,
            Self::TooMany(seconds),
            Self::UnavailableUntil(seconds),
            Self::QuotaUsedUp(seconds),
            Self::RateUsedUp(seconds),
            Self::WaitOfYears,
            Self::Closed,
            Self::Page,
            Self::Redirect,
            Self::Nonsense,
            Self::Hangs,
        ];
        replies[random.below(replies.len())]
    }
}

pub(crate) struct Token {
    pub issued: Time,
    /// To other processes its lifetime counts from the lease.
    pub counts_from: Time,
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

/// The reaction of the server to a request.
pub(crate) struct Responded {
    /// `None`: it never responds.
    pub completion: Option<Completion>,
    /// How long it asks the process to wait.
    pub wait: Time,
}

impl Server {
    pub(crate) fn new(lifetime: Time) -> Self {
        Self {
            reply: Reply::Token,
            lifetime,
            takes: (20_000, 120_000),
            secrets: HashSet::from(["s3cret".to_owned(), KEY.to_owned()]),
            issued: Vec::new(),
            revoked: HashMap::new(),
            requests: 0,
        }
    }

    pub(crate) fn respond(
        &mut self,
        secret: &str,
        by: Life,
        now: Time,
        random: &mut Random,
    ) -> Responded {
        self.requests += 1;
        let reply = match self.secrets.contains(secret) {
            true => self.reply.or_any(random),
            false => Reply::InvalidClient,
        };
        let at_once = |completion| Responded {
            completion,
            wait: 0,
        };
        let (status, body) = match reply {
            Reply::Token => {
                let (number, seconds) = (self.issued.len(), self.lifetime / 1_000_000);
                self.issued.push(Token {
                    issued: now,
                    counts_from: now,
                    lifetime: self.lifetime,
                    by,
                    is_first: false,
                });
                let body = format!(r#"{{"access_token":"t{number}","expires_in":{seconds}}}"#);
                (200, body)
            }
            Reply::Unavailable => (503, r#"{"error":"temporarily_unavailable"}"#.to_owned()),
            Reply::InvalidClient => (401, r#"{"error":"invalid_client"}"#.to_owned()),
            Reply::UnavailableUntil(_) | Reply::Any => (503, String::new()),
            Reply::TooMany(_)
            | Reply::QuotaUsedUp(_)
            | Reply::RateUsedUp(_)
            | Reply::WaitOfYears => (429, String::new()),
            Reply::Page => (502, "<html><title>Bad Gateway</title></html>".to_owned()),
            Reply::Redirect => (302, String::new()),
            Reply::Nonsense => (200, r#"{"access_token":7"#.to_owned()),
            Reply::Hangs => return at_once(None),
            Reply::Closed | Reply::WrongCertificate => {
                let kind = match reply {
                    Reply::Closed => TransportErrorKind::Closed,
                    _ => TransportErrorKind::Tls,
                };
                return at_once(Some(Completion::Failed(TransportError::new(kind, ""))));
            }
        };
        let mut response = Response::builder().status(status);
        let date = |seconds| httpdate::fmt_http_date(UNIX_EPOCH + wall(now, 0) + seconds);
        let mut wait = 0;
        match reply {
            Reply::TooMany(seconds) => {
                response = response.header("retry-after", seconds);
                wait = seconds;
            }
            Reply::UnavailableUntil(seconds) => {
                let until = date(Duration::from_secs(seconds));
                response = response.header("date", date(Duration::ZERO));
                response = response.header("retry-after", until);
                wait = seconds;
            }
            Reply::QuotaUsedUp(seconds) => {
                let quota = format!("b=per_hour;q=10;r=0;t={seconds}");
                response = response.header("auth0-client-quota-limit", quota);
                wait = seconds;
            }
            Reply::RateUsedUp(seconds) => {
                let reset = wall(now, 0).as_secs() + seconds;
                response = response.header("date", date(Duration::ZERO));
                response = response.header("x-ratelimit-remaining", 0);
                response = response.header("x-ratelimit-reset", reset);
                wait = seconds;
            }
            Reply::WaitOfYears => response = response.header("retry-after", 1_000_000_000),
            Reply::Redirect => response = response.header("location", "https://other.example/"),
            _ => {}
        }
        let body = SecretBytes::new(body.into_bytes());
        let response = response.body(body).unwrap();
        Responded {
            completion: Some(Completion::Response(response)),
            wait: wait * SECOND,
        }
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
