//! A response of an API is about the token or not: for each reader, and with as much of the body as it has.

use edge_oauth_no_io::{self as core, CHALLENGE_BODY_LIMIT, Challenge, Provider};
use http::{HeaderMap, Response, StatusCode, header};

use crate::message::Message;

/// Reads the bytes as a status, header lines, an empty line and the body of an API's response.
pub fn challenge(bytes: &[u8]) {
    let message = Message::read(bytes);
    let number = message.number.and_then(|number| u16::try_from(number).ok());
    let status = number.and_then(|number| StatusCode::from_u16(number).ok());
    let status = status.unwrap_or(StatusCode::UNAUTHORIZED);
    let by_head = core::challenge_by_head(status, &message.headers);
    let read = |provider: &Provider, body: &[u8]| {
        core::challenge(&response(status, &message.headers, body), provider)
    };

    for provider in [Provider::standard(), Provider::experience_edge()] {
        let challenge = read(&provider, message.body);
        if let Some(by_head) = by_head {
            assert_eq!(challenge, by_head, "the body changed what the head said");
        }
        if !core::challenge_needs_body(status, &message.headers, &provider) {
            assert_eq!(challenge, read(&provider, b""), "the body was needed");
        }
        match status.as_u16() {
            400 | 401 | 403 => {}
            200 => assert!(matches!(
                challenge,
                Challenge::None | Challenge::InvalidToken
            )),
            _ => assert_eq!(challenge, Challenge::None, "status {status}"),
        }
        let has_header = message.headers.contains_key(header::WWW_AUTHENTICATE);
        if challenge == Challenge::InsufficientScope {
            assert!(has_header, "only a header names a scope");
        }
        let long = [message.body, &[b' '; CHALLENGE_BODY_LIMIT]].concat();
        if !has_header && status == StatusCode::FORBIDDEN {
            assert_eq!(read(&provider, &long), Challenge::None, "a long body");
        }
    }
    if status != StatusCode::FORBIDDEN {
        let providers = [Provider::standard(), Provider::experience_edge()];
        let [standard, ours] = providers.map(|provider| read(&provider, message.body));
        assert_eq!(standard, ours, "only a 403 has a provider's own texts");
    }
}

fn response<'a>(status: StatusCode, headers: &HeaderMap, body: &'a [u8]) -> Response<&'a [u8]> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers.clone();
    response
}
