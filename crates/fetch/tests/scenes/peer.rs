//! A server whose bytes a test decides.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// The end of a response.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Close,
    /// Nothing more comes, until the client closes the connection.
    Silence,
    /// The same bytes again, until the client closes the connection.
    Repeat(&'static [u8]),
}

pub(crate) struct Peer {
    address: SocketAddr,
    events: Receiver<Event>,
}

enum Event {
    Request(String),
    /// The client closed the connection of a request.
    Closed,
}

impl Peer {
    /// Sends these bytes to each request, in place of a response.
    pub(crate) fn start(bytes: impl Into<Vec<u8>>, end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, events) = mpsc::channel();
        let bytes: Arc<[u8]> = bytes.into().into();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (bytes, sender) = (Arc::clone(&bytes), sender.clone());
                // A browser opens connections in advance, which end without a request.
                thread::spawn(move || serve(stream, &bytes, end, &sender));
            }
        });
        Self { address, events }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/things?page=2", self.address)
    }

    /// Waits for the next request. Returns its head and its body.
    pub(crate) fn request(&self) -> String {
        loop {
            if let Event::Request(request) = self.events.recv().unwrap() {
                return request;
            }
        }
    }

    /// Waits until the client has closed the connection of a request.
    pub(crate) fn wait_until_closed(&self) {
        while !matches!(self.events.recv().unwrap(), Event::Closed) {}
    }
}

fn serve(stream: TcpStream, bytes: &[u8], end: End, events: &Sender<Event>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        request += &line;
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request += &String::from_utf8_lossy(&body);
    events.send(Event::Request(request)).ok()?;
    let mut stream = reader.into_inner();
    stream.write_all(bytes).ok()?;
    match end {
        End::Close => return None,
        End::Silence => while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {},
        End::Repeat(bytes) => while stream.write_all(bytes).is_ok() {},
    }
    events.send(Event::Closed).ok()
}
