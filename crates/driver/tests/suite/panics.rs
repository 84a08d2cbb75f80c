//! Code of a user that panics: its caller has the panic, the others do not hang, and there is a backoff.

use std::future::Future;
use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::testing::block_on;
use edge_oauth_driver::{AssertionSource, AsyncSigner, BoxFuture, Options, Signer};
use edge_oauth_driver::{blocking, nonblocking};
use edge_oauth_no_io::{
    Algorithm, AssertionRequest, ClientAuth, Config, CredentialError, Event, JwtAssertion,
    RequestLimits, Secret, SecretBytes, ToSign, TransportError,
};
use http::{Request, Response};

use crate::stage::{Stage, config};

fn config_with(auth: ClientAuth) -> Config {
    let builder = Config::builder("https://login.example/token", "id").client_auth(auth);
    builder.build().unwrap()
}

fn by_jwt() -> Config {
    config_with(ClientAuth::PrivateKeyJwt(JwtAssertion::new(
        Algorithm::Es256,
    )))
}

/// Says that it was asked, and panics when the other caller waits.
struct Panics(Stage, Mutex<Sender<()>>);

impl Panics {
    fn now(&self) -> ! {
        self.1.lock().unwrap().send(()).unwrap();
        self.0.until_waiting(1);
        panic!("as scripted")
    }
}

impl Signer for Panics {
    fn sign(&self, _: &ToSign) -> Result<Vec<u8>, CredentialError> {
        self.now()
    }
}

impl AssertionSource for Panics {
    fn assertion(&self, _: &AssertionRequest) -> Result<Secret, CredentialError> {
        self.now()
    }
}

// fault: code-of-a-user-that-panics
#[test]
fn signer_or_assertion_source_that_panics_leaves_no_thread_hanging() {
    for (auth_config, told) in [
        (by_jwt(), "the signer panicked"),
        (
            config_with(ClientAuth::Assertion),
            "the assertion source panicked",
        ),
    ] {
        let stage = Stage::new([]);
        let (asked, begun) = mpsc::channel();
        let panics = || Panics(stage.clone(), Mutex::new(asked.clone()));
        let source = blocking::TokenSource::builder(auth_config)
            .signer(panics())
            .assertion_source(panics())
            .runtime(stage.clone())
            .build(stage.clone());
        thread::scope(|scope| {
            let leader = scope.spawn(|| source.token());
            begun.recv().unwrap();
            // The backoff is longer than it waits.
            let waiter = scope.spawn(|| source.token_within(Duration::from_millis(1)));
            assert!(leader.join().is_err());
            let error = waiter.join().unwrap().unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
            assert!(error.is_transient());
        });
        assert_eq!(stage.requests(), 0);
        source.replace_config(config());
        assert_eq!(source.token().unwrap().expose(), "t1");
    }
}

/// Panics before there is a future, and so does its signer.
struct Eager;

impl nonblocking::Transport for Eager {
    #[allow(
        clippy::manual_async_fn,
        reason = "the body of an async fn runs when it is polled"
    )]
    fn send(
        &self,
        _: Request<SecretBytes>,
        _: RequestLimits,
    ) -> impl Future<Output = Result<Response<SecretBytes>, TransportError>> + Send {
        if true {
            panic!("as scripted");
        }
        async { unreachable!() }
    }
}

impl AsyncSigner for Eager {
    fn sign<'a>(&'a self, _: &'a ToSign) -> BoxFuture<'a, Result<Vec<u8>, CredentialError>> {
        panic!("as scripted")
    }
}

/// Panics when it is polled.
struct Lazy;

impl AsyncSigner for Lazy {
    fn sign<'a>(&'a self, _: &'a ToSign) -> BoxFuture<'a, Result<Vec<u8>, CredentialError>> {
        Box::pin(async { panic!("as scripted") })
    }
}

// fault: code-of-a-user-that-panics
#[test]
fn panic_before_or_in_a_future_is_a_failure_of_its_own() {
    type Builder = nonblocking::Builder<Stage>;
    type Build = fn(Builder, Stage) -> nonblocking::TokenSource<Stage>;
    let cases: [(Config, Build, &str); 3] = [
        (
            config(),
            |builder, _| builder.build(Eager),
            "the transport panicked",
        ),
        (
            by_jwt(),
            |builder, stage| builder.signer(Eager).build(stage),
            "the signer panicked",
        ),
        (
            by_jwt(),
            |builder, stage| builder.signer(Lazy).build(stage),
            "the signer panicked",
        ),
    ];
    for (config, build, told) in cases {
        let stage = Stage::new([]);
        let (event, events) = mpsc::channel();
        let options =
            Options::default().on_event(move |happened| drop(event.send(happened.clone())));
        let builder = nonblocking::Builder::new(config, stage.clone()).options(options);
        let source = build(builder, stage.clone());
        let mut caller = Box::pin(source.token());
        let mut context = Context::from_waker(Waker::noop());
        // The request is made in the background, so the panic is not this task's.
        assert!(caller.as_mut().poll(&mut context).is_pending());
        let first = events.recv().unwrap();
        let Event::Failed { error, backoff, .. } = &first else {
            panic!("{told}: {first:?}")
        };
        assert!(error.to_string().contains(told), "{error}");
        assert!(*backoff >= Duration::from_millis(50));
        // Those who have no time for the backoff have the error.
        let hasty = block_on(source.token_within(Duration::ZERO)).unwrap_err();
        assert_eq!(hasty, *error);
    }
}
