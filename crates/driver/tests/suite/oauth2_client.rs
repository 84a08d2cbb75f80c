//! A transport as the client of another library.

use std::time::Duration;

use edge_oauth_driver::testing::block_on;
use edge_oauth_driver::{blocking, nonblocking};
use http::Request;

use crate::stage::{Answer, Stage};

fn request(url: &str) -> Request<Vec<u8>> {
    let request = Request::post(url).header("authorization", "Basic abc");
    request.body(b"a=b".to_vec()).unwrap()
}

const TIMEOUT: Duration = Duration::from_secs(10);

#[test]
fn client_of_a_transport_sends_the_request_as_it_is_and_returns_every_status() {
    let answers = [
        (200, ""),
        (401, ""),
        (302, "location: https://evil.example/"),
    ];
    let answers = answers.map(|(status, header)| Answer::Status(status, header, "body"));
    let stage = Stage::new([answers, answers].concat());
    let by_thread = blocking::oauth2_client(&stage, TIMEOUT);
    let by_task = nonblocking::oauth2_client(&stage, TIMEOUT);
    let url = "https://login.example/token";
    for status in [200, 401, 302] {
        let response = by_thread(request(url)).unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.body()[..]),
            (status, &b"body"[..])
        );
    }
    for status in [200, 401, 302] {
        let response = block_on(by_task(request(url))).unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.body()[..]),
            (status, &b"body"[..])
        );
    }
    assert_eq!(stage.seen(), ["POST /token Basic abc a=b"; 6]);
}

// fault: endpoint-in-the-clear-of-another-library
#[test]
fn client_of_a_transport_sends_no_secret_in_the_clear() {
    let stage = Stage::new([]);
    for url in [
        "http://login.example/token",
        "http://127.0.0.1.evil.example/",
        "/token",
    ] {
        blocking::oauth2_client(&stage, TIMEOUT)(request(url)).unwrap_err();
        let sent = nonblocking::oauth2_client(&stage, TIMEOUT)(request(url));
        let error = block_on(sent).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("example"),
            "{error:?}"
        );
    }
    assert_eq!(stage.requests(), 0);
    for url in ["http://127.0.0.1:1/token", "http://localhost/token"] {
        blocking::oauth2_client(&stage, TIMEOUT)(request(url)).unwrap();
    }
}
