//! A server that does everything wrong, each thing on a path of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::certificates::Authority;
use crate::secrecy::planted::TOKEN;
use crate::server::connection::Connection;
use crate::server::received_request::Received;
use crate::server::test_server::Peer;

/// One way to go wrong.
#[derive(Clone, Copy, Debug)]
pub struct WireFault {
    /// The path that shows it.
    pub path: &'static str,
    /// `{token}` stands for a token and `{request}` for the request. What tells most of that comes first in
    /// `{echo}`, in JSON, in `{form}`, percent-encoded, and in `{raw}`, which does without `&`.
    answer: &'static str,
    then: Then,
}

#[derive(Clone, Copy, Debug)]
enum Then {
    /// The answer is whole.
    Whole,
    End,
    Reset,
    Wait,
    Flood(&'static str),
}

impl WireFault {
    /// The token that the answers hold, good or bad.
    pub const TOKEN: &str = TOKEN;

    /// The one on this path; what is below it, such as an API, shows it too.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        let name = path.split(['/', '?']).nth(1);
        let mut faults = WIRE_FAULTS.iter();
        faults.find(|fault| fault.path.strip_prefix('/') == name)
    }

    /// Its part of what is counted for all of them.
    fn count<'a>(&self, of_all: &'a [AtomicUsize]) -> &'a AtomicUsize {
        let mut faults = WIRE_FAULTS.iter();
        let at = faults.position(|other| other.path == self.path);
        &of_all[at.expect("only the list has faults")]
    }

    /// Whether the answer comes to an end, if only to a bad one or to a bound of the client's; otherwise the
    /// client runs out of time.
    pub fn ends(&self) -> bool {
        !matches!(self.then, Then::Wait) && self.path != "/early"
    }

    /// The status of a whole answer.
    pub fn status(&self) -> Option<u16> {
        let status = self.answer.split(' ').nth(1);
        let whole = matches!(self.then, Then::Whole);
        status.filter(|_| whole)?.parse().ok()
    }

    /// Whether a whole answer says, where people look, what was sent.
    pub fn echoes(&self) -> bool {
        ["{echo}", "{form}", "{raw}"]
            .iter()
            .any(|echo| self.answer.contains(echo))
    }

    /// What the server does once it has the request.
    pub(crate) fn play(&self, connection: &mut Connection, request: &Received) -> io::Result<()> {
        let echo = request.most_telling_first();
        let json = serde_json::Value::from(echo.as_str()).to_string();
        let form: String = form_urlencoded::byte_serialize(echo.as_bytes()).collect();
        let answer = self.answer.replace("{token}", TOKEN);
        let answer = answer.replace("{echo}", &json[1..json.len() - 1]);
        let answer = answer.replace("{form}", &form);
        let answer = answer.replace("{raw}", &echo.replace('&', ";"));
        connection.write(answer.replace("{request}", &request.text()))?;
        match self.then {
            Then::Whole | Then::End => Ok(()),
            Then::Reset => connection.reset(),
            Then::Wait => connection.until_closed(),
            Then::Flood(text) => {
                connection.flood(text.replace("{token}", TOKEN).repeat(500).as_bytes())
            }
        }
    }
}

/// Serves [`WIRE_FAULTS`] in the clear and over TLS, until it is dropped.
pub struct FaultyServer {
    http: Peer,
    https: Peer,
    authority: Authority,
    played: Arc<[AtomicUsize]>,
}

impl FaultyServer {
    /// On free ports of the loopback, with a certificate of an authority of its own.
    pub fn start() -> Self {
        let authority = Authority::new("ours");
        let played: Arc<[_]> = WIRE_FAULTS.iter().map(|_| AtomicUsize::new(0)).collect();
        let serve = || {
            let played = Arc::clone(&played);
            move |connection: &mut Connection| serve(connection, &played)
        };
        Self {
            http: Peer::plain(serve()),
            https: Peer::tls(authority.server(), serve()),
            authority,
            played,
        }
    }

    /// How often this fault was played.
    pub fn played(&self, fault: &WireFault) -> usize {
        fault.count(&self.played).load(Ordering::SeqCst)
    }

    /// Where this fault is, by http and by https.
    pub fn urls(&self, fault: &WireFault) -> [String; 2] {
        [&self.http, &self.https].map(|peer| format!("{}{}", peer.origin(), fault.path))
    }

