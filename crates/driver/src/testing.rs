//! A scripted transport and a clock that moves by hand, to test code that uses tokens without a
//! network and without waiting.
//!
//! ```
//! use std::time::Duration;
//! use edge_oauth_driver::blocking::TokenSource;
//! use edge_oauth_driver::testing::{Clock, ScriptedTransport};
//! use edge_oauth_no_io::{Config, Secret};
//!
//! let clock = Clock::new();
//! let mut count = 0;
//! let transport = ScriptedTransport::new(clock.clone(), move |_request| {
//!     count += 1;
//!     Ok(http::Response::new(format!(r#"{{"access_token":"t{count}","expires_in":60}}"#).into()))
//! });
//! let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
//! let source = TokenSource::new(transport, config);
//!
//! assert_eq!(source.token()?.expose(), "t1");
//! clock.advance(Duration::from_secs(60));
//! assert_eq!(source.token()?.expose(), "t2");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use edge_oauth_no_io::{Moment, RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};

use crate::notify::{Notified, Notify};
use crate::{blocking, nonblocking};

/// A clock that stands still until it is moved. Clones are one clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Ticking>);

#[derive(Debug)]
struct Ticking {
    now: Mutex<Moment>,
    tick: Notify,
}

impl Clock {
    /// A clock at an hour of the monotonic clock and a day in 2027 of the wall clock.
    pub fn new() -> Self {
        let now = Moment {
            monotonic: Duration::from_secs(3600),
            wall: Duration::from_secs(1_800_000_000),
        };
        Self(Arc::new(Ticking {
            now: Mutex::new(now),
            tick: Notify::default(),
        }))
    }

    /// What it shows.
    pub fn now(&self) -> Moment {
        *self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves both clocks on, and wakes whoever waited for a time that has come.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().after(by));
    }

    /// Moves the wall clock alone, as when the machine slept.
    pub fn sleep_machine(&self, by: Duration) {
        let now = self.now();
        self.set(Moment {
            wall: now.wall.saturating_add(by),
            ..now
        });
    }

    fn set(&self, now: Moment) {
        *self.0.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
        self.0.tick.ring();
    }

    /// Until the monotonic clock shows this time.
    async fn until(&self, time: Duration) {
        loop {
            let tick = self.0.tick.listen();
            if self.now().monotonic >= time {
                return;
            }
            tick.await;
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// A transport that asks a closure for every answer, for threads and for tasks. Clones share it.
#[derive(Clone)]
pub struct ScriptedTransport {
    clock: Clock,
    script: Arc<Mutex<Script>>,
}

type Script = dyn FnMut(Request<SecretBytes>) -> Result<Response<Vec<u8>>, TransportError> + Send;

impl ScriptedTransport {
    /// `script` gets each request in turn and says what comes back.
    pub fn new(
        clock: Clock,
        script: impl FnMut(Request<SecretBytes>) -> Result<Response<Vec<u8>>, TransportError>
        + Send
        + 'static,
    ) -> Self {
        Self {
            clock,
            script: Arc::new(Mutex::new(script)),
        }
    }

    fn answer(
        &self,
        request: Request<SecretBytes>,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script(request).map(|response| response.map(SecretBytes::new))
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedTransport")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl blocking::Transport for ScriptedTransport {
    fn send(
        &self,
        request: Request<SecretBytes>,
        _bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.answer(request)
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn wait(&self, bell: Notified, at_most: Duration) {
        let until = self.clock.now().monotonic.saturating_add(at_most);
        block_on(nonblocking::either(bell, self.clock.until(until)));
    }
}

impl nonblocking::Transport for ScriptedTransport {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        _bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.answer(request)
    }

    async fn sleep(&self, duration: Duration) {
        self.clock
            .until(self.clock.now().monotonic.saturating_add(duration))
            .await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        thread::spawn(|| block_on(task));
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }
}

/// Runs a future on this thread, for tests that need no runtime.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
