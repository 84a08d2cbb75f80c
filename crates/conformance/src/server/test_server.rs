//! A server on the loopback that sends scripted bytes, well-formed or not, and counts connections and requests.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};

use rustls::ServerConfig;

use crate::secrecy::planted::PATH_AND_QUERY;
use crate::server::connection::Connection;
use crate::server::received_request::ReceivedRequest;
use crate::server::server_state::{Shared, State};
use crate::subject::Subject;

/// Listens until it is dropped. Then it closes every connection and joins every thread.
pub(crate) struct TestServer {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl TestServer {
    /// Starts a server without TLS, which runs the handler for each connection.
    ///
    /// If the handler returns `Ok`, the connection ends with a `close_notify`; after an error it is closed without one.
    pub(crate) fn start_plain(handler: impl Handler) -> Self {
        Self::bind(IpAddr::V4(Ipv4Addr::LOCALHOST), None, handler).unwrap()
    }

    /// Starts a server with TLS.
    pub(crate) fn start_tls(config: Arc<ServerConfig>, handler: impl Handler) -> Self {
        Self::bind(IpAddr::V4(Ipv4Addr::LOCALHOST), Some(config), handler).unwrap()
    }

    /// Starts a server with the TLS of the subject's cases, if they have any.
    pub(crate) fn start<S: Subject>(handler: impl Handler) -> Self {
        Self::bind(IpAddr::V4(Ipv4Addr::LOCALHOST), S::tls(), handler).unwrap()
    }

    /// Starts the server on `[::1]`; an error if the machine has no IPv6 loopback.
    pub(crate) fn start_on_ipv6<S: Subject>(handler: impl Handler) -> io::Result<Self> {
        Self::bind(IpAddr::V6(Ipv6Addr::LOCALHOST), S::tls(), handler)
    }

    /// Starts a server that sends the function's response to every request.
    pub(crate) fn responding<S: Subject>(
        respond: impl Fn(&ReceivedRequest) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::start::<S>(move |connection| {
            loop {
                let request = connection.request()?;
                connection.write(respond(&request))?;
            }
        })
    }

    fn bind(ip: IpAddr, tls: Option<Arc<ServerConfig>>, handler: impl Handler) -> io::Result<Self> {
        let listener = TcpListener::bind((ip, 0))?;
        let address = listener.local_addr()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared::default());
        let acceptor = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || accept(&listener, tls.as_ref(), &shared, &Arc::new(handler)))
        };
        Ok(Self {
            address,
            scheme,
            shared,
            acceptor: Some(acceptor),
        })
    }

    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Returns the scheme and the address, without a path.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Returns the URL of a token endpoint by its address, with a planted secret in the query.
    pub(crate) fn url(&self) -> String {
        format!("{}{PATH_AND_QUERY}", self.origin())
    }

    /// Returns the URL of the token endpoint with the host `localhost`.
    pub(crate) fn url_by_name(&self) -> String {
        let port = self.address.port();
        format!("{}://localhost:{port}{PATH_AND_QUERY}", self.scheme)
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.lock().ended.len()
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.shared.lock().requests.clone()
    }

    /// Waits for the end of this connection, counted from 0, and returns the number of bytes written on it.
    pub(crate) fn wait_for_end(&self, number: usize) -> usize {
        let ended = |state: &State| state.ended.get(number).copied().flatten();
        self.shared.wait(|state| ended(state).is_some());
        ended(&self.shared.lock()).unwrap()
    }

    /// Sends a signal. The handlers and the test share one count of signals.
    pub(crate) fn signal(&self) {
        self.shared.signal();
    }

    /// Waits until the count of signals reaches this number.
    pub(crate) fn wait_for_signals(&self, times: usize) {
        self.shared.wait_for_signals(times);
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let sockets = {
            let mut state = self.shared.lock();
            state.stopped = true;
            std::mem::take(&mut state.sockets)
        };
        self.shared.changed.notify_all();
        for socket in sockets.iter().filter_map(Weak::upgrade) {
            let _ = socket.shutdown(std::net::Shutdown::Both);
        }
        // A new connection wakes the thread that accepts connections.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

/// The script of a connection.
pub(crate) trait Handler:
    Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static
{
}

impl<F: Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static> Handler for F {}

fn accept(
    listener: &TcpListener,
    tls: Option<&Arc<ServerConfig>>,
    shared: &Arc<Shared>,
    handler: &Arc<impl Handler>,
) {
    let mut threads = Vec::new();
    while let Ok((socket, _)) = listener.accept() {
        // Nagle's algorithm would delay the bytes of a handler.
        let _ = socket.set_nodelay(true);
        let socket = Arc::new(socket);
        let mut state = shared.lock();
        if state.stopped {
            break;
        }
        let number = state.ended.len();
        state.ended.push(None);
        state.sockets.push(Arc::downgrade(&socket));
        drop(state);
        let connection = Connection::new(socket, tls.cloned(), number, Arc::clone(shared));
        let (handler, shared) = (Arc::clone(handler), Arc::clone(shared));
        threads.push(thread::spawn(move || play(connection, &*handler, &shared)));
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn play(mut connection: Connection, handler: &impl Handler, shared: &Shared) {
    let (number, outcome) = (connection.number(), handler(&mut connection));
    let written = connection.written();
    match outcome {
        Ok(()) => connection.end(),
        Err(_) => drop(connection),
    }
    shared.lock().ended[number] = Some(written);
    shared.changed.notify_all();
}
