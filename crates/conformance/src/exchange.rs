//! One exchange with a transport, and the check that no error of it tells a secret.

use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_no_io::{
    Config, RequestLimits, Secret, SecretBytes, TransportError, TransportErrorKind, token_request,
    token_response,
};
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Request, Response};

use crate::secrecy::planted::SECRET;
use crate::secrecy::watch::watch;
use crate::subject::Subject;

/// The first half of a good answer.
pub(crate) const HALF: &str = r#"{"access_token":"planted1token2below3/+~="#;

/// For what has to answer, however busy the machine is.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// For what has to run out of time.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// What the buffers of a connection may hold at most, on both sides together.
pub(crate) const SOCKETS: usize = 16 * 1024 * 1024;

/// A client of this endpoint.
pub(crate) fn config(url: &str) -> Config {
    Config::builder(url, "my-client")
        .client_secret(Secret::new(SECRET))
        .build()
        .unwrap()
}

/// A token request to this endpoint, with time enough.
pub(crate) fn send<S: Subject>(
    subject: &S,
    url: &str,
) -> Result<Response<SecretBytes>, TransportError> {
    send_within(subject, url, RequestLimits::token(LONG))
}

/// A token request to this endpoint.
pub(crate) fn send_within<S: Subject>(
    subject: &S,
    url: &str,
    bounds: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    send_request(subject, token_request(&config(url)).unwrap(), bounds)
}

/// Any request. Every exchange of every case comes through here.
pub(crate) fn send_request<S: Subject>(
    subject: &S,
    request: Request<SecretBytes>,
    bounds: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    let result = subject.send(request, bounds);
    if let Err(error) = &result {
        watch().assert_error_is_silent(error);
    }
    result
}

/// The transport under test, for a source.
pub(crate) struct Over<S>(pub(crate) S);

impl<S: Subject> Transport for Over<S> {
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        send_request(&self.0, request, limits)
    }
}

/// A request that is larger than the sockets between the two hold.
pub(crate) fn large_request(url: &str) -> Request<SecretBytes> {
    let body = vec![b'a'; 2 * SOCKETS];
    let length = HeaderValue::from(body.len());
    let mut request = token_request(&config(url))
        .unwrap()
        .map(|_| SecretBytes::new(body));
    request.headers_mut().insert(CONTENT_LENGTH, length);
    request
}

/// The kind of an error that has to be one.
#[track_caller]
pub(crate) fn failed(result: Result<Response<SecretBytes>, TransportError>) -> TransportErrorKind {
    match result {
        Err(error) => error.kind(),
        Ok(response) => panic!("this is no answer: {}", shown(&response)),
    }
}

/// The status and the body of an answer that has to be one.
#[track_caller]
pub(crate) fn answered(result: Result<Response<SecretBytes>, TransportError>) -> (u16, String) {
    match result {
        Ok(response) => (response.status().as_u16(), text(&response)),
        Err(error) => panic!("there is an answer, but: {error}"),
    }
}

/// Half an answer that says nothing of its length. Either the transport sees that it is broken, or
/// whoever reads it does.
#[track_caller]
pub(crate) fn half_is_no_token<S: Subject>(result: Result<Response<SecretBytes>, TransportError>) {
    match result {
        Err(error) => assert_eq!(error.kind(), TransportErrorKind::Closed, "{error}"),
        Ok(_) if S::broken_close_delimited_bodies_are_seen() => drop(failed(result)),
        Ok(response) => {
            let config = config("http://localhost");
            let error = token_response(&config, &response).unwrap_err();
            assert!(error.is_transient(), "{error}");
        }
    }
}

/// An answer of HTTP/1.1 that keeps the connection.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

fn text(response: &Response<SecretBytes>) -> String {
    String::from_utf8_lossy(response.body().as_ref()).into_owned()
}

fn shown(response: &Response<SecretBytes>) -> String {
    let (status, body) = (response.status(), text(response));
    format!("{status} with {} bytes: {body:.80}", body.len())
}
