//! Requests of web pages of other origins.

use edge_oauth_local::{Fault, Options, Simulator};
use http::{HeaderMap, Request, Response};

use crate::peer::{BASE_URL, NOW, ask, form, get, good, header, settings, token};

const PAGE: &str = "http://localhost:5173";
const OTHER: &str = "http://localhost:5174";

fn edge() -> Simulator {
    Simulator::new(Options::default().cors_origin(PAGE), BASE_URL)
}

fn of(page: &str, mut request: Request<Vec<u8>>) -> Request<Vec<u8>> {
    let origin = page.parse().unwrap();
    request.headers_mut().insert("origin", origin);
    request
}

fn preflight(page: &str, path: &str, method: &str) -> Request<Vec<u8>> {
    let request = Request::options(path)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        );
    of(page, request.body(Vec::new()).unwrap())
}

fn is_open(headers: &HeaderMap) -> bool {
    let names = headers.keys().map(http::HeaderName::as_str);
    names
        .into_iter()
        .any(|name| name.starts_with("access-control-"))
}

fn exposed(response: &Response<Vec<u8>>) -> Vec<&str> {
    header(response, "access-control-expose-headers")
        .split(", ")
        .collect()
}

#[test]
fn preflight_of_a_permitted_page_permits_the_request_without_serving_it() {
    let mut edge = edge();
    edge.script([Fault::status(503)]).unwrap();
    edge.script_api([Fault::status(503)]).unwrap();
    for (path, method) in [
        ("/oauth/token", "POST"),
        ("/api/admin/v1/settings", "PATCH"),
    ] {
        let response = ask(&mut edge, &preflight(PAGE, path, method));
        assert_eq!(response.status(), 204);
        assert_eq!(header(&response, "access-control-allow-origin"), PAGE);
        assert_eq!(header(&response, "access-control-allow-methods"), method);
        let names = header(&response, "access-control-allow-headers");
        assert_eq!(names, "authorization,content-type");
    }
    let served = edge.served();
    assert_eq!(
        (
            served.token_requests,
            served.api_requests,
            served.other_requests
        ),
        (0, 0, 2)
    );
}

#[test]
fn responses_to_a_permitted_page_can_be_read_errors_and_headers_included() {
    let mut edge = edge();
    edge.script([Fault::status(429).header("retry-after", "7")])
        .unwrap();
    let limited = ask(&mut edge, &of(PAGE, form(&good())));
    assert_eq!(limited.status(), 429);
    let rejected = ask(&mut edge, &of(PAGE, settings("wrong")));
    assert_eq!(rejected.status(), 401);
    for (response, name) in [(&limited, "retry-after"), (&rejected, "www-authenticate")] {
        assert_eq!(header(response, "access-control-allow-origin"), PAGE);
        assert_eq!(header(response, "vary"), "origin");
        assert!(exposed(response).contains(&name));
    }
    let token = token(&mut edge, NOW);
    let response = ask(&mut edge, &of(PAGE, settings(&token)));
    assert_eq!(response.status(), 200);
    assert!(exposed(&response).contains(&"date"));
}

#[test]
fn other_pages_and_other_servers_permit_none() {
    let mut closed = Simulator::new(Options::default(), BASE_URL);
    for page in [
        OTHER,
        "null",
        "http://localhost:5173.example",
        "http://LOCALHOST:5173",
    ] {
        let response = ask(&mut edge(), &preflight(page, "/oauth/token", "POST"));
        assert_eq!(response.status(), 405);
        assert!(!is_open(response.headers()));
        let response = ask(&mut edge(), &of(page, form(&good())));
        assert!(!is_open(response.headers()));
        assert_eq!(header(&response, "vary"), "origin");
    }
    let response = ask(&mut closed, &preflight(PAGE, "/oauth/token", "POST"));
    assert_eq!(response.status(), 405);
    assert!(!is_open(response.headers()) && !response.headers().contains_key("vary"));
}

#[test]
fn options_without_a_preflight_is_an_unknown_method() {
    let mut request = get("/oauth/token");
    *request.method_mut() = http::Method::OPTIONS;
    let response = ask(&mut edge(), &of(PAGE, request));
    assert_eq!(response.status(), 405);
}
