//! A proxy before Redis that can drop what it gets, or reply with nonsense.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

/// A proxy on a free port of the loopback, until the program ends.
pub(crate) struct Proxy {
    url: String,
    mode: Arc<AtomicU8>,
}

#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Mode {
    Forward,
    /// Accepts connections and bytes, and never replies.
    Drop,
    /// Replies with bytes of another protocol.
    Nonsense,
}

impl Proxy {
    pub(crate) fn start(server: PathBuf) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("redis://{}/", listener.local_addr()?);
        let mode = Arc::new(AtomicU8::new(Mode::Forward as u8));
        let shared = Arc::clone(&mode);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mode = Arc::clone(&shared);
                // Without a server behind it the connection is closed.
                if let Ok(server) = UnixStream::connect(&server) {
                    serve(client, server, mode);
                }
            }
        });
        Ok(Self { url, mode })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::SeqCst);
    }
}

fn serve(client: TcpStream, server: UnixStream, mode: Arc<AtomicU8>) {
    let (Ok(mut to_client), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    let of_requests = Arc::clone(&mode);
    thread::spawn(move || {
        let Ok(mut replies_of_nonsense) = client.try_clone() else {
            return;
        };
        copy(client, |bytes| match of_requests.load(Ordering::SeqCst) {
            FORWARD => to_server.write_all(bytes),
            NONSENSE => replies_of_nonsense.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            _ => Ok(()),
        });
        let _ = to_server.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        copy(server, |bytes| match mode.load(Ordering::SeqCst) {
            FORWARD => to_client.write_all(bytes),
            _ => Ok(()),
        });
        let _ = to_client.shutdown(Shutdown::Both);
    });
}

/// Hands over what is read until one side ends.
fn copy(mut from: impl Read, mut to: impl FnMut(&[u8]) -> std::io::Result<()>) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if to(&bytes[..length]).is_err() {
            return;
        }
    }
}

const FORWARD: u8 = Mode::Forward as u8;
const NONSENSE: u8 = Mode::Nonsense as u8;
