//! Clients without a client secret over a shared store: they need a key to seal with.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "each test program uses a part")]
mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use edge_oauth_driver::testing::{Clock, MemoryStore, ScriptedTransport, block_on};
use edge_oauth_driver::{AssertionSource, Signer, Store, blocking, nonblocking};
use edge_oauth_no_io::{
    Algorithm, AssertionRequest, ClientAuth, Config, CredentialError, JwtAssertion, Secret,
    SecretBytes, ToSign,
};
use edge_oauth_store::{FileStore, StoreKeys, StoreThread};
use http::Response;

use common::Temporary;

/// A signer and an assertion source that count their calls.
#[derive(Clone, Default)]
struct Credentials(Arc<AtomicUsize>);

impl Signer for Credentials {
    fn sign(&self, _: &ToSign) -> Result<Vec<u8>, CredentialError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(b"signature".to_vec())
    }
}

impl AssertionSource for Credentials {
    fn assertion(&self, _: &AssertionRequest) -> Result<Secret, CredentialError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Secret::new("a.b.c"))
    }
}

fn by_key(key_id: &str) -> Config {
    let jwt = JwtAssertion::new(Algorithm::Es256).key_id(key_id);
    config(ClientAuth::PrivateKeyJwt(jwt))
}

fn config(auth: ClientAuth) -> Config {
    let builder = Config::builder("https://login.example/token", "id").client_auth(auth);
    builder.build().unwrap()
}

fn keys() -> StoreKeys {
    StoreKeys::from_key(SecretBytes::new(vec![7; 32])).unwrap()
}

/// A transport that counts the tokens it returns, and the bodies of the requests.
fn transport() -> (ScriptedTransport, Arc<Mutex<Vec<String>>>) {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let transport = ScriptedTransport::new(move |request| {
        let mut seen = seen.lock().unwrap();
        seen.push(String::from_utf8_lossy(request.body().as_ref()).into_owned());
        let body = format!(r#"{{"access_token":"t{}","expires_in":900}}"#, seen.len());
        Ok(Response::new(body.into_bytes()))
    });
    (transport, bodies)
}

/// Two sources for threads and one for tasks make one request, with one assertion.
fn check<S: Store + Send + Sync>(config: &Config, open: impl Fn() -> S) {
    let (transport, bodies) = transport();
    let credentials = Credentials::default();
    for _ in 0..2 {
        let source = blocking::TokenSource::builder(config.clone())
            .signer(credentials.clone())
            .assertion_source(credentials.clone())
            .store(open())
            .unwrap()
            .build(transport.clone());
        assert_eq!(source.token().unwrap().expose(), "t1");
    }
    let source = nonblocking::Builder::new(config.clone(), Clock::new())
        .signer(credentials.clone())
        .assertion_source(credentials.clone())
        .store(StoreThread::new(open()).unwrap())
        .unwrap()
        .build(transport);
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    let bodies = bodies.lock().unwrap();
    assert_eq!(bodies.len(), 1, "{config:?}");
    assert!(bodies[0].contains("client_assertion="), "{config:?}");
    assert_eq!(credentials.0.load(Ordering::SeqCst), 1);
}

// fault: assertions-over-a-store
#[test]
fn clients_with_assertions_share_one_request_over_files_and_in_memory() {
    for config in [by_key("a"), config(ClientAuth::Assertion)] {
        let temporary = Temporary::new();
        check(&config, || {
            FileStore::open(temporary.path()).unwrap().with_keys(keys())
        });
        let memory = Arc::new(MemoryStore::new());
        check(&config, || Arc::clone(&memory));
    }
}

// fault: places-of-two-credentials
#[test]
fn clients_with_two_private_keys_share_nothing() {
    let (temporary, (transport, bodies)) = (Temporary::new(), transport());
    for (key_id, token) in [("a", "t1"), ("b", "t2"), ("a", "t1")] {
        let store = FileStore::open(temporary.path()).unwrap().with_keys(keys());
        let builder = blocking::TokenSource::builder(by_key(key_id)).signer(Credentials::default());
        let source = builder.store(store).unwrap().build(transport.clone());
        assert_eq!(source.token().unwrap().expose(), token);
    }
    assert_eq!(bodies.lock().unwrap().len(), 2);
}

// fault: assertions-over-a-store
#[test]
fn store_without_a_key_is_an_error_when_the_source_is_built() {
    let temporary = Temporary::new();
    let open = || FileStore::open(temporary.path()).unwrap();
    for config in [by_key("a"), config(ClientAuth::Assertion)] {
        let threads = blocking::TokenSource::builder(config.clone()).store(open());
        let tasks = nonblocking::Builder::new(config, Clock::new());
        let tasks = tasks.store(StoreThread::new(open()).unwrap());
        for error in [threads.unwrap_err(), tasks.unwrap_err()] {
            assert!(error.is_missing_key());
            assert!(error.to_string().contains("StoreKeys::from_key"), "{error}");
        }
    }
}
