//! Redirects, which a transport returns and never follows.

use crate::exchange::{ok, send};
use crate::secrecy::planted::{PATH_AND_QUERY, TOKEN};
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: redirect-on-the-same-host
pub(super) fn redirect_to_the_same_host_is_returned<S: Subject>() {
    for status in STATUSES {
        for location in [PATH_AND_QUERY, "/", "?a", "//127.0.0.1:1/", "", "planted :"] {
            assert_returned::<S>(status, location);
        }
    }
}

// fault: redirect-to-another-host
pub(super) fn redirect_to_another_host_is_returned<S: Subject>() {
    let sink = TestServer::responding::<S>(|_| ok("from the other host"));
    for status in STATUSES {
        for location in [sink.url(), sink.url_by_name()] {
            let (_, rest) = location.split_once("://").unwrap();
            for scheme in ["http", "https"] {
                assert_returned::<S>(status, &format!("{scheme}://{rest}"));
            }
        }
    }
    assert_eq!(sink.connections(), 0, "the redirect was followed");
}

fn assert_returned<S: Subject>(status: u16, location: &str) {
    let response = format!(
        "HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: {}\r\n\r\n{TOKEN}",
        TOKEN.len()
    );
    let server = TestServer::responding::<S>(move |_| response.clone().into_bytes());
    let response = send(&S::new(), &server.url()).unwrap();
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["location"], location);
    assert_eq!(response.body().as_ref(), TOKEN.as_bytes());
    assert_eq!(
        server.requests().len(),
        1,
        "{status} to {location} was followed"
    );
}

const STATUSES: [u16; 6] = [300, 301, 302, 303, 307, 308];