    /// The certificate of the authority, which a client has to trust.
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
    ($($path:literal $answer:expr, $then:expr;)*) => {
        &[$(WireFault { path: $path, answer: $answer, then: $then }),*]
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

/// All faults. No answer of them is a token.
#[rustfmt::skip]
pub const WIRE_FAULTS: &[WireFault] = faults! {
    // Connections that end, or do not.
    "/hung-up" "", Then::End;
    "/reset" "", Then::Reset;
    "/silent" "", Then::Wait;
    "/half-a-head" "HTTP/1.1 200 OK\r\nx-token: {token}", Then::End;
    "/half-a-head-reset" "HTTP/1.1 200 OK\r\nx-token: {token}", Then::Reset;
    "/half-a-head-silent" "HTTP/1.1 200 OK\r\nx-token: {token}", Then::Wait;
    "/cut" "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"{token}\"", Then::End;
    "/cut-reset" "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"{token}\"", Then::Reset;
    "/cut-silent" "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\":\"{token}\"", Then::Wait;
    "/cut-chunk" "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"access_token\":\"{token}\"", Then::End;
    "/cut-without-a-length" "HTTP/1.1 200 OK\r\n\r\n{\"access_token\":\"{token}", Then::End;
    // What is no HTTP.
    "/garbage" "{token}\r\n\r\n", Then::End;
    "/echo-of-the-request" "{request}\r\n\r\n", Then::End;
    "/alert" "\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{28}", Then::End;
    "/version" "HTTP/9.9 200 OK\r\n\r\n{token}", Then::End;
    "/status" "HTTP/1.1 {token} OK\r\n\r\n", Then::End;
    "/no-colon" "HTTP/1.1 200 OK\r\n{token}\r\n\r\n", Then::End;
    "/nul" "HTTP/1.1 200 OK\r\nx-token: {token}\0\r\n\r\n", Then::End;
    "/bad-chunk" "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{token}\r\n", Then::End;
    "/bad-length" "HTTP/1.1 200 OK\r\ncontent-length: {token}\r\n\r\n{token}", Then::End;
    // What has no end.
    "/length" "HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n", Then::Flood("{token}");
    "/chunks" "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Then::Flood("4\r\naaaa\r\n");
    "/close" "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", Then::Flood("{token}");
    "/lines" "HTTP/1.1 200 OK\r\n", Then::Flood("x-a: {token}{token}{token}{token}{token}{token}{token}{token}\r\n");
    "/name" "HTTP/1.1 200 OK\r\n", Then::Flood("{token}");
    "/early" "", Then::Flood("HTTP/1.1 100 Continue\r\n\r\n");
    // Statuses, with all that was sent in what the server says.
    "/echo-200" json!("200 OK" r#"{"error":"x","error_description":"{echo}","access_token":"{token}"}"#), Then::Whole;
    "/echo-400" json!("400 Bad Request" r#"{"error":"invalid_request","error_description":"{echo}"}"#), Then::Whole;
    "/echo-401" json!("401 Unauthorized" r#"{"error":"{echo}"}"#), Then::Whole;
    "/echo-403" json!("403 Forbidden" r#"{"error":"access_denied","error_description":"{echo}","error_uri":"{echo}"}"#), Then::Whole;
    "/echo-429" json!("429 Too Many Requests" r#"{"statusCode":429,"error":"{echo}","message":"{echo}"}"#), Then::Whole;
    "/echo-500" json!("500 Internal Server Error" r#"{"error":{"message":"{echo}"},"message":"{echo}"}"#), Then::Whole;
    "/echo-problem" json!("422 Unprocessable Content" r#"{"title":"{echo}","detail":"{echo}","errors":{"x":["{echo}"]}}"#), Then::Whole;
    "/echo-form" "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\nerror=invalid_request&error_description={form}", Then::Whole;
    "/echo-form-raw" "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-www-form-urlencoded\r\nconnection: close\r\n\r\nerror=invalid_request&error_description={raw}", Then::Whole;
    "/page-200" page!("200 OK"), Then::Whole;
    "/page-400" page!("400 Bad Request"), Then::Whole;
    "/page-407" page!("407 Proxy Authentication Required"), Then::Whole;
    "/page-503" page!("503 Service Unavailable"), Then::Whole;
    "/empty" json!("200 OK" ""), Then::Whole;
    "/moved" "HTTP/1.1 307 Temporary Redirect\r\nlocation: https://elsewhere.invalid/?{token}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", Then::Whole;
    "/moved-to-nowhere" "HTTP/1.1 302 Found\r\nlocation: {token} :\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", Then::Whole;
    "/wait" "HTTP/1.1 429 Too Many Requests\r\nretry-after: {token}\r\nauth0-client-quota-limit: {token}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", Then::Whole;
    // Answers that are no token.
    "/token-twice" json!("200 OK" r#"{"access_token":"{token}","access_token":"{token}"}"#), Then::Whole;
    "/token-in-a-list" json!("200 OK" r#"{"access_token":["{token}"]}"#), Then::Whole;
    "/token-with-a-break" json!("200 OK" r#"{"access_token":"{token}\r\nx: y"}"#), Then::Whole;
    "/life-is-a-token" json!("200 OK" r#"{"access_token":"{token}","expires_in":"{token}"}"#), Then::Whole;
    "/type-is-a-token" json!("200 OK" r#"{"access_token":"{token}","token_type":"{token}"}"#), Then::Whole;
    "/scope-is-a-list" json!("200 OK" r#"{"access_token":"{token}","scope":[1,"{token}"]}"#), Then::Whole;
    "/more-behind" json!("200 OK" r#"{"access_token":"{token}"}{token}"#), Then::Whole;
    "/no-token" json!("200 OK" r#"{"accessToken":"{token}","{token}":1}"#), Then::Whole;
};
