//! A token endpoint, over http or TLS, that records its requests and returns a token or a given response.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http::read_request;

/// The server. It ends with the process.
pub(crate) struct Authority {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    responses: VecDeque<(u16, String)>,
}

/// One token request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
    /// The client certificate of the connection.
    pub(crate) certificate: Option<Vec<u8>>,
}

impl Authority {
    pub(crate) fn start() -> Self {
        Self::serve("http", None)
    }

    /// Starts a server on `localhost` with TLS.
    pub(crate) fn start_tls(config: ServerConfig) -> Self {
        Self::serve("https", Some(Arc::new(config)))
    }

    fn serve(scheme: &str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!(
            "{scheme}://localhost:{}/token",
            listener.local_addr().unwrap().port()
        );
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, shared) = (tls.clone(), Arc::clone(&shared));
                // The test itself checks a client that disconnects.
                thread::spawn(move || match tls {
                    None => drop(exchange(stream, &shared, |_| None)),
                    Some(tls) => {
                        let Ok(connection) = ServerConnection::new(tls) else {
                            return;
                        };
                        let certificate =
                            |stream: &mut StreamOwned<ServerConnection, TcpStream>| {
                                let chain = stream.conn.peer_certificates()?;
                                Some(chain.first()?.to_vec())
                            };
                        drop(exchange(
                            StreamOwned::new(connection, stream),
                            &shared,
                            certificate,
                        ));
                    }
                });
            }
        });
        Self { url, state }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sets the response to the next request, in place of a token.
    pub(crate) fn respond(&self, status: u16, body: &str) {
        self.state().responses.push_back((status, body.to_owned()));
    }

    /// Returns the requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// Returns the newest request.
    #[track_caller]
    pub(crate) fn last(&self) -> Request {
        self.requests().pop().expect("there was a request")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Request {
    /// Returns the parameter of the form.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        let mut pairs = self.body.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(own, _)| *own == name)?;
        let mut bytes = Vec::new();
        let mut rest = value.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                byte => byte,
            });
        }
        Some(String::from_utf8(bytes).unwrap())
    }
}

fn exchange<S: Read + Write>(
    mut stream: S,
    state: &Mutex<State>,
    certificate: impl FnOnce(&mut S) -> Option<Vec<u8>>,
) -> std::io::Result<()> {
    let Some((head, body)) = read_request(&mut stream)? else {
        return Ok(());
    };
    let certificate = certificate(&mut stream);
    let is_token_request = head.starts_with("POST");
    let (status, body) = {
        let mut state = state.lock().unwrap();
        if is_token_request {
            state.requests.push(Request {
                head,
                body,
                certificate,
            });
        }
        let token = || {
            (
                200,
                r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}"#.to_owned(),
            )
        };
        match is_token_request {
            true => state.responses.pop_front().unwrap_or_else(token),
            false => (405, String::new()),
        }
    };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}
