//! Redirects: an answer like any other, and nobody goes there.

use crate::exchange::{ok, send};
use crate::secrecy::planted::{PATH_AND_QUERY, TOKEN};
use crate::server::test_server::Peer;
use crate::subject::Subject;

// fault: redirect-on-the-same-host
pub(super) fn redirect_to_the_same_host_is_returned<S: Subject>() {
    for status in STATUSES {
        for location in [PATH_AND_QUERY, "/", "?a", "//127.0.0.1:1/", "", "planted :"] {
            is_an_answer::<S>(status, location);
        }
    }
}

// fault: redirect-to-another-host
pub(super) fn redirect_to_another_host_is_returned<S: Subject>() {
    let sink = Peer::answering::<S>(|_| ok("from the other host"));
    for status in STATUSES {
        for location in [sink.url(), sink.url_by_name()] {
            let (_, rest) = location.split_once("://").unwrap();
            for scheme in ["http", "https"] {
                is_an_answer::<S>(status, &format!("{scheme}://{rest}"));
            }
        }
    }
    assert_eq!(sink.connections(), 0, "the redirect was followed");
}

fn is_an_answer<S: Subject>(status: u16, location: &str) {
    let answer = format!(
        "HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: {}\r\n\r\n{TOKEN}",
        TOKEN.len()
    );
    let peer = Peer::answering::<S>(move |_| answer.clone().into_bytes());
    let response = send(&S::new(), &peer.url()).unwrap();
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["location"], location);
    assert_eq!(response.body().as_ref(), TOKEN.as_bytes());
    assert_eq!(
        peer.requests().len(),
        1,
        "{status} to {location} was followed"
    );
}

const STATUSES: [u16; 6] = [300, 301, 302, 303, 307, 308];
