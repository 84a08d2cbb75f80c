//! One exchange with a transport, and the check that its errors contain no secret.

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

/// The first half of a valid token response.
pub(crate) const HALF: &str = r#"{"access_token":"planted1token2below3/+~="#;

/// The time limit of an exchange that has to end with a response, even on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// The time limit of an exchange that has to time out.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// An upper limit of the bytes in the socket buffers of both sides of a connection.
pub(crate) const SOCKETS: usize = 16 * 1024 * 1024;

/// Returns the configuration of a client of this endpoint.
pub(crate) fn config(url: &str) -> Config {
    Config::builder(url, "my-client")
        .client_secret(Secret::new(SECRET))
        .build()
        .unwrap()
}

/// Sends a token request to this endpoint, with the long time limit.
pub(crate) fn send<S: Subject>(
    subject: &S,
    url: &str,
) -> Result<Response<SecretBytes>, TransportError> {
    send_within(subject, url, RequestLimits::token(LONG))
}

/// Sends a token request to this endpoint, with these limits.
pub(crate) fn send_within<S: Subject>(
    subject: &S,
    url: &str,
    limits: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    send_request(subject, token_request(&config(url)).unwrap(), limits)
}

/// Sends a request, and checks that an error contains no secret. Every exchange of the suite goes through here.
pub(crate) fn send_request<S: Subject>(
    subject: &S,
    request: Request<SecretBytes>,
    limits: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    let result = subject.send(request, limits);
    if let Err(error) = &result {
        watch().assert_no_secret_in_error(error);
    }
    result
}

/// The transport under test, as the transport of a source.
pub(crate) struct SubjectTransport<S>(pub(crate) S);

impl<S: Subject> Transport for SubjectTransport<S> {
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        send_request(&self.0, request, limits)
    }
}

/// Returns a request that is larger than the socket buffers.
pub(crate) fn large_request(url: &str) -> Request<SecretBytes> {
    let body = vec![b'a'; 2 * SOCKETS];
    let length = HeaderValue::from(body.len());
    let mut request = token_request(&config(url))
        .unwrap()
        .map(|_| SecretBytes::new(body));
    request.headers_mut().insert(CONTENT_LENGTH, length);
    request
}

/// Returns the kind of the error.
///
/// # Panics
///
/// If the result is a response.
#[track_caller]
pub(crate) fn error_kind(
    result: Result<Response<SecretBytes>, TransportError>,
) -> TransportErrorKind {
    match result {
        Err(error) => error.kind(),
        Ok(response) => panic!("an error was expected: {}", shown(&response)),
    }
}

/// Returns the status and the body of the response.
///
/// # Panics
///
/// If the result is an error.
#[track_caller]
pub(crate) fn status_and_body(
    result: Result<Response<SecretBytes>, TransportError>,
) -> (u16, String) {
    match result {
        Ok(response) => (response.status().as_u16(), text(&response)),
        Err(error) => panic!("a response was expected: {error}"),
    }
}

/// Asserts that half a token response without a length is an error, either of the transport or of `token_response`.
#[track_caller]
pub(crate) fn assert_half_is_no_token<S: Subject>(
    result: Result<Response<SecretBytes>, TransportError>,
) {
    match result {
        Err(error) => assert_eq!(error.kind(), TransportErrorKind::Closed, "{error}"),
        Ok(_) if S::broken_close_delimited_bodies_are_detected() => drop(error_kind(result)),
        Ok(response) => {
            let config = config("http://localhost");
            let error = token_response(&config, &response).unwrap_err();
            assert!(error.is_transient(), "{error}");
        }
    }
}

/// Returns a response of HTTP/1.1 that keeps the connection open.
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
