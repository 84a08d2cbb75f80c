//! Requests and responses as they are on the wire: limits, ends and errors.

use edge_oauth_local::{Fault, LocalEdge};
use serde_json::{Value, json};

use crate::engine::Kind;
use crate::scenes::peer::{End, Peer};
use crate::scenes::stage::Stage;

pub(crate) fn play(stage: &Stage) {
    redirect_is_refused_and_reaches_no_second_server(stage);
    body_over_the_limit_is_cut_off(stage);
    request_ends_at_its_timeout(stage);
    request_of_a_caller_that_left_is_aborted(stage);
    body_cut_short_is_a_closed_error(stage);
    short_compressed_body_is_read(stage);
    unreachable_server_is_told_from_cors_if_the_engine_tells(stage);
    request_has_no_cookies_and_no_cache(stage);
    request_and_response_arrive_unchanged(stage);
    request_that_fetch_rejects_is_an_error(stage);
}

/// The head of a response that any page may read.
const HEAD: &str = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n";

fn head(more: &str) -> String {
    format!("{HEAD}{more}\r\n")
}

fn get(url: &str) -> Value {
    json!({ "url": url })
}

fn assert_kind(result: &Value, kind: &str) {
    assert_eq!(result["kind"], kind, "{result}");
}

fn redirect_is_refused_and_reaches_no_second_server(stage: &Stage) {
    let (edge, other) = (stage.edge(), stage.edge());
    for status in [302, 307] {
        edge.script([Fault::redirect(status, other.token_url())])
            .unwrap();
        let name = format!("redirected by {status}");
        stage.source(&name, &edge, json!({}));
        let refused = stage.run("token", json!({ "source": name }));
        assert_eq!(
            (&refused["culprit"], &refused["transient"]),
            (&json!("Config"), &json!(false))
        );
        assert!(refused["hint"].is_string(), "{refused}");
        match stage.is_page() {
            true => assert_kind(&refused, "Redirect"),
            false => assert_eq!(refused["status"], status, "{refused}"),
        }
    }
    assert_eq!(edge.served().token_requests, 2);

    edge.script_api([Fault::redirect(307, other.base_url())])
        .unwrap();
    stage.source("redirected call", &edge, json!({}));
    let url = format!("{}/api/admin/v1/settings", edge.base_url());
    let sent = stage.run("send", json!({ "source": "redirected call", "url": url }));
    match stage.is_page() {
        true => assert_kind(&sent, "Redirect"),
        false => assert_eq!(sent["status"], 307, "{sent}"),
    }
    let served = other.served();
    assert_eq!(
        (
            served.token_requests,
            served.api_requests,
            served.other_requests
        ),
        (0, 0, 0)
    );
}

fn body_over_the_limit_is_cut_off(stage: &Stage) {
    for (size, max, kind) in [
        (1000, 1000, None),
        (1001, 1000, Some("BodyTooLarge")),
        (1, 0, Some("BodyTooLarge")),
    ] {
        let bytes = head(&format!("Content-Length: {size}\r\n")) + &"x".repeat(size);
        let peer = Peer::start(bytes, End::Close);
        let result = stage.run("exchange", json!({ "url": peer.url(), "max_body": max }));
        match kind {
            Some(kind) => assert_kind(&result, kind),
            None => assert_eq!(result["body"].as_str().map(str::len), Some(size)),
        }
    }
    let peer = Peer::start(head(""), End::Repeat(&[b'x'; 65_536]));
    let result = stage.run(
        "exchange",
        json!({ "url": peer.url(), "max_body": 1_000_000 }),
    );
    assert_kind(&result, "BodyTooLarge");
    peer.wait_until_closed();
}

fn request_ends_at_its_timeout(stage: &Stage) {
    for bytes in [String::new(), head("Content-Length: 10\r\n") + "abc"] {
        let peer = Peer::start(bytes, End::Silence);
        let result = stage.run(
            "exchange",
            json!({ "url": peer.url(), "milliseconds": 300 }),
        );
        assert_kind(&result, "Timeout");
        peer.wait_until_closed();
    }
}

fn request_of_a_caller_that_left_is_aborted(stage: &Stage) {
    let peer = Peer::start("", End::Silence);
    let call = stage.start(
        "exchange",
        json!({ "url": peer.url(), "cancelled_by": "caller" }),
    );
    peer.request();
    stage.run("cancel", json!({ "name": "caller" }));
    assert_eq!(call.wait()["cancelled"], true);
    peer.wait_until_closed();
}

