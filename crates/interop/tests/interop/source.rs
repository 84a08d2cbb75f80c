//! A token source over each transport, with a clock that a test moves, called from a thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edge_oauth_driver::blocking::Threads;
use edge_oauth_driver::{BoxFuture, CallError, Options, blocking, nonblocking};
use edge_oauth_keys::PrivateKey;
use edge_oauth_no_io::{AccessToken, Config, Moment, SecretBytes, TokenError};
use edge_oauth_reqwest::{ReqwestTransport, Tokio};
use edge_oauth_surf::{AsyncStd, SurfTransport};
use edge_oauth_tower::HyperTransport;
use edge_oauth_ureq::UreqTransport;
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};

use crate::clients::{Hyper, Reqwest, Surf, Ureq};

/// A token source, blocking or asynchronous.
pub(crate) trait Source {
    fn token(&self) -> Result<AccessToken, TokenError>;
    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError>;
}

/// A transport with a token source.
pub(crate) trait Sourced {
    fn source(config: Config, options: Options, ahead: Ahead, key: PrivateKey) -> Box<dyn Source>;
}

/// The seconds that the clocks of a source are ahead of the machine's.
#[derive(Clone, Default)]
pub(crate) struct Ahead(Arc<AtomicU64>);

impl Ahead {
    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn of(&self, now: Moment) -> Moment {
        now.after(Duration::from_secs(self.0.load(Ordering::SeqCst)))
    }
}

impl Sourced for Ureq {
    fn source(config: Config, options: Options, ahead: Ahead, key: PrivateKey) -> Box<dyn Source> {
        let builder = blocking::TokenSource::builder(config)
            .options(options)
            .signer(key);
        let builder = builder.runtime(Shifted(Threads, ahead));
        Box::new(builder.build(UreqTransport::new()))
    }
}

impl Sourced for Reqwest {
    fn source(config: Config, options: Options, ahead: Ahead, key: PrivateKey) -> Box<dyn Source> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let builder = nonblocking::Builder::new(config, Shifted(Tokio, ahead))
            .options(options)
            .signer(key);
        let source = builder.build(ReqwestTransport::new().unwrap());
        Box::new(OnTokio(source, runtime))
    }
}

impl Sourced for Hyper {
    fn source(config: Config, options: Options, ahead: Ahead, key: PrivateKey) -> Box<dyn Source> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let builder = nonblocking::Builder::new(config, Shifted(edge_oauth_tower::Tokio, ahead))
            .options(options)
            .signer(key);
        let source = builder.build(HyperTransport::new().unwrap());
        Box::new(OnTokio(source, runtime))
    }
}

impl Sourced for Surf {
    fn source(config: Config, options: Options, ahead: Ahead, key: PrivateKey) -> Box<dyn Source> {
        let builder = nonblocking::Builder::new(config, Shifted(AsyncStd, ahead))
            .options(options)
            .signer(key);
        Box::new(OnAsyncStd(builder.build(SurfTransport::new())))
    }
}

impl<T: blocking::Runtime> Source for blocking::TokenSource<T> {
    fn token(&self) -> Result<AccessToken, TokenError> {
        self.token()
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError> {
        self.send(request)
    }
}

struct OnTokio<T>(nonblocking::TokenSource<T>, Runtime);

impl<T: nonblocking::Runtime> Source for OnTokio<T> {
    fn token(&self) -> Result<AccessToken, TokenError> {
        self.1.block_on(self.0.token())
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError> {
        self.1.block_on(self.0.send(request))
    }
}

struct OnAsyncStd<T>(nonblocking::TokenSource<T>);

impl<T: nonblocking::Runtime> Source for OnAsyncStd<T> {
    fn token(&self) -> Result<AccessToken, TokenError> {
        async_std::task::block_on(self.0.token())
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError> {
        async_std::task::block_on(self.0.send(request))
    }
}

/// A runtime whose clocks are ahead.
struct Shifted<T>(T, Ahead);

impl<T: blocking::Runtime> blocking::Runtime for Shifted<T> {
    fn now(&self) -> Moment {
        self.1.of(self.0.now())
    }
}

impl<T: nonblocking::Runtime> nonblocking::Runtime for Shifted<T> {
    fn now(&self) -> Moment {
        self.1.of(self.0.now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.0.spawn(task);
    }
}
