//! A server of bytes on the loopback: it plays what it is told, well-formed or not, and keeps count.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};

use rustls::ServerConfig;

use crate::secrecy::planted::PATH_AND_QUERY;
use crate::server::connection::Connection;
use crate::server::received_request::Received;
use crate::server::server_state::{Shared, State};
use crate::subject::Subject;

/// Listens until it is dropped; then it closes every connection and joins every thread.
pub(crate) struct Peer {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Peer {
    /// Runs the handler for each connection. A handler that returns `Ok` ends the connection well;
    /// after an error it is just closed.
    pub(crate) fn plain(handler: impl Handler) -> Self {
        Self::start(IpAddr::V4(Ipv4Addr::LOCALHOST), None, handler).unwrap()
    }

    /// The same over TLS.
    pub(crate) fn tls(config: Arc<ServerConfig>, handler: impl Handler) -> Self {
        Self::start(IpAddr::V4(Ipv4Addr::LOCALHOST), Some(config), handler).unwrap()
    }

    /// Plain or over TLS, as the subject is tried.
    pub(crate) fn of<S: Subject>(handler: impl Handler) -> Self {
        Self::start(IpAddr::V4(Ipv4Addr::LOCALHOST), S::tls(), handler).unwrap()
    }

    /// The same on `[::1]`, where the machine has that.
    pub(crate) fn of_v6<S: Subject>(handler: impl Handler) -> io::Result<Self> {
        Self::start(IpAddr::V6(Ipv6Addr::LOCALHOST), S::tls(), handler)
    }

    /// Answers every request with what comes of it.
    pub(crate) fn answering<S: Subject>(
        answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::of::<S>(move |connection| {
            loop {
                let request = connection.request()?;
                connection.write(answer(&request))?;
            }
        })
    }

    fn start(
        ip: IpAddr,
        tls: Option<Arc<ServerConfig>>,
        handler: impl Handler,
    ) -> io::Result<Self> {
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

    /// Where it is, without a path.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// A token endpoint by address, with something planted in its query.
    pub(crate) fn url(&self) -> String {
        format!("{}{PATH_AND_QUERY}", self.origin())
    }

    /// The same by name.
    pub(crate) fn url_by_name(&self) -> String {
        let port = self.address.port();
        format!("{}://localhost:{port}{PATH_AND_QUERY}", self.scheme)
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.lock().ended.len()
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.shared.lock().requests.clone()
    }

    /// Waits for the end of this connection, from 0, and says how many bytes were written on it.
    pub(crate) fn ended(&self, number: usize) -> usize {
        let ended = |state: &State| state.ended.get(number).copied().flatten();
        self.shared.wait(|state| ended(state).is_some());
        ended(&self.shared.lock()).unwrap()
    }

    /// Raises the signal that the handlers and the test share.
    pub(crate) fn raise(&self) {
        self.shared.raise();
    }

    /// Waits for that signal to be raised this often, by whomever.
    pub(crate) fn until_raised(&self, times: usize) {
        self.shared.until_raised(times);
    }
}

impl Drop for Peer {
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
        // Nothing else wakes a thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

/// What happens on a connection.
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
        // What a handler has written is on its way, and not kept back for more.
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
