//! A server with a path for each fault of a response or a connection.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::certificates::Authority;
use crate::secrecy::planted::TOKEN;
use crate::server::connection::Connection;
use crate::server::received_request::ReceivedRequest;
use crate::server::test_server::TestServer;

/// A fault of a response or a connection.
#[derive(Clone, Copy, Debug)]
pub struct WireFault {
    /// The path of the URL that plays the fault.
    pub path: &'static str,
    /// The bytes of the response. `{token}` is a token, and `{request}` is the request. `{echo}`, `{form}` and `{raw}` are
    /// the request with its credentials first: as the content of a JSON text, percent-encoded, and without `&`.
    response: &'static str,
    ending: Ending,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    /// The response is complete, and the connection is closed.
    Complete,
    /// The connection is closed before the response is complete.
    Close,
    Reset,
    /// The server waits for the client.
    Wait,
    /// The server repeats this text.
    Flood(&'static str),
}

impl WireFault {
    /// The token in the responses.
    pub const TOKEN: &str = TOKEN;

    /// Returns the fault of this path, or of a path below the fault's path.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        let name = path.split(['/', '?']).nth(1);
        let mut faults = WIRE_FAULTS.iter();
        faults.find(|fault| fault.path.strip_prefix('/') == name)
    }

    /// Returns the count of this fault.
    fn count<'a>(&self, of_all: &'a [AtomicUsize]) -> &'a AtomicUsize {
        let mut faults = WIRE_FAULTS.iter();
        let at = faults.position(|other| other.path == self.path);
        &of_all[at.expect("only the list has faults")]
    }

    /// Returns whether the response ends, or exceeds a limit of the client. Otherwise the client times out.
    pub fn ends(&self) -> bool {
        !matches!(self.ending, Ending::Wait) && self.path != "/early"
    }

    /// Returns the status of a complete response.
    pub fn status(&self) -> Option<u16> {
        let status = self.response.split(' ').nth(1);
        let whole = matches!(self.ending, Ending::Complete);
        status.filter(|_| whole)?.parse().ok()
    }

    /// Returns whether the message of a complete response repeats the request.
    pub fn echoes(&self) -> bool {
        ["{echo}", "{form}", "{raw}"]
            .iter()
            .any(|echo| self.response.contains(echo))
    }

    /// Sends the response of the fault to this request.
    pub(crate) fn play(
        &self,
        connection: &mut Connection,
        request: &ReceivedRequest,
    ) -> io::Result<()> {
        let echo = request.credentials_first();
        let json = serde_json::Value::from(echo.as_str()).to_string();
        let form: String = form_urlencoded::byte_serialize(echo.as_bytes()).collect();
        let response = self.response.replace("{token}", TOKEN);
        let response = response.replace("{echo}", &json[1..json.len() - 1]);
        let response = response.replace("{form}", &form);
        let response = response.replace("{raw}", &echo.replace('&', ";"));
        connection.write(response.replace("{request}", &request.text()))?;
        match self.ending {
            Ending::Complete | Ending::Close => Ok(()),
            Ending::Reset => connection.reset(),
            Ending::Wait => connection.read_until_closed(),
            Ending::Flood(text) => {
                connection.flood(text.replace("{token}", TOKEN).repeat(500).as_bytes())
            }
        }
    }
}

/// Serves [`WIRE_FAULTS`] in the clear and over TLS, until it is dropped.
pub struct FaultyServer {
    http: TestServer,
    https: TestServer,
    authority: Authority,
    played: Arc<[AtomicUsize]>,
}

impl FaultyServer {
    /// Starts the server on free ports of the loopback, with a certificate of a new authority.
    pub fn start() -> Self {
        let authority = Authority::new("ours");
        let played: Arc<[_]> = WIRE_FAULTS.iter().map(|_| AtomicUsize::new(0)).collect();
        let serve = || {
            let played = Arc::clone(&played);
            move |connection: &mut Connection| serve(connection, &played)
        };
        Self {
            http: TestServer::start_plain(serve()),
            https: TestServer::start_tls(authority.server(), serve()),
            authority,
            played,
        }
    }

    /// Returns the number of requests that met this fault.
    pub fn played(&self, fault: &WireFault) -> usize {
        fault.count(&self.played).load(Ordering::SeqCst)
    }

    /// Returns the URLs of this fault: with http and with https.
    pub fn urls(&self, fault: &WireFault) -> [String; 2] {
        [&self.http, &self.https].map(|server| format!("{}{}", server.origin(), fault.path))
    }

    /// Returns the certificate of the authority, which a client has to trust.
    pub fn ca_pem(&self) -> String {
        self.authority.pem()
    }
}

