//! A receiver for the webhooks of a running server, and the client that causes their runs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use edge_oauth_local::LocalEdge;
use http::Response;
use serde_json::{Value, json};

use crate::peer::{json, token_of};
use crate::sockets::Connection;

/// A client of a running server.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    pub(crate) token: String,
}

impl Client {
    pub(crate) fn of(edge: &LocalEdge) -> Self {
        let mut connection = Connection::to(edge);
        connection.send_token_request();
        let token = token_of(&connection.receive());
        Self { connection, token }
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, body: &str) -> Response<Vec<u8>> {
        self.connection.send(format!(
            "{method} /api/admin/v1/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len(),
        ));
        self.connection.receive()
    }

    pub(crate) fn create(&mut self, webhook: &Value) {
        let answer = self.send("POST", "webhooks", &webhook.to_string());
        assert_eq!(answer.status(), 201);
    }

    pub(crate) fn clear(&mut self, what: &str) {
        assert_eq!(self.send("DELETE", what, "").status(), 202);
    }

    /// Returns the only webhook.
    pub(crate) fn webhook(&mut self) -> Value {
        json(&self.send("GET", "webhooks", ""))[0].clone()
    }
}

/// A receiver at the URL of a webhook.
pub(crate) struct Receiver(pub(crate) TcpListener);

impl Receiver {
    pub(crate) fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(crate) fn webhook(&self) -> Value {
        let uri = format!("http://{}/hook?a=b", self.0.local_addr().unwrap());
        json!({ "label": "l", "uri": uri })
    }

    /// Accepts one request, and returns its lines, its body and its connection.
    pub(crate) fn take(&self) -> (Vec<String>, String, BufReader<TcpStream>) {
        let mut stream = BufReader::new(self.0.accept().unwrap().0);
        let mut lines = Vec::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            lines.push(line.to_owned());
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        (lines, String::from_utf8(body).unwrap(), stream)
    }

    /// Accepts one request and sends a response.
    pub(crate) fn answer(&self, answer: &str) -> (Vec<String>, String) {
        let (lines, body, mut stream) = self.take();
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
        (lines, body)
    }
}
