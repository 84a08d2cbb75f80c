//! From settings to a token: out of the cache, or from the server and into the cache.

mod calls;
mod events;
mod kept;
mod ready;

use std::time::Duration;

use edge_oauth_driver::{Options, system_time};
use edge_oauth_no_io::{Policy, TokenError, TransportErrorKind};

use crate::cache::{Entry, Problem, Store, as_kept};
use crate::failure::{Exit, Failure};
use crate::http;
use crate::session::events::tell;
use crate::session::kept::{Kept, Renewal, judge};
use crate::settings::Settings;
use crate::terminal;

pub(crate) use crate::session::calls::Calls;
pub(crate) use crate::session::ready::Ready;

/// One configuration, asked for tokens.
#[derive(Debug)]
pub(crate) struct Session {
    settings: Settings,
    store: Option<Store>,
}

/// What the token has to be good for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Want {
    /// At least this much life.
    pub(crate) min_ttl: Duration,
    /// Not the one that is kept.
    pub(crate) force_refresh: bool,
}

impl Session {
    /// Opens the cache. Where that is of no use, a warning says why, and the session does without.
    pub(crate) fn open(settings: Settings) -> Self {
        let store = match settings.credentials.seal() {
            Some(seal) if !settings.no_cache => Store::open(&settings.config, seal)
                .map_err(|problem| warn_of_cache(&problem))
                .ok(),
            _ => None,
        };
        Self { settings, store }
    }

    /// A token that is good for what is wanted, within the time that the user allows. One that is kept
    /// and can be used is never lost or waited for.
    pub(crate) fn token(&self, want: Want) -> Result<Ready, Failure> {
        self.token_within(want, self.settings.timeout)
    }

    fn token_within(&self, want: Want, within: Duration) -> Result<Ready, Failure> {
        let began = system_time();
        let deadline = began.after(within).monotonic;
        let left = || deadline.saturating_sub(system_time().monotonic);
        let Some(store) = &self.store else {
            return self.fetch(left())?.0.promised(want);
        };
        // By force, only what came since this run began, which another run may have asked for.
        let since = match want.force_refresh {
            true => as_kept(began.wall),
            false => Duration::ZERO,
        };
        let look = || {
            let entry = store.read()?.filter(|entry| entry.token.sent() >= since);
            Ok(entry.and_then(|entry| judge(&self.settings.config, &entry, want)))
        };
        let mut kept = look().unwrap_or_default();
        let patience = match kept {
            Some(Kept::Fresh(ready)) => {
                terminal::detail("the token is from the cache");
                return Ok(ready);
            }
            Some(Kept::Due(..)) => Duration::ZERO,
            None => left(),
        };
        let lock = match store.lock(patience) {
            Ok(Some(lock)) => {
                // Whoever had the lock may have brought what is wanted.
                kept = look().unwrap_or_else(|problem| {
                    warn_of_cache(&problem);
                    None
                });
                Some(lock)
            }
            Ok(None) => {
                let Some(Kept::Due(ready, _)) = kept else {
                    return Err(self.busy());
                };
                terminal::detail("another run is renewing the token: the kept one is used");
                return Ok(ready);
            }
            Err(problem) => {
                warn_of_cache(&problem);
                None
            }
        };
        let (ready, entry) = match kept {
            Some(Kept::Fresh(ready)) => {
                terminal::detail("another run brought the token: it is from the cache");
                return Ok(ready);
            }
            Some(Kept::Due(ready, renewal)) => match self.renew(*renewal, left()) {
                Ok((renewed, _)) if renewed.good_until < ready.good_until => return Ok(ready),
                Ok(renewed) => renewed,
                Err(because) => {
                    terminal::warning(format_args!(
                        "the kept token is used, which could not be renewed: {because}"
                    ));
                    return Ok(ready);
                }
            },
            None => self.fetch(left())?,
        };
        if let (Some(lock), Some(entry)) = (&lock, entry) {
            let written = store.write(lock, &entry);
            written.unwrap_or_else(|problem| warn_of_cache(&problem));
        }
        ready.promised(want)
    }

    /// Asks the server, and again where that may help, within this time.
    fn fetch(&self, within: Duration) -> Result<(Ready, Option<Entry>), Failure> {
        let policy = Policy::default().timeout(for_one_exchange(within));
        let options = Options::default().policy(policy).on_event(tell);
        let transport = http::transport(&self.settings)?;
        let source = self.settings.source().options(options).build(transport);
        let asked = system_time();
        let token = source
            .token_within(within)
            .map_err(|error| self.no_token(error))?;
        if token.expires_in().is_none() {
            terminal::detail("that life is assumed: the server does not say");
        }
        // One whose life is hardly longer than its margin is not held, and so not kept either.
        Ok(Ready::fetched(token, source.export(), asked))
    }

    /// The error is for people: there is a token all the same.
    fn renew(&self, renewal: Renewal, within: Duration) -> Result<(Ready, Option<Entry>), String> {
        let transport = http::transport(&self.settings).map_err(|failure| failure.to_string())?;
        let renewed = renewal.send(&transport, &self.settings.credentials, within);
        renewed.map_err(|error| error.to_string())
    }

    fn no_token(&self, error: TokenError) -> Failure {
        let late = matches!(&error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout);
        let advice = self.settings.advice(&error);
        let failure = Failure::from(error);
        let failure = match advice {
            Some(advice) => failure.next(advice),
            None => failure,
        };
        match late {
            true => failure.next(format!(
                "a longer --timeout than {}, or edge-oauth doctor, which checks each step on the way",
                self.patience()
            )),
            false => failure,
        }
    }

