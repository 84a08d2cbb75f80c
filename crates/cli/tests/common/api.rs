//! A server with a token endpoint and an API, which records its requests and gives prepared responses.

use std::collections::VecDeque;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use super::http::read_request;

/// The server. It ends with the process.
pub(crate) struct Api {
    base: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    tokens: usize,
    calls: Vec<Call>,
    responses: VecDeque<(u16, String, String)>,
    /// In seconds; an hour if it is not set.
    lifetime: Option<u64>,
}

/// One call of the API.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Api {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // The test itself checks a client that disconnects.
                thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Self { base, state }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn token_url(&self) -> String {
        format!("{}/token", self.base)
    }

    /// Sets the response to the next call. Each of `headers` ends with a line break.
    pub(crate) fn respond(&self, status: u16, headers: &str, body: &str) {
        let headers = headers.replace('\n', "\r\n");
        let mut state = self.state();
        state
            .responses
            .push_back((status, headers, body.to_owned()));
    }

    /// Sets the lifetime of the next tokens.
    pub(crate) fn set_lifetime(&self, seconds: u64) {
        self.state().lifetime = Some(seconds);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Returns the newest call.
    #[track_caller]
    pub(crate) fn last(&self) -> Call {
        self.calls().pop().expect("there was a call")
    }

    /// Returns the number of token requests.
    pub(crate) fn tokens(&self) -> usize {
        self.state().tokens
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let Some((head, body)) = read_request(&mut stream)? else {
        return Ok(());
    };
    let (status, headers, body) = {
        let mut state = state.lock().unwrap();
        if head.starts_with("POST /token ") {
            state.tokens += 1;
            let token = format!(
                r#"{{"access_token":"t0ken-number-{}","token_type":"Bearer","expires_in":{}}}"#,
                state.tokens,
                state.lifetime.unwrap_or(3600)
            );
            (200, "Content-Type: application/json\r\n".to_owned(), token)
        } else {
            state.calls.push(Call { head, body });
            let next = state.responses.pop_front();
            next.unwrap_or((200, String::new(), "{}".to_owned()))
        }
    };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}