fn body_cut_short_is_a_closed_error(stage: &Stage) {
    let chunked = head("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n";
    for bytes in [head("Content-Length: 10\r\n") + "abc", chunked] {
        let peer = Peer::start(bytes, End::Close);
        assert_kind(&stage.run("exchange", get(&peer.url())), "Closed");
    }
}

/// A page does not see that the body was compressed, and its length is larger than the text.
fn short_compressed_body_is_read(stage: &Stage) {
    let gzip =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";
    let head = head(&format!(
        "Content-Encoding: gzip\r\nContent-Length: {}\r\n",
        gzip.len()
    ));
    let peer = Peer::start([head.as_bytes(), gzip].concat(), End::Close);
    let result = stage.run("exchange", get(&peer.url()));
    assert_eq!(result["body"], "{}", "{result}");
}

fn unreachable_server_is_told_from_cors_if_the_engine_tells(stage: &Stage) {
    // Its page is not permitted.
    let closed = LocalEdge::start().unwrap();
    let keys = format!("{}/.well-known/jwks.json", closed.base_url());
    let result = stage.run("exchange", get(&keys));
    match stage.is_page() {
        true => {
            assert_kind(&result, "Other");
            assert!(
                result["error"].as_str().unwrap().contains("CORS"),
                "{result}"
            );
            assert_eq!(result["transient"], true);
        }
        false => assert_eq!(result["status"], 200, "{result}"),
    }
    drop(closed);
    let result = stage.run("exchange", get(&keys));
    let says = |words: &str| {
        assert!(
            result["error"].as_str().unwrap().contains(words),
            "{result}"
        )
    };
    match stage.kind() {
        Kind::Page => says("CORS"),
        Kind::Node => assert_kind(&result, "Connect"),
        Kind::Worker(_) => says("the network failed"),
    }
}

fn request_has_no_cookies_and_no_cache(stage: &Stage) {
    let more = "Set-Cookie: seen=1\r\nCache-Control: max-age=3600\r\nContent-Length: 2\r\n";
    let peer = Peer::start(head(more) + "ok", End::Close);
    for _ in 0..2 {
        assert_eq!(stage.run("exchange", get(&peer.url()))["body"], "ok");
        let request = peer.request().to_ascii_lowercase();
        assert!(!request.contains("\r\ncookie:"), "{request}");
    }
}

fn request_and_response_arrive_unchanged(stage: &Stage) {
    let more =
        "Access-Control-Expose-Headers: *\r\nX-Text: gr\u{fc}n\r\nX-Many: a\r\nX-Many: b\r\n";
    // The header is one byte for each character, and the body is not.
    let head: Vec<u8> = head(more).chars().map(|char| char as u8).collect();
    let peer = Peer::start([&head, "grün".as_bytes()].concat(), End::Close);
    let form = "application/x-www-form-urlencoded";
    let command = json!({
        "url": peer.url(),
        "method": "POST",
        "headers": { "content-type": form, "content-length": "7", "accept": "application/json" },
        "body": "a=b%20c",
        // Longer than a timer of JavaScript. Node would not end before a timer that is left.
        "milliseconds": 30_u64 * 86_400_000,
    });
    let result = stage.run("exchange", command);
    let request = peer.request();
    assert!(
        request.starts_with("POST /things?page=2 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\na=b%20c"), "{request}");
    let lower = request.to_ascii_lowercase();
    assert_eq!(
        lower.matches("\r\ncontent-length: 7\r\n").count(),
        1,
        "{request}"
    );
    for line in [
        format!("\r\ncontent-type: {form}\r\n"),
        "\r\naccept: application/json\r\n".to_owned(),
    ] {
        assert!(lower.contains(&line), "{request}");
    }
    assert_eq!(
        (&result["status"], &result["body"]),
        (&json!(200), &json!("grün")),
        "{result}"
    );
    assert_eq!(result["headers"]["x-many"], "a, b");
    assert_eq!(result["headers"]["x-text"], "gr\u{fffd}n");

    for status in ["204 No Content", "304 Not Modified", "599 Strange"] {
        let bytes = format!("HTTP/1.1 {status}\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
        let result = stage.run("exchange", get(&Peer::start(bytes, End::Close).url()));
        assert_eq!(result["status"].to_string(), status[..3], "{result}");
        assert_eq!(result["body"], "");
    }
}

fn request_that_fetch_rejects_is_an_error(stage: &Stage) {
    let with_body = json!({ "url": stage.origin(), "body": "a GET has no body" });
    assert_kind(&stage.run("exchange", with_body), "Other");
    // Workers send both.
    if !matches!(stage.kind(), Kind::Worker(_)) {
        for command in [
            json!({ "url": stage.origin(), "method": "TRACE" }),
            json!({ "url": "http://user:password@127.0.0.1/" }),
        ] {
            let result = stage.run("exchange", command);
            assert_kind(&result, "Other");
            assert!(!result.to_string().contains("password@"), "{result}");
        }
    }
}
