//! One connection, seen from the peer's side.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use crate::server::received_request::Received;
use crate::server::server_state::Shared;

/// What a handler plays on. An error means that the client has gone, and a handler passes it on.
pub(crate) struct Connection {
    stream: Stream,
    number: usize,
    written: usize,
    /// The place of the request that is being read.
    request: usize,
    shared: Arc<Shared>,
}

enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

/// A socket that its thread owns and that the peer can shut down.
struct Socket(Arc<TcpStream>);

impl Connection {
    pub(crate) fn new(
        socket: Arc<TcpStream>,
        tls: Option<Arc<ServerConfig>>,
        number: usize,
        shared: Arc<Shared>,
    ) -> Self {
        let socket = Socket(socket);
        let stream = match tls {
            None => Stream::Plain(socket),
            Some(config) => {
                let connection = ServerConnection::new(config).unwrap();
                Stream::Tls(Box::new(StreamOwned::new(connection, socket)))
            }
        };
        Self {
            stream,
            number,
            written: 0,
            request: 0,
            shared,
        }
    }

    /// Which connection of the peer's this is, from 0.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Bytes written so far, TLS not counted.
    pub(crate) fn written(&self) -> usize {
        self.written
    }

    /// Whether TLS was resumed with the session of an earlier connection, after the handshake.
    pub(crate) fn is_resumed(&self) -> bool {
        match &self.stream {
            Stream::Plain(_) => false,
            Stream::Tls(stream) => stream.conn.handshake_kind() == Some(HandshakeKind::Resumed),
        }
    }

    /// The certificate of the client, after the handshake, in DER.
    pub(crate) fn client_certificate(&self) -> Option<&[u8]> {
        match &self.stream {
            Stream::Plain(_) => None,
            Stream::Tls(stream) => Some(stream.conn.peer_certificates()?.first()?),
        }
    }

    /// Ends TLS if it failed, and waits until the client has read the alert and closes: a connection that is closed with
    /// bytes unread is reset, and a reset may overtake the alert.
    pub(crate) fn alerted(&mut self) -> io::Result<()> {
        let Stream::Tls(stream) = &mut self.stream else {
            return Ok(());
        };
        stream.sock.0.shutdown(Shutdown::Write)?;
        io::copy(&mut stream.sock, &mut io::sink()).map(drop)
    }

    /// One whole request.
    pub(crate) fn request(&mut self) -> io::Result<Received> {
        let mut request = self.head()?;
        self.body(&mut request)?;
        Ok(request)
    }

    /// A request up to the empty line. It counts as a request from here on.
    pub(crate) fn head(&mut self) -> io::Result<Received> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte()?);
        }
        let received = Received::parse(&head[..head.len() - 4]);
        self.request = self.shared.received(received.clone());
        Ok(received)
    }

    /// The rest of the request that began with this head.
    pub(crate) fn body(&mut self, request: &mut Received) -> io::Result<()> {
        request.body = vec![0; request.length()];
        self.stream.reader().read_exact(&mut request.body)?;
        self.shared.completed(self.request, &request.body);
        Ok(())
    }

    /// One byte.
    pub(crate) fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.reader().read_exact(&mut byte)?;
        Ok(byte[0])
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let mut bytes = bytes.as_ref();
        while !bytes.is_empty() {
            let length = self.stream.writer().write(bytes)?;
            if length == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.written += length;
            bytes = &bytes[length..];
        }
        self.stream.writer().flush()
    }

    /// Writes the same again and again, until the client has gone.
    pub(crate) fn flood(&mut self, bytes: &[u8]) -> io::Result<()> {
        loop {
            self.write(bytes)?;
        }
    }

    /// The same slowly.
    pub(crate) fn drip(&mut self, bytes: &[u8]) -> io::Result<()> {
        loop {
            self.write(bytes)?;
            thread::sleep(DRIP);
        }
    }

    /// Has the connection reset where it ends, with nothing said: the error is to be passed on.
    pub(crate) fn reset(&mut self) -> io::Result<()> {
        let Socket(socket) = match &self.stream {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => &stream.sock,
        };
        SockRef::from(&**socket).set_linger(Some(Duration::ZERO))?;
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Reads until the client closes.
    pub(crate) fn until_closed(&mut self) -> io::Result<()> {
        io::copy(self.stream.reader(), &mut io::sink()).map(drop)
    }

    /// Reads nothing and writes nothing for as long as the peer lives.
    pub(crate) fn until_dropped(&mut self) {
        self.shared.until_stopped();
    }

    /// Waits for the peer's signal to be raised this often.
    pub(crate) fn until_raised(&mut self, times: usize) {
        self.shared.until_raised(times);
    }

    /// Raises the peer's signal.
    pub(crate) fn raise(&mut self) {
        self.shared.raise();
    }

    /// Ends well: what is written is sent, and TLS says goodbye.
    pub(crate) fn end(mut self) {
        if let Stream::Tls(stream) = &mut self.stream {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}

impl Stream {
    fn reader(&mut self) -> &mut dyn Read {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream,
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => stream,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(bytes)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.0).flush()
    }
}

const DRIP: Duration = Duration::from_millis(5);
