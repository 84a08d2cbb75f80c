//! A site that webhooks call.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the operations have no IO, and this server of their tests has"
)]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

/// A site on the loopback that responds to every request with one status, and records the requests.
pub(crate) struct Site {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Received>>>,
}

/// A request that the site received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Site {
    /// Starts a site. Its thread ends with the process.
    pub(crate) fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
        };
        let requests = Arc::clone(&site.requests);
        let response =
            format!("HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = BufReader::new(connection.unwrap());
                requests.lock().unwrap().push(read(&mut connection));
                let sent = connection.get_mut().write_all(response.as_bytes());
                sent.unwrap();
            }
        });
        site
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/api/revalidate", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap().clone()
    }
}

fn read(connection: &mut impl BufRead) -> Received {
    let lines = connection.by_ref().lines().map(Result::unwrap);
    let mut head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let headers = head.split_off(1);
    let length = headers.iter().find_map(|header| {
        let (name, value) = header.split_once(": ")?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or_default()];
    connection.read_exact(&mut body).unwrap();
    Received {
        line: head.remove(0),
        headers,
        body,
    }
}
