//! Requests, which arrive once, unchanged and without further headers.

use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, Config, RequestLimits, SecretBytes, token_request,
};
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};

use crate::exchange::{LONG, config, ok, send, send_request, status_and_body};
use crate::secrecy::planted::{PATH_AND_QUERY, TOKEN};
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: request-headers, compressed-body
pub(super) fn form_arrives_unchanged<S: Subject>() {
    assert_arrives_unchanged::<S>(|config| config);
}

// fault: request-headers
pub(super) fn json_arrives_unchanged<S: Subject>() {
    assert_arrives_unchanged::<S>(|config| {
        config
            .to_builder()
            .body_format(BodyFormat::Json)
            .build()
            .unwrap()
    });
}

// fault: request-headers
pub(super) fn basic_auth_arrives_unchanged<S: Subject>() {
    assert_arrives_unchanged::<S>(|config| {
        config
            .to_builder()
            .basic_auth(BasicEncoding::Percent)
            .build()
            .unwrap()
    });
}

// fault: request-headers
pub(super) fn large_body_arrives_unchanged<S: Subject>() {
    assert_arrives_unchanged::<S>(|config| {
        config
            .to_builder()
            .param("much", "€".repeat(20_000))
            .build()
            .unwrap()
    });
}

// fault: query-in-the-endpoint
pub(super) fn query_of_the_endpoint_arrives_unchanged<S: Subject>() {
    assert_target::<S>("/oauth/token?a=%7e%2F+b&a=&a&key=planted1query2above3");
    assert_target::<S>("/%7Eoauth//token;v=1?");
}

pub(super) fn api_request_arrives_unchanged<S: Subject>() {
    let server = token_server::<S>();
    let calls = [
        ("GET", "/keys?scopes=content-%23all%23&label=a+b", None),
        // RFC 9110 §8.6: a PUT without a body says that it has none; a DELETE need not.
        ("PUT", "/keys/revoke", Some("")),
        ("PUT", "/hooks/a%2Fb%20c", Some("{}")),
        ("PATCH", "/settings", Some("[]")),
        ("DELETE", "/cache", None),
    ];
    let subject = S::new();
    for (method, target, body) in calls {
        let url = format!("{}{target}", server.origin());
        let mut request = Request::builder().method(method).uri(url);
        if let Some(body) = body {
            request = request.header(CONTENT_LENGTH, body.len());
        }
        let request = request.header("x-gql-token", "planted-key");
        let body = SecretBytes::new(body.unwrap_or_default().into());
        let result = send_request(
            &subject,
            request.body(body).unwrap(),
            RequestLimits::token(LONG),
        );
        assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
    }
    let requests = server.requests();
    assert_eq!(requests.len(), calls.len());
    for (request, (method, target, body)) in requests.iter().zip(calls) {
        assert_eq!(request.line, format!("{method} {target} HTTP/1.1"));
        assert_eq!(request.body, body.unwrap_or_default().as_bytes());
        assert_eq!(request.all("x-gql-token"), ["planted-key"]);
        assert!(request.all("transfer-encoding").is_empty());
        let length = body.map(|body| body.len().to_string());
        match request.all("content-length")[..] {
            [] => assert_eq!(length, None, "{method} {target}"),
            [sent] => assert_eq!(sent, length.unwrap_or("0".to_owned())),
            _ => panic!("two lengths"),
        }
    }
}

pub(super) fn endpoint_without_a_path_is_requested_at_the_root<S: Subject>() {
    let server = token_server::<S>();
    let url = server.origin();
    assert_eq!(
        status_and_body(send(&S::new(), &url)),
        (200, TOKEN.to_owned())
    );
    assert_eq!(server.requests()[0].line, "POST / HTTP/1.1");
}

fn assert_arrives_unchanged<S: Subject>(change: impl FnOnce(Config) -> Config) {
    let server = token_server::<S>();
    let config = change(config(&server.url()));
    let subject = S::new();
    for _ in 0..2 {
        let result = send_request(
            &subject,
            token_request(&config).unwrap(),
            RequestLimits::token(LONG),
        );
        assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
    }
    let made = token_request(&config).unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request.line, format!("POST {PATH_AND_QUERY} HTTP/1.1"));
        assert_eq!(request.body, made.body().as_ref());
        for name in [ACCEPT, CONTENT_TYPE, CONTENT_LENGTH, AUTHORIZATION] {
            let expected: Vec<_> = made.headers().get_all(&name).iter().collect();
            assert_eq!(request.all(name.as_str()), expected, "{name}");
        }
        assert_eq!(request.all("host"), [server.authority()]);
        assert_eq!(request.all("user-agent").len(), 1);
        for (name, _) in &request.headers {
            assert!(
                HEADERS.contains(&name.as_str()),
                "{name} is an unexpected header"
            );
        }
        for encoding in request.all("accept-encoding") {
            assert_eq!(encoding, "identity");
        }
    }
}

fn assert_target<S: Subject>(path_and_query: &str) {
    let server = token_server::<S>();
    let url = format!("{}{path_and_query}", server.origin());
    assert_eq!(
        status_and_body(send(&S::new(), &url)),
        (200, TOKEN.to_owned())
    );
    let line = format!("POST {path_and_query} HTTP/1.1");
    assert_eq!(server.requests()[0].line, line);
}

/// The headers of the core and of HTTP: no `expect`, `cookie` or `transfer-encoding`.
const HEADERS: [&str; 8] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
];

fn token_server<S: Subject>() -> TestServer {
    TestServer::responding::<S>(|_| ok(TOKEN))
}
