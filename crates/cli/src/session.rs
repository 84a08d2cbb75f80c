//! From settings to a token: out of the cache, or from the server and into the cache.

mod calls;
mod events;
mod kept;

use std::time::Duration;

use edge_oauth_driver::{Options, system_time};
use edge_oauth_no_io::{AccessToken, Moment, Policy, StoredToken};
use edge_oauth_ureq::TokenSource;

use crate::cache::{Problem, Store};
use crate::failure::{Exit, Failure};
use crate::http;
use crate::session::events::tell;
use crate::session::kept::{Kept, judge};
use crate::settings::Settings;
use crate::terminal;
use crate::times;

pub(crate) use crate::session::calls::Calls;

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

/// A token, and when it ends.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) token: AccessToken,
    /// Since the Unix epoch; `None` where the server did not say and nothing was assumed.
    pub(crate) expires_at: Option<Duration>,
}

impl Session {
    /// Opens the cache. Where that is of no use, a warning says why, and the session does without.
    pub(crate) fn open(settings: Settings) -> Self {
        let store = match settings.no_cache {
            true => None,
            false => Store::open(&settings.config, &settings.secret)
                .map_err(|problem| warn_of_cache(&problem))
                .ok(),
        };
        Self { settings, store }
    }

    /// A token that is good for what is wanted.
    pub(crate) fn token(&self, want: Want) -> Result<Ready, Failure> {
        let Some(store) = &self.store else {
            let (ready, _) = self.fetch(self.settings.timeout)?;
            return promised(ready, want);
        };
        let read = || match want.force_refresh {
            true => Ok(None),
            false => Ok(store
                .read()?
                .and_then(|stored| judge(&self.settings.config, &stored, want))),
        };
        let mut kept = read().unwrap_or_default();
        if let Some(Kept::Fresh(ready)) = kept {
            terminal::detail("the token is from the cache");
            return Ok(ready);
        }
        let lock = store
            .lock(self.settings.timeout)
            .map_err(|problem| warn_of_cache(&problem));
        if lock.is_ok() {
            // Whoever had the lock may have brought what is wanted.
            kept = read().unwrap_or_else(|problem| {
                warn_of_cache(&problem);
                None
            });
        }
        let (ready, stored) = match kept {
            Some(Kept::Fresh(ready)) => {
                terminal::detail("another run brought the token: it is from the cache");
                return Ok(ready);
            }
            Some(Kept::Due(ready, renewal)) => {
                let transport = http::transport(&self.settings)?;
                match renewal.send(&transport, self.settings.timeout) {
                    Ok((renewed, _)) if renewed.left() < ready.left() => return Ok(ready),
                    Ok(renewed) => renewed,
                    Err(error) => {
                        terminal::warning(format_args!(
                            "the kept token is used, which could not be renewed: {error}"
                        ));
                        return Ok(ready);
                    }
                }
            }
            None => self.fetch(self.settings.timeout)?,
        };
        if let (Ok(lock), Some(stored)) = (&lock, stored) {
            let written = store.write(lock, &stored);
            written.unwrap_or_else(|problem| warn_of_cache(&problem));
        }
        promised(ready, want)
    }

    /// Asks the server, and again where that may help, within this time.
    fn fetch(&self, within: Duration) -> Result<(Ready, Option<StoredToken>), Failure> {
        let exchange = Policy::default().timeout(within.min(EXCHANGE.max(within / 3)));
        let options = Options::default().policy(exchange).on_event(tell);
        let transport = http::transport(&self.settings)?;
        let source = TokenSource::with_options(transport, self.settings.config.clone(), options);
        let asked = system_time();
        let token = source.token_within(within)?;
        // One whose life is hardly longer than its margin is not held, and so not kept either.
        let stored = source.export();
        Ok((Ready::new(token, stored.as_ref(), asked), stored))
    }
}

impl Ready {
    /// The life of a token that is not held counts from when it was first asked for: if anything, that is
    /// too early.
    fn new(token: AccessToken, stored: Option<&StoredToken>, asked: Moment) -> Self {
        let expires_at = match stored {
            Some(stored) => Some(stored.sent.saturating_add(stored.lifetime)),
            None => token
                .expires_in()
                .map(|life| asked.wall.saturating_add(life)),
        };
        Self { token, expires_at }
    }

    /// How long it lives from now on.
    pub(crate) fn left(&self) -> Option<Duration> {
        let now = system_time().wall;
        self.expires_at.map(|end| end.saturating_sub(now))
    }
}

fn promised(ready: Ready, want: Want) -> Result<Ready, Failure> {
    let left = ready.left().unwrap_or_default();
    if left >= want.min_ttl {
        return Ok(ready);
    }
    let message = format!(
        "the server's new token lives {}, and --min-ttl asks for {}",
        times::span(left),
        times::span(want.min_ttl),
    );
    Err(Failure::new(Exit::Other, message)
        .next("a shorter --min-ttl, or a longer life in the server's settings of the API"))
}

fn warn_of_cache(problem: &Problem) {
    terminal::warning(format_args!("the token cache is not used: {problem}"));
}

/// The time for one exchange, where there is enough for three.
const EXCHANGE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use edge_oauth_local::{Fault, LocalEdge};
    use edge_oauth_no_io::{Config, Secret, Tenant};

    use super::*;
    use crate::cache::folder::Folder;
    use crate::settings::Sources;

    /// A session with its cache in a folder of its own, and a token in it that has lived this part of
    /// its life, in percent.
    fn session(edge: &LocalEdge, name: &str, lived: u32) -> (Session, Scratch) {
        let secret = Secret::new(edge.client_secret());
        let config = Config::experience_edge(Tenant::New, edge.client_id(), secret.clone())
            .and_then(|config| config.endpoint(edge.token_url()))
            .unwrap();
        let path = std::env::temp_dir().join(format!("edge-oauth-{}-{name}", std::process::id()));
        let scratch = Scratch(path.clone());
        let store = Store::in_folder(Folder::open(path).unwrap(), &config, &secret);
        let lifetime = Duration::from_secs(10_000);
        let stored = StoredToken {
            access_token: Secret::new("kept"),
            scope: None,
            sent: system_time().wall - lifetime * lived / 100,
            lifetime,
        };
        let lock = store.lock(Duration::ZERO).unwrap();
        store.write(&lock, &stored).unwrap();
        let settings = Settings {
            config,
            secret,
            edge_url: None,
            timeout: Duration::from_secs(30),
            cacert: None,
            no_cache: false,
            sources: Sources::default(),
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
