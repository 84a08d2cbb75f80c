//! A token endpoint whose clock a test moves: the decisions of the local Edge behind a [`Peer`].

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use edge_oauth_driver::blocking::{Builder, TokenSource};
use edge_oauth_driver::testing::Clock;
use edge_oauth_local::{AUDIENCE, Client, Fault, Options, Simulator};
use edge_oauth_no_io::{ClientAuth, Config};
use http::{Request, Response};

use crate::oauth::jwt::ID;
use crate::server::received_request::Received;
use crate::server::test_server::Peer;
use crate::subject::Subject;

/// It shows the time of its clients' clock, or another if it is told so.
pub(crate) struct Issuer {
    peer: Peer,
    state: Arc<State>,
}

struct State {
    /// Made once it is known where the peer listens.
    edge: OnceLock<Mutex<Simulator>>,
    clock: Clock,
    seconds_ahead: AtomicI64,
}

impl Issuer {
    /// Knows one client. A token lives for 15 minutes.
    pub(crate) fn new<S: Subject>(client: Client, clock: &Clock) -> Self {
        let state = Arc::new(State {
            edge: OnceLock::new(),
            clock: clock.clone(),
            seconds_ahead: AtomicI64::new(0),
        });
        let shared = Arc::clone(&state);
        let peer = Peer::answering::<S>(move |request| shared.answer(request));
        let options = Options::default()
            .client(client)
            .lifetime(Duration::from_secs(900));
        let edge = Simulator::new(options, &peer.origin());
        assert!(state.edge.set(Mutex::new(edge)).is_ok(), "it is set once");
        Self { peer, state }
    }

    pub(crate) fn token_url(&self) -> String {
        format!("{}/oauth/token", self.peer.origin())
    }

    /// Starts a source of its client that authenticates like this, by the common clock.
    pub(crate) fn source(&self, auth: ClientAuth) -> Builder<Clock> {
        let config = Config::builder(self.token_url(), ID)
            .client_auth(auth)
            .audience(AUDIENCE);
        TokenSource::builder(config.build().unwrap()).runtime(self.state.clock.clone())
    }

    /// Sets how far its clock is ahead of its clients', or behind if that is negative.
    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.state.seconds_ahead.store(seconds, Ordering::SeqCst);
    }

    /// The next token requests meet these.
    pub(crate) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.edge(|edge| edge.script(faults).unwrap());
    }

    /// How many token requests came.
    pub(crate) fn token_requests(&self) -> u64 {
        self.state.edge(|edge| edge.served().token_requests)
    }

    /// The assertions that came, in their order.
    pub(crate) fn assertions(&self) -> Vec<String> {
        let requests = self.peer.requests();
        let assertion = |request: &Received| {
            let mut parameters = form_urlencoded::parse(&request.body);
            let assertion = parameters.find(|(name, _)| name == "client_assertion");
            assertion.map(|(_, value)| value.into_owned())
        };
        requests.iter().filter_map(assertion).collect()
    }
}

impl State {
    fn edge<T>(&self, act: impl FnOnce(&mut Simulator) -> T) -> T {
        let edge = self.edge.get().expect("it is set before anyone asks");
        act(&mut edge.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, received: &Received) -> Vec<u8> {
        let method = received.line.split(' ').next().unwrap_or_default();
        let mut request = Request::builder().method(method).uri(received.path());
        for (name, value) in &received.headers {
            request = request.header(name, value);
        }
        let request = request.body(&received.body).unwrap();
        let seconds = self.clock.now().wall.as_secs();
        let ahead = self.seconds_ahead.load(Ordering::SeqCst);
        let now = Duration::from_secs(seconds.saturating_add_signed(ahead));
        written(&self.edge(|edge| edge.respond(&request, now)).response)
    }
}

fn written(response: &Response<Vec<u8>>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in response.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    let length = response.body().len();
    head += &format!("content-length: {length}\r\n\r\n");
    [head.as_bytes(), response.body()].concat()
}
