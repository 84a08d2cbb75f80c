//! A token endpoint that sees how many requests are in flight.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError, TransportErrorKind};
use http::{Request, Response};
use shuttle::sync::atomic::{AtomicUsize, Ordering};

use crate::schedules::world::{World, panic_as_scripted};
use crate::{blocking, nonblocking};

/// Clones are one server.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    world: World,
    state: Mutex<State>,
    /// Each look at it may be the switch to another thread.
    wire: AtomicUsize,
}

struct State {
    replies: VecDeque<Reply>,
    in_flight: usize,
    most: usize,
    /// When each request was sent, by the monotonic clock.
    sent: Vec<Duration>,
    secrets: Vec<String>,
}

#[derive(Clone, Copy)]
pub(crate) enum Reply {
    /// A token, named after the number of its request.
    Token,
    /// The same after this time.
    Slow(Duration),
    /// A fault of the network.
    Fault,
    /// A permanent error.
    Denied,
    Panic,
}

/// How long a token is handed out.
pub(crate) const USABLE: Duration = Duration::from_secs(870);

impl Server {
    /// Replies with these, then with tokens of 900 s.
    pub(crate) fn new(world: &World, replies: impl IntoIterator<Item = Reply>) -> Self {
        let state = State {
            replies: replies.into_iter().collect(),
            in_flight: 0,
            most: 1,
            sent: Vec::new(),
            secrets: Vec::new(),
        };
        Self(Arc::new(Inner {
            world: world.clone(),
            state: Mutex::new(state),
            wire: AtomicUsize::new(0),
        }))
    }

    /// Allows this many requests in flight.
    pub(crate) fn allow(&self, most: usize) {
        self.lock().most = most;
    }

    pub(crate) fn reply(&self, reply: Reply) {
        self.lock().replies.push_back(reply);
    }

    pub(crate) fn requests(&self) -> usize {
        self.lock().sent.len()
    }

    /// Returns the secret of the latest request.
    pub(crate) fn secret(&self) -> String {
        self.lock().secrets.last().cloned().unwrap_or_default()
    }

    /// Returns until when this token may be handed out, by the monotonic clock.
    pub(crate) fn end(&self, token: &str) -> Duration {
        let number: usize = token.strip_prefix('t').unwrap().parse().unwrap();
        self.lock().sent[number - 1] + USABLE
    }

    /// How many hold on to this server.
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    fn begin(&self, request: &Request<SecretBytes>) -> (InFlight, Reply) {
        let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
        let secret = body.split("client_secret=").nth(1).unwrap_or_default();
        let secret = secret.split('&').next().unwrap_or_default().to_owned();
        let mut state = self.lock();
        state.in_flight += 1;
        let (in_flight, most) = (state.in_flight, state.most);
        state.sent.push(self.0.world.time().monotonic);
        state.secrets.push(secret);
        let number = state.sent.len();
        let reply = state.replies.pop_front().unwrap_or(Reply::Token);
        drop(state);
        assert!(in_flight <= most, "{in_flight} token requests in flight");
        let server = self.clone();
        (InFlight { server, number }, reply)
    }

    fn switch(&self) {
        self.0.wire.load(Ordering::SeqCst);
    }
}

/// A request. A transport that is dropped ends it.
struct InFlight {
    server: Server,
    number: usize,
}

impl InFlight {
    fn end(self, reply: Reply) -> Result<Response<SecretBytes>, TransportError> {
        let number = self.number;
        drop(self);
        let (status, body) = match reply {
            Reply::Token | Reply::Slow(_) => (
                200,
                format!(r#"{{"access_token":"t{number}","expires_in":900}}"#),
            ),
            Reply::Denied => (401, r#"{"error":"invalid_client"}"#.to_owned()),
            Reply::Fault => {
                return Err(TransportError::new(
                    TransportErrorKind::Connect,
                    "as scripted",
                ));
            }
            Reply::Panic => panic_as_scripted(),
        };
        let response = Response::builder().status(status);
        Ok(response.body(SecretBytes::new(body.into_bytes())).unwrap())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.server.lock().in_flight -= 1;
    }
}

impl blocking::Transport for Server {
    fn send(
        &self,
        request: Request<SecretBytes>,
        _: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.world.count_wait();
        let (in_flight, reply) = self.begin(&request);
        self.switch();
        if let Reply::Slow(time) = reply {
            self.0.world.block_on(self.0.world.sleep(time));
        }
        self.switch();
        in_flight.end(reply)
    }
}

impl nonblocking::Transport for Server {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        _: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let (in_flight, reply) = self.begin(&request);
        pending_once().await;
        if let Reply::Slow(time) = reply {
            self.0.world.sleep(time).await;
        }
        self.switch();
        in_flight.end(reply)
    }
}

/// Lets go of the thread once, so that a task can be cancelled here.
pub(crate) async fn pending_once() {
    let mut was_polled = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut was_polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
