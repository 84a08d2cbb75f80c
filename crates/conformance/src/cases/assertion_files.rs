//! Assertions in files that a platform rotates, as Kubernetes does.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::{env, fs, process};

use edge_oauth_driver::Options;
use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::Clock;
use edge_oauth_keys::{AssertionFile, PrivateKey};
use edge_oauth_local::{Client, Fault};
use edge_oauth_no_io::{ClientAuth, Event, TokenError};

use crate::exchange::LONG;
use crate::exchange::SubjectTransport;
use crate::oauth::jwt::{ID, P256, claims, signed};
use crate::oauth::token_endpoint::TokenEndpoint;
use crate::subject::Subject;

// fault: assertion-file-swapped-between-attempts
pub(super) fn swapped_file_is_read_at_the_next_attempt<S: Subject>() {
    let (clock, key) = (Clock::new(), P256.key());
    let issuer = issuer::<S>(&clock, &key);
    let folder = Folder::new::<S>("swapped");
    let (first, second) = (
        jwt(&issuer, &clock, &key, 60),
        jwt(&issuer, &clock, &key, 61),
    );
    folder.swap("..2026_11_01", &first);
    issuer.script([Fault::status(503)]);

    // The platform swaps the file when the first attempt has failed.
    let (to_swap, again) = (folder.clone(), second.clone());
    let swapped = AtomicBool::new(false);
    let options = Options::default().seed(7).on_event(move |event| {
        if matches!(event, Event::Failed { .. }) && !swapped.swap(true, Ordering::SeqCst) {
            to_swap.swap("..2026_11_02", &again);
        }
    });
    let source = source::<S>(&issuer, &clock, &folder.token(), options);
    assert!(source.token().is_ok());
    assert_eq!(issuer.assertions(), [first, second]);
    folder.remove();
}

// fault: assertion-file-missing-at-a-refresh
pub(super) fn missing_file_at_a_refresh_leaves_the_cached_token<S: Subject>() {
    let (clock, key) = (Clock::new(), P256.key());
    let issuer = issuer::<S>(&clock, &key);
    let folder = Folder::new::<S>("missing");
    let (tell, events) = channel();
    let options = Options::default().seed(7).on_event(move |event| {
        let _nobody = tell.send(event.clone());
    });
    let source = source::<S>(&issuer, &clock, &folder.token(), options);

    folder.swap("..1", &jwt(&issuer, &clock, &key, 60));
    let token = || source.token().unwrap().expose().to_owned();
    let first = token();
    fetched(&events);

    // After 850 s of 900 s, the refresh is due.
    clock.advance(Duration::from_secs(850));
    folder.swap("..2", &jwt(&issuer, &clock, &key, 60));
    assert_eq!(token(), first);
    fetched(&events);
    let second = token();
    assert_ne!(second, first);

    clock.advance(Duration::from_secs(850));
    folder.remove();
    assert_eq!(token(), second);
    let Event::Failed { error, serving, .. } = next(&events) else {
        panic!("the file is missing")
    };
    assert!(serving);
    assert!(matches!(&error, TokenError::Credential(error) if error.is_transient()));
    assert!(error.to_string().contains("does not exist"), "{error}");
    assert_eq!(token(), second);
    assert_eq!(issuer.token_requests(), 2);

    // The file exists again and the backoff is over, before the cached token expires.
    clock.advance(Duration::from_secs(10));
    folder.create();
    folder.swap("..3", &jwt(&issuer, &clock, &key, 60));
    assert_eq!(token(), second);
    fetched(&events);
    assert_ne!(token(), second);
    assert_eq!(issuer.token_requests(), 3);
    folder.remove();
}

fn issuer<S: Subject>(clock: &Clock, key: &PrivateKey) -> TokenEndpoint {
    let client = Client::without_secret(ID).public_key(&key.public_jwk());
    TokenEndpoint::new::<S>(client.unwrap(), clock)
}

fn jwt(issuer: &TokenEndpoint, clock: &Clock, key: &PrivateKey, seconds: i64) -> String {
    signed(key, &claims(&issuer.token_url(), clock.now().wall, seconds))
}

fn source<S: Subject>(
    issuer: &TokenEndpoint,
    clock: &Clock,
    file: &Path,
    options: Options,
) -> TokenSource<Clock> {
    let clock = clock.clone();
    let file = AssertionFile::new(file).clock(move || clock.now().wall);
    let source = issuer.source(ClientAuth::Assertion).assertion_source(file);
    source.options(options).build(SubjectTransport(S::new()))
}

/// Returns the next event about the end of an attempt.
#[track_caller]
fn next(events: &Receiver<Event>) -> Event {
    loop {
        match events.recv_timeout(LONG).expect("an event arrives") {
            Event::ServedWhileRefreshing | Event::Waiting { .. } | Event::RefreshStarted { .. } => {
            }
            event => return event,
        }
    }
}

#[track_caller]
fn fetched(events: &Receiver<Event>) {
    let event = next(events);
    assert!(matches!(event, Event::Fetched { .. }), "{event:?}");
}

/// A mounted folder: `token` links to `..data/token`, and a rename swaps the link `..data`. On systems without links, a
/// rename swaps the file itself.
#[derive(Clone)]
struct Folder(PathBuf);

impl Folder {
    fn new<S: Subject>(test: &str) -> Self {
        let name = std::any::type_name::<S>().replace(|c: char| !c.is_alphanumeric(), "-");
        let name = format!("edge-oauth-{name}-{test}-{}", process::id());
        let folder = Self(env::temp_dir().join(name));
        folder.create();
        folder
    }

    fn create(&self) {
        fs::create_dir_all(&self.0).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("..data/token", self.token()).unwrap();
    }

    fn token(&self) -> PathBuf {
        self.0.join("token")
    }

    #[cfg(unix)]
    fn swap(&self, version: &str, token: &str) {
        let new = self.0.join(version);
        fs::create_dir(&new).unwrap();
        fs::write(new.join("token"), format!("{token}\n")).unwrap();
        std::os::unix::fs::symlink(version, self.0.join("..data_tmp")).unwrap();
        fs::rename(self.0.join("..data_tmp"), self.0.join("..data")).unwrap();
    }

    #[cfg(not(unix))]
    fn swap(&self, version: &str, token: &str) {
        let new = self.0.join(version);
        fs::write(&new, format!("{token}\n")).unwrap();
        fs::rename(&new, self.token()).unwrap();
    }

    fn remove(&self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}
