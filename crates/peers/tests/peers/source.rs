//! A token source over each transport, with a clock that can be moved, asked from a thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edge_oauth_driver::{CallError, Options, blocking, nonblocking};
use edge_oauth_no_io::{
    AccessToken, Config, Moment, RequestLimits, SecretBytes, TokenError, TransportError,
};
use edge_oauth_reqwest::ReqwestTransport;
use edge_oauth_surf::SurfTransport;
use edge_oauth_ureq::UreqTransport;
use http::{Request, Response};
use tokio::runtime::{Builder, Runtime};

use crate::clients::{Reqwest, Surf, Ureq};

/// A token source, whatever it waits with.
pub(crate) trait Source {
    fn token(&self) -> Result<AccessToken, TokenError>;
    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError>;
}

/// A transport that has one.
pub(crate) trait Sourced {
    fn source(config: Config, options: Options, ahead: Ahead) -> Box<dyn Source>;
}

/// How far the clocks of a source are ahead of the machine's, in seconds.
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
    fn source(config: Config, options: Options, ahead: Ahead) -> Box<dyn Source> {
        let transport = Shifted(UreqTransport::new(), ahead);
        Box::new(blocking::TokenSource::with_options(
            transport, config, options,
        ))
    }
}

impl Sourced for Reqwest {
    fn source(config: Config, options: Options, ahead: Ahead) -> Box<dyn Source> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let transport = Shifted(ReqwestTransport::new().unwrap(), ahead);
        let source = nonblocking::TokenSource::with_options(transport, config, options);
        Box::new(OnTokio(source, runtime))
    }
}

impl Sourced for Surf {
    fn source(config: Config, options: Options, ahead: Ahead) -> Box<dyn Source> {
        let transport = Shifted(SurfTransport::new(), ahead);
        let source = nonblocking::TokenSource::with_options(transport, config, options);
        Box::new(OnAsyncStd(source))
    }
}

impl<T: blocking::Transport> Source for blocking::TokenSource<T> {
    fn token(&self) -> Result<AccessToken, TokenError> {
        self.token()
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError> {
        self.send(request)
    }
}

struct OnTokio<T>(nonblocking::TokenSource<T>, Runtime);

impl<T: nonblocking::Transport> Source for OnTokio<T> {
    fn token(&self) -> Result<AccessToken, TokenError> {
        self.1.block_on(self.0.token())
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError> {
        self.1.block_on(self.0.send(request))
    }
}

struct OnAsyncStd<T>(nonblocking::TokenSource<T>);

impl<T: nonblocking::Transport> Source for OnAsyncStd<T> {
    fn token(&self) -> Result<AccessToken, TokenError> {
        async_std::task::block_on(self.0.token())
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<SecretBytes>, CallError> {
        async_std::task::block_on(self.0.send(request))
    }
}

/// A transport at another time.
struct Shifted<T>(T, Ahead);

impl<T: blocking::Transport> blocking::Transport for Shifted<T> {
    fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.send(request, bounds)
    }

    fn now(&self) -> Moment {
        self.1.of(self.0.now())
    }
}

impl<T: nonblocking::Transport> nonblocking::Transport for Shifted<T> {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.send(request, bounds).await
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    fn now(&self) -> Moment {
        self.1.of(self.0.now())
    }
}
