//! A token endpoint with a clock that a test sets: the simulator of the local Edge behind a [`TestServer`].

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use edge_oauth_driver::blocking::{Builder, TokenSource};
use edge_oauth_driver::testing::Clock;
use edge_oauth_local::{AUDIENCE, Client, Fault, Options, Simulator};
use edge_oauth_no_io::{ClientAuth, Config};
use http::{Request, Response};

use crate::oauth::jwt::ID;
use crate::server::received_request::ReceivedRequest;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

/// A token endpoint that reads the clock of its clients, plus an offset.
pub(crate) struct TokenEndpoint {
    server: TestServer,
    state: Arc<State>,
}

struct State {
    /// Set once the address of the server is known.
    edge: OnceLock<Mutex<Simulator>>,
    clock: Clock,
    seconds_ahead: AtomicI64,
}

impl TokenEndpoint {
    /// Starts an endpoint with one client. The lifetime of a token is 15 minutes.
    pub(crate) fn new<S: Subject>(client: Client, clock: &Clock) -> Self {
        let state = Arc::new(State {
            edge: OnceLock::new(),
            clock: clock.clone(),
            seconds_ahead: AtomicI64::new(0),
        });
        let shared = Arc::clone(&state);
        let server = TestServer::responding::<S>(move |request| shared.respond(request));
        let options = Options::default()
            .client(client)
            .lifetime(Duration::from_secs(900));
        let edge = Simulator::new(options, &server.origin());
        assert!(
            state.edge.set(Mutex::new(edge)).is_ok(),
            "the simulator is set once"
        );
        Self { server, state }
    }

    pub(crate) fn token_url(&self) -> String {
        format!("{}/oauth/token", self.server.origin())
    }

    /// Returns a builder for a source of the client, with this client authentication and the common clock.
    pub(crate) fn source(&self, auth: ClientAuth) -> Builder<Clock> {
        let config = Config::builder(self.token_url(), ID)
            .client_auth(auth)
            .audience(AUDIENCE);
        TokenSource::builder(config.build().unwrap()).runtime(self.state.clock.clone())
    }

    /// Sets the seconds that the endpoint's clock is ahead of the clients' clock. A negative number puts it behind.
    pub(crate) fn set_clock_ahead(&self, seconds: i64) {
        self.state.seconds_ahead.store(seconds, Ordering::SeqCst);
    }

    /// Scripts the faults of the next token requests.
    pub(crate) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.edge(|edge| edge.script(faults).unwrap());
    }

    /// Returns the number of token requests so far.
    pub(crate) fn token_requests(&self) -> u64 {
        self.state.edge(|edge| edge.served().token_requests)
    }

    /// Returns the received client assertions, in order.
    pub(crate) fn assertions(&self) -> Vec<String> {
        let requests = self.server.requests();
        let assertion = |request: &ReceivedRequest| {
            let mut parameters = form_urlencoded::parse(&request.body);
            let assertion = parameters.find(|(name, _)| name == "client_assertion");
            assertion.map(|(_, value)| value.into_owned())
        };
        requests.iter().filter_map(assertion).collect()
    }
}

impl State {
    fn edge<T>(&self, act: impl FnOnce(&mut Simulator) -> T) -> T {
        let edge = self
            .edge
            .get()
            .expect("the simulator is set before the first request");
        act(&mut edge.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn respond(&self, received: &ReceivedRequest) -> Vec<u8> {
        let method = received.line.split(' ').next().unwrap_or_default();
        let mut request = Request::builder().method(method).uri(received.path());
        for (name, value) in &received.headers {
            request = request.header(name, value);
        }
        let request = request.body(&received.body).unwrap();
        let seconds = self.clock.now().wall.as_secs();
        let ahead = self.seconds_ahead.load(Ordering::SeqCst);
        let now = Duration::from_secs(seconds.saturating_add_signed(ahead));
        encode(&self.edge(|edge| edge.respond(&request, now)).response)
    }
}

fn encode(response: &Response<Vec<u8>>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in response.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    let length = response.body().len();
    head += &format!("content-length: {length}\r\n\r\n");
    [head.as_bytes(), response.body()].concat()
}