    fn busy(&self) -> Failure {
        let message = format!(
            "no token: another run holds the lock of the cache, and did not end within {}",
            self.patience()
        );
        Failure::new(Exit::Network, message)
            .next("the same again, a longer --timeout, or --no-cache")
    }

    fn patience(&self) -> humantime::FormattedDuration {
        humantime::format_duration(self.settings.timeout)
    }
}

fn warn_of_cache(problem: &Problem) {
    terminal::warning(format_args!("the token cache is not used: {problem}"));
}

/// One exchange may take all the time there is, but for the shortest pause between two: so it ends before
/// its caller leaves, whom it tells why.
fn for_one_exchange(within: Duration) -> Duration {
    within.saturating_sub(MIN_BACKOFF).max(within / 2)
}

const MIN_BACKOFF: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use edge_oauth_local::{Fault, LocalEdge};
    use edge_oauth_no_io::{Config, Secret, StoredToken, Tenant};

    use super::*;
    use crate::cache::folder::Folder;
    use crate::client_auth::plan::Plan;
    use crate::settings::Sources;

    /// A session with its cache in a folder of its own, and a token in it that has lived this part of
    /// its life, in percent.
    fn session(edge: &LocalEdge, name: &str, lived: u32) -> (Session, Scratch) {
        let secret = Secret::new(edge.client_secret());
        let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret.clone())
            .and_then(|config| config.to_builder().endpoint(edge.token_url()).build())
            .unwrap();
        let path = std::env::temp_dir().join(format!("edge-oauth-{}-{name}", std::process::id()));
        let scratch = Scratch(path.clone());
        let store = Store::in_folder(Folder::open(path).unwrap(), &config, &secret);
        let lifetime = Duration::from_secs(10_000);
        let sent = system_time().wall - lifetime * lived / 100;
        let key = config.cache_key().clone();
        let token = StoredToken::new(key, Secret::new("kept"), None, sent, lifetime);
        let assumed = false;
        let lock = store.lock(Duration::ZERO).unwrap().unwrap();
        store.write(&lock, &Entry { token, assumed }).unwrap();
        let settings = Settings {
            config,
            client_id: edge.client_id().to_owned(),
            credentials: Plan::secret_post().placeholder(&secret).credentials,
            plan: Plan::secret_post(),
            edge_url: None,
            timeout: Duration::from_secs(30),
            cacert: None,
            no_cache: false,
            sources: Sources::default(),
            is_bound: false,
        };
        let session = Session {
            settings,
            store: Some(store),
        };
        (session, scratch)
    }

    /// A folder that goes with the test.
    struct Scratch(PathBuf);

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_token_that_is_due_is_renewed_and_serves_through_an_outage() {
        let edge = LocalEdge::start().unwrap();
        let (session, _scratch) = session(&edge, "due", 95);
        edge.script([
            Fault::status(400).body(r#"{"error":"invalid_request"}"#),
            Fault::status(503),
        ])
        .unwrap();
        for requests in [1, 2] {
            let ready = session.token(Want::default()).unwrap();
            assert_eq!(ready.token.expose(), "kept");
            assert_eq!(edge.served().token_requests, requests, "one try, no more");
        }
        for _ in 0..2 {
            let ready = session.token(Want::default()).unwrap();
            assert!(ready.token.expose().starts_with("ey"));
            assert_eq!(edge.served().token_requests, 3);
        }
    }

    #[test]
    fn a_token_that_is_due_is_used_where_no_transport_can_be_had() {
        let edge = LocalEdge::start().unwrap();
        let (mut session, _scratch) = session(&edge, "transport", 95);
        session.settings.cacert = Some("/nonexistent/ca.pem".into());
        let ready = session.token(Want::default()).unwrap();
        assert_eq!(ready.token.expose(), "kept");
        assert_eq!(edge.served().token_requests, 0);
    }

    // L8
    #[test]
    fn a_token_that_is_due_is_used_while_another_run_renews_it() {
        let edge = LocalEdge::start().unwrap();
        let (session, _scratch) = session(&edge, "renewing", 95);
        let store = session.store.as_ref().unwrap();
        let lock = store.lock(Duration::ZERO).unwrap();
        let ready = session.token(Want::default()).unwrap();
        assert_eq!(ready.token.expose(), "kept");
        assert_eq!(edge.served().token_requests, 0);
        drop(lock);
    }

    #[test]
    fn neither_force_nor_a_promise_is_served_with_the_kept_token() {
        let edge = LocalEdge::start().unwrap();
        let (session, _scratch) = session(&edge, "wanted", 95);
        let refusal = || Fault::status(400).body(r#"{"error":"invalid_request"}"#);
        edge.script([refusal(), refusal()]).unwrap();
        let forced = Want {
            force_refresh: true,
            ..Want::default()
        };
        let promised = Want {
            min_ttl: Duration::from_secs(1_000),
            ..Want::default()
        };
        for want in [forced, promised] {
            assert!(session.token(want).is_err());
        }
        assert_eq!(edge.served().token_requests, 2);
    }

    #[test]
    fn a_token_within_its_margin_is_not_handed_out() {
        let edge = LocalEdge::start().unwrap();
        let (session, _scratch) = session(&edge, "margin", 100);
        assert!(
            session
                .token(Want::default())
                .unwrap()
                .token
                .expose()
                .starts_with("ey")
        );
    }
}
