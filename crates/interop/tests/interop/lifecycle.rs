//! A whole token source against `oidc-provider`: tokens are fetched, refreshed, rejected and replaced.

use std::sync::mpsc::{Receiver, channel};

use edge_oauth_driver::Options;
use edge_oauth_no_io::{AccessToken, Algorithm, ClientAuth, Config, Event};
use http::Request;

use crate::clients::{LONG, listening};
use crate::credentials::key;
use crate::oidc::{HTTP, RESOURCE};
use crate::source::{Ahead, Source, Sourced};

// Promise 1
pub(crate) fn token_is_refreshed_in_the_background<S: Sourced>() {
    let stage = Stage::of::<S>();
    let first = stage.token();
    assert!(stage.token().is_same(&first));
    stage.fetched();

    // Of 600 seconds: late enough for a refresh, early enough for the cached token.
    stage.ahead.advance(550);
    assert!(stage.token().is_same(&first));
    stage.fetched();
    let second = stage.token();
    assert_ne!(second.expose(), first.expose());

    stage.ahead.advance(600);
    assert_ne!(stage.token().expose(), second.expose());
    stage.fetched();
}

// fault: rejected-token
// This server's own API accepts no token of a client
pub(crate) fn rejected_token_is_replaced_once<S: Sourced>() {
    let stage = Stage::of::<S>();
    let first = stage.token();
    stage.fetched();

    // A token that is replaced at once could be replaced endlessly.
    stage.ahead.advance(2);
    let request = Request::get(HTTP.peer.url("/me")).body(Vec::new()).unwrap();
    let answer = stage.source.send(&request).unwrap();
    assert_eq!(answer.status(), 401);
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("invalid_token"), "{challenge}");
    stage.fetched();
    assert!(stage.events.try_recv().is_err(), "one token was fetched");
    assert_ne!(stage.token().expose(), first.expose());
}

// fault: assertion-sent-again
// This server accepts each assertion once
pub(crate) fn each_token_request_has_a_new_assertion<S: Sourced>() {
    let key = key(Algorithm::EdDsa);
    let config = Config::builder(&HTTP.token_url, "EdDSA");
    let config = config.client_auth(ClientAuth::PrivateKeyJwt(key.assertion()));
    let stage = Stage::with::<S>(config.resource(RESOURCE).build().unwrap());
    let first = stage.token();
    stage.ahead.advance(600);
    assert_ne!(stage.token().expose(), first.expose());
}

struct Stage {
    source: Box<dyn Source>,
    ahead: Ahead,
    events: Receiver<()>,
}

impl Stage {
    fn of<S: Sourced>() -> Self {
        let config = HTTP.config().to_builder().resource(RESOURCE);
        Self::with::<S>(config.build().unwrap())
    }

    fn with<S: Sourced>(config: Config) -> Self {
        listening();
        let (fetched, events) = channel();
        let options = Options::default().on_event(move |event| {
            if matches!(event, Event::Fetched { .. }) {
                fetched.send(()).unwrap();
            }
        });
        let ahead = Ahead::default();
        Self {
            source: S::source(
                config,
                options,
                ahead.clone(),
                key(Algorithm::EdDsa).clone(),
            ),
            ahead,
            events,
        }
    }

    /// Returns the cached token. Asserts that no log contained a secret before.
    fn token(&self) -> AccessToken {
        let token = self.source.token().unwrap();
        listening().plant("a token", token.expose());
        listening().assert_no_secret_logged();
        token
    }

    /// Waits until a token arrives.
    fn fetched(&self) {
        self.events.recv_timeout(LONG).unwrap();
    }
}
