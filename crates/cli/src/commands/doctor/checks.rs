//! The checks, one after the other, each on what the ones before it found.

use std::collections::VecDeque;
use std::time::Duration;

use edge_oauth_driver::Store;
use edge_oauth_no_io::{AccessToken, Claim, Config, StoreError, TokenError, printable};

use crate::args::ClientArgs;
use crate::cache;
use crate::client_auth::plan::{CLIENT_SECRET as SECRET, Client};
use crate::commands::doctor::credentials;
use crate::commands::doctor::finding::{Finding, Outcome};
use crate::commands::doctor::subject::Subject;
use crate::error::Exit;
use crate::output::timestamp;

/// The checks in their order. If a check fails that others depend on, those are skipped.
pub(super) struct Examination {
    checks: std::vec::IntoIter<Check>,
    args: ClientArgs,
    pub(super) subject: Option<Subject>,
    /// The reason why the remaining network checks are skipped.
    pub(super) blocked: Option<&'static str>,
    /// The server's clock and ours, from the response to a request without credentials.
    pub(super) clocks: Option<(Option<Duration>, Duration)>,
    /// The finding about TLS, from the connection.
    pub(super) tls: Option<Finding>,
    token: Option<AccessToken>,
    /// Findings about the credentials that are not shown yet.
    pending: VecDeque<Finding>,
    /// The reason why there are no usable credentials. The network is checked all the same.
    unready: Option<&'static str>,
}

type Check = fn(&mut Examination) -> Finding;

impl Examination {
    pub(super) fn new(args: ClientArgs) -> Self {
        let checks: Vec<Check> = vec![
            Self::configuration,
            Self::own_credentials,
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
            subject: None,
            blocked: None,
            clocks: None,
            tls: None,
            token: None,
            pending: VecDeque::new(),
            unready: None,
        }
    }

    fn configuration(&mut self) -> Finding {
        match Subject::new(&self.args) {
            Ok(subject) => {
                let values = subject.settings.sources.texts();
                let values = values.filter(|(name, _)| *name != SECRET);
                let values = values.map(|(name, origin)| format!("{name}: {origin}"));
                let says = values.collect::<Vec<_>>().join("; ");
                self.subject = Some(subject);
                Finding::new(CONFIGURATION, Outcome::Ok, says)
            }
            Err(failure) => {
                self.blocked = Some("there is no usable configuration");
                Finding::failed(CONFIGURATION, failure)
            }
        }
    }

    /// Returns the first finding. The others are kept until they are shown.
    fn own_credentials(&mut self) -> Finding {
        let Some(subject) = &mut self.subject else {
            return self.skipped(SECRET);
        };
        self.pending = credentials::examine(subject).into();
        let failed = |finding: &Finding| matches!(finding.outcome, Outcome::Fail(_));
        if self.pending.iter().any(failed) {
            self.unready = Some(match subject.settings.plan.client {
                Client::Secret(..) => NO_SECRET,
                _ => NO_CREDENTIALS,
            });
        }
        let first = self.pending.pop_front();
        first.unwrap_or_else(|| self.skipped(SECRET))
    }

    /// Requests one token from the server, without the cache.
    fn credentials(&mut self) -> Finding {
        self.blocked = self.blocked.or(self.unready);
        let (Some(subject), None) = (&self.subject, self.blocked) else {
            return self.skipped(CREDENTIALS);
        };
        let (config, credentials) = (&subject.settings.config, &subject.settings.credentials);
        let fetched = subject
            .budget
            .spend(|left| credentials.fetch(&subject.transport, config, left));
        match fetched {
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
                    TokenError::Credential(_) => Exit::Credentials,
                    _ => Exit::Refused,
                };
                let next = subject
                    .settings
                    .advice(&error)
                    .unwrap_or(match error.is_transient() {
                        true => "retry later",
                        false => "run edge-oauth request, which shows the token request",
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
                "the server does not say the lifetime of its tokens",
            ),
            Some(life) if life <= SHORT_LIFE => {
                let life = timestamp::span(life);
                let says = format_args!("{life}: too short for a cached token to be of use");
                Finding::new(LIFE, Outcome::Warn, says).next(Some(
                    "set a longer lifetime in the server's settings of the API or the client",
                ))
            }
            Some(life) => Finding::new(LIFE, Outcome::Ok, timestamp::span(life)),
        }
    }

    /// Checks the cache. A fault of the cache is a warning, since a run goes on without it.
    fn cache(&mut self) -> Finding {
        let Some(subject) = &self.subject else {
            return self.skipped(CACHE);
        };
        let settings = &subject.settings;
        if settings.no_cache {
            return Finding::new(CACHE, Outcome::Skip, "--no-cache");
        }
        if let Some(unready) = self.unready {
            return Finding::new(CACHE, Outcome::Skip, unready);
        }
        let Some(keys) = settings.store_keys() else {
            return Finding::new(
                CACHE,
                Outcome::Skip,
                "there is no credential to encrypt it with",
            );
        };
        let probed = keys.and_then(|keys| match &settings.store {
            Some(url) => look(&*cache::shared(url, keys)?, &settings.config),
            None => cache::open(keys)?.probe(&settings.config),
        });
        match probed {
            Ok(true) => Finding::new(CACHE, Outcome::Ok, "usable"),
            Ok(false) => Finding::new(CACHE, Outcome::Ok, "in use: another run holds its lock"),
            Err(error) => Finding::new(CACHE, Outcome::Warn, error.detail()).next(Some(
                "repair the folder or the shared store: until then each run requests its own token",
            )),
        }
    }

    pub(super) fn skipped(&self, check: &'static str) -> Finding {
        let because = self.blocked.unwrap_or("there was no response");
        Finding::new(check, Outcome::Skip, because)
    }
}

/// Returns whether a shared store contains a token. Takes no lease.
fn look(store: &dyn Store, config: &Config) -> Result<bool, StoreError> {
    let look = Claim {
        known: 0,
        lease: Duration::ZERO,
        max_error_age: Duration::ZERO,
        until: Duration::ZERO,
        timeout: STORE_PATIENCE,
    };
    store.claim(&store.key(config)?, &look).map(|_| true)
}

impl Iterator for Examination {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        if let Some(finding) = self.pending.pop_front() {
            return Some(finding);
        }
        let check = self.checks.next()?;
        Some(check(self))
    }
}

const CONFIGURATION: &str = "configuration";
const NO_SECRET: &str = "there is no client secret";
const NO_CREDENTIALS: &str = "there are no usable credentials";
const CREDENTIALS: &str = "credentials and audience";
const LIFE: &str = "lifetime of a token";
const CACHE: &str = "cache";

const SHORT_LIFE: Duration = Duration::from_secs(60);
const SHOWN: usize = 256;
const STORE_PATIENCE: Duration = Duration::from_secs(2);
