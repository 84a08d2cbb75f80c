//! One connection, from the side of the server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{HandshakeKind, ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use crate::server::received_request::ReceivedRequest;
use crate::server::server_state::Shared;

/// The connection of a handler. An error means that the client has closed it; a handler returns that error.
pub(crate) struct Connection {
    stream: Stream,
    number: usize,
    written: usize,
    /// The index of the request that is being read.
    request: usize,
    shared: Arc<Shared>,
}

enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

/// A socket that its thread owns and that the server can shut down.
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

    /// Returns the number of this connection, counted from 0.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Returns the number of bytes written so far, without those of TLS.
    pub(crate) fn written(&self) -> usize {
        self.written
    }

    /// Returns whether the handshake resumed the TLS session of an earlier connection.
    pub(crate) fn is_resumed(&self) -> bool {
        match &self.stream {
            Stream::Plain(_) => false,
            Stream::Tls(stream) => stream.conn.handshake_kind() == Some(HandshakeKind::Resumed),
        }
    }

    /// Returns the client's certificate in DER, after the handshake.
    pub(crate) fn client_certificate(&self) -> Option<&[u8]> {
        match &self.stream {
            Stream::Plain(_) => None,
            Stream::Tls(stream) => Some(stream.conn.peer_certificates()?.first()?),
        }
    }

    /// Ends TLS if it error_kind, and waits until the client has read the alert and closes: a connection that is closed with
    /// bytes unread is reset, and a reset may overtake the alert.
    pub(crate) fn drain_after_alert(&mut self) -> io::Result<()> {
        let Stream::Tls(stream) = &mut self.stream else {
            return Ok(());
        };
        stream.sock.0.shutdown(Shutdown::Write)?;
        io::copy(&mut stream.sock, &mut io::sink()).map(drop)
    }

    /// Reads one request.
    pub(crate) fn request(&mut self) -> io::Result<ReceivedRequest> {
        let mut request = self.head()?;
        self.body(&mut request)?;
        Ok(request)
    }

    /// Reads a request up to the empty line, and counts it.
    pub(crate) fn head(&mut self) -> io::Result<ReceivedRequest> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte()?);
        }
        let received = ReceivedRequest::parse(&head[..head.len() - 4]);
        self.request = self.shared.received(received.clone());
        Ok(received)
    }

    /// Reads the body of the request with this head.
    pub(crate) fn body(&mut self, request: &mut ReceivedRequest) -> io::Result<()> {
        request.body = vec![0; request.length()];
        self.stream.reader().read_exact(&mut request.body)?;
        self.shared.completed(self.request, &request.body);
        Ok(())
    }

    /// Reads one byte.
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

    /// Writes these bytes repeatedly, until the client closes.
    pub(crate) fn flood(&mut self, bytes: &[u8]) -> io::Result<()> {
        loop {
            self.write(bytes)?;
        }
    }

    /// Writes these bytes repeatedly with a pause between them, until the client closes.
    pub(crate) fn drip(&mut self, bytes: &[u8]) -> io::Result<()> {
        loop {
            self.write(bytes)?;
            thread::sleep(DRIP);
        }
    }

    /// Makes the end of the connection a reset, and returns the error that the handler has to return.
    pub(crate) fn reset(&mut self) -> io::Result<()> {
        let Socket(socket) = match &self.stream {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => &stream.sock,
        };
        SockRef::from(&**socket).set_linger(Some(Duration::ZERO))?;
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Reads until the client closes the connection.
    pub(crate) fn read_until_closed(&mut self) -> io::Result<()> {
        io::copy(self.stream.reader(), &mut io::sink()).map(drop)
    }

    /// Waits until the server is dropped, without reading or writing.
    pub(crate) fn wait_until_dropped(&mut self) {
        self.shared.wait_until_stopped();
    }

    /// Waits until the server's count of signals reaches this number.
    pub(crate) fn wait_for_signals(&mut self, times: usize) {
        self.shared.wait_for_signals(times);
    }

    /// Sends a signal.
    pub(crate) fn signal(&mut self) {
        self.shared.signal();
    }

    /// Ends the connection in order: sends the written bytes and, over TLS, a `close_notify`.
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