fn serve(connection: &mut Connection, played: &[AtomicUsize]) -> io::Result<()> {
    let request = connection.request()?;
    let Some(fault) = WireFault::at(request.path()) else {
        return connection
            .write("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    };
    fault.count(played).fetch_add(1, Ordering::SeqCst);
    fault.play(connection, &request)
}

macro_rules! faults {
    ($($path:literal $response:expr, $ending:expr;)*) => {
        &[$(WireFault { path: $path, response: $response, ending: $ending }),*]
    };
}

macro_rules! json {
    ($status:literal $body:literal) => {
        concat!(
            "HTTP/1.1 ",
            $status,
            "\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n",
            $body
        )
    };
}

macro_rules! page {
    ($status:literal) => {
        concat!(
            "HTTP/1.1 ",
            $status,
            "\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>{request}{token}</html>"
        )
    };
}

macro_rules! eight_tokens {
    () => {
        "{token}{token}{token}{token}{token}{token}{token}{token}"
    };
}

/// The length of a chunk of `/chunks`.
const _: () = assert!(8 * TOKEN.len() == 0xc0);

/// All faults. None of the responses is a valid token response.
#[rustfmt::skip]
pub const WIRE_FAULTS: &[WireFault] = faults! {
    // Connections that end early or never.
    "/hung-up" "", Ending::Close;
    "/reset" "", Ending::Reset;
    "/silent" "", Ending::Wait;
    "/half-a-head" "HTTP/1.1 200 OK\r\nx-token: {token}", Ending::Close;
    "/half-a-head-reset" "HTTP/1.1 200 OK\r\nx-token: {token}", Ending::Reset;
    "/half-a-head-silent" "HTTP/1.1 200 OK\r\nx-token: {token}", Ending::Wait;
    "/cut" "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"{token}\"", Ending::Close;
    "/cut-reset" "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"{token}\"", Ending::Reset;
    "/cut-silent" "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"{token}\"", Ending::Wait;
    "/cut-chunk" "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"access_token\":\"{token}\"", Ending::Close;
    "/cut-without-a-length" "HTTP/1.1 200 OK\r\n\r\n{\"access_token\":\"{token}", Ending::Close;
    // Bytes that are not HTTP.
    "/garbage" "{token}\r\n\r\n", Ending::Close;
    "/echo-of-the-request" "{request}\r\n\r\n", Ending::Close;
    "/alert" "\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{28}", Ending::Close;
    "/version" "HTTP/9.9 200 OK\r\n\r\n{token}", Ending::Close;
    "/status" "HTTP/1.1 {token} OK\r\n\r\n", Ending::Close;
    "/no-colon" "HTTP/1.1 200 OK\r\n{token}\r\n\r\n", Ending::Close;
    "/nul" "HTTP/1.1 200 OK\r\nx-token: {token}\0\r\n\r\n", Ending::Close;
    "/bad-chunk" "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{token}\r\n", Ending::Close;
    "/bad-length" "HTTP/1.1 200 OK\r\ncontent-length: {token}\r\n\r\n{token}", Ending::Close;
    // Responses without an end.
    "/length" "HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n", Ending::Flood("{token}");
    "/chunks" "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Ending::Flood(concat!("c0\r\n", eight_tokens!(), "\r\n"));
    "/close" "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", Ending::Flood("{token}");
    "/lines" "HTTP/1.1 200 OK\r\n", Ending::Flood(concat!("x-a: ", eight_tokens!(), "\r\n"));
    "/name" "HTTP/1.1 200 OK\r\n", Ending::Flood("{token}");
    "/early" "", Ending::Flood(concat!("HTTP/1.1 100 Continue\r\nx-a: ", eight_tokens!(), "\r\n\r\n"));
    // Error responses whose message repeats the request.
    "/echo-200" json!("200 OK" r#"{"error":"x","error_description":"{echo}","access_token":"{token}"}"#), Ending::Complete;
    "/echo-400" json!("400 Bad Request" r#"{"error":"invalid_request","error_description":"{echo}"}"#), Ending::Complete;
    "/echo-401" json!("401 Unauthorized" r#"{"error":"{echo}"}"#), Ending::Complete;
    "/echo-403" json!("403 Forbidden" r#"{"error":"access_denied","error_description":"{echo}","error_uri":"{echo}"}"#), Ending::Complete;
    "/echo-429" json!("429 Too Many Requests" r#"{"statusCode":429,"error":"{echo}","message":"{echo}"}"#), Ending::Complete;
    "/echo-500" json!("500 Internal Server Error" r#"{"error":{"message":"{echo}"},"message":"{echo}"}"#), Ending::Complete;
    "/echo-problem" json!("422 Unprocessable Content" r#"{"title":"{echo}","detail":"{echo}","errors":{"x":["{echo}"]}}"#), Ending::Complete;
    "/echo-form" "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\nerror=invalid_request&error_description={form}", Ending::Complete;
    "/echo-form-raw" "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\nerror=invalid_request&error_description={raw}", Ending::Complete;
    "/page-200" page!("200 OK"), Ending::Complete;
    "/page-400" page!("400 Bad Request"), Ending::Complete;
    "/page-407" page!("407 Proxy Authentication Required"), Ending::Complete;
    "/page-503" page!("503 Service Unavailable"), Ending::Complete;
    "/empty" json!("200 OK" ""), Ending::Complete;
    "/moved" "HTTP/1.1 307 Temporary Redirect\r\nlocation: https://elsewhere.invalid/?{token}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", Ending::Complete;
    "/moved-to-nowhere" "HTTP/1.1 302 Found\r\nlocation: {token} :\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", Ending::Complete;
    "/wait" "HTTP/1.1 429 Too Many Requests\r\nretry-after: {token}\r\nauth0-client-quota-limit: {token}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", Ending::Complete;
    // Responses without a valid token.
    "/token-twice" json!("200 OK" r#"{"access_token":"{token}","access_token":"{token}"}"#), Ending::Complete;
    "/token-in-a-list" json!("200 OK" r#"{"access_token":["{token}"]}"#), Ending::Complete;
    "/token-with-a-break" json!("200 OK" r#"{"access_token":"{token}\r\nx: y"}"#), Ending::Complete;
    "/lifetime-is-a-token" json!("200 OK" r#"{"access_token":"{token}","expires_in":"{token}"}"#), Ending::Complete;
    "/type-is-a-token" json!("200 OK" r#"{"access_token":"{token}","token_type":"{token}"}"#), Ending::Complete;
    "/scope-is-a-list" json!("200 OK" r#"{"access_token":"{token}","scope":[1,"{token}"]}"#), Ending::Complete;
    "/bytes-after-json" json!("200 OK" r#"{"access_token":"{token}"}{token}"#), Ending::Complete;
    "/no-token" json!("200 OK" r#"{"accessToken":"{token}","{token}":1}"#), Ending::Complete;
};
