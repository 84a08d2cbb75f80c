//! Token requests: each byte arrives, and no secret is printed. `vectors.rs` pins whole requests.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, Config, ConfigBuilder, Secret, SecretBytes, token_request,
};
use http::Request;

const ENDPOINT: &str = "https://login.example/token";

fn builder(id: &str, secret: &str) -> ConfigBuilder {
    Config::builder(ENDPOINT, id)
        .client_secret(Secret::new(secret))
        .lenient()
}

fn request(builder: ConfigBuilder) -> Request<SecretBytes> {
    token_request(&builder.build().unwrap()).unwrap()
}

fn body(request: &Request<SecretBytes>) -> &str {
    std::str::from_utf8(request.body().as_ref()).unwrap()
}

/// The whole request as one text: what a snapshot pins.
fn written(request: &Request<SecretBytes>) -> String {
    let mut lines = vec![format!("{} {}", request.method(), request.uri())];
    let headers = request.headers().iter();
    lines.extend(headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())));
    lines[1..].sort();
    lines.extend([String::new(), body(request).to_owned()]);
    lines.join("\n")
}

fn basic(request: &Request<SecretBytes>) -> &str {
    request.headers()["authorization"]
        .to_str()
        .unwrap()
        .strip_prefix("Basic ")
        .unwrap()
}

// fault: every-character-in-the-credentials
#[test]
fn credentials_of_every_byte_arrive_unchanged() {
    let every: String = (0..=255_u8).map(char::from).collect();
    let body_request = request(builder(&every, &every));
    let arrived = form_urlencoded::parse(body_request.body().as_ref());
    let arrived: Vec<_> = arrived
        .filter(|(_, value)| *value == every)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(arrived, ["client_id", "client_secret"]);

    for auth in [BasicEncoding::Percent, BasicEncoding::Plus] {
        let request = request(builder(&every, &every).basic_auth(auth));
        let credentials = String::from_utf8(STANDARD.decode(basic(&request)).unwrap()).unwrap();
        let (id, secret) = credentials.split_once(':').unwrap();
        for half in [id, secret] {
            let decoded: Vec<_> = form_urlencoded::parse(half.as_bytes()).collect();
            assert_eq!(decoded, [(every.as_str().into(), "".into())]);
        }
    }
}

// fault: space-in-basic-credentials
// Servers that read each encoding of a space.
#[test]
fn space_in_basic_credentials_arrives_at_each_kind_of_server() {
    let percent_only = |text: &str| urlencoding::decode(text).unwrap().into_owned();
    let form = |text: &str| {
        urlencoding::decode(&text.replace('+', " "))
            .unwrap()
            .into_owned()
    };
    let sent = |auth| {
        let request = request(builder("id", "a b+c").basic_auth(auth));
        let pair = String::from_utf8(STANDARD.decode(basic(&request)).unwrap()).unwrap();
        pair.strip_prefix("id:").unwrap().to_owned()
    };
    for (auth, spelling, read_by_percent_only) in [
        (BasicEncoding::Percent, "a%20b%2Bc", true),
        (BasicEncoding::Plus, "a+b%2Bc", false),
    ] {
        let sent = sent(auth);
        assert_eq!(sent, spelling);
        assert_eq!(form(&sent), "a b+c");
        assert_eq!(percent_only(&sent) == "a b+c", read_by_percent_only);
    }
}

// fault: request-printed
#[test]
fn printed_values_contain_no_secret() {
    for builder in [
        builder("id", "s3cret"),
        builder("id", "s3cret").body_format(BodyFormat::Json),
        builder("id", "s3cret").basic_auth(BasicEncoding::Percent),
    ] {
        let config = builder.build().unwrap();
        let request = token_request(&config).unwrap();
        let shown = format!("{request:?} {request:#?} {config:?}");
        let bytes = format!("{:?}", b"s3cret").replace(['[', ']'], "");
        for form in ["s3cret", &STANDARD.encode("id:s3cret"), &bytes] {
            assert!(!shown.contains(form), "{shown}");
        }
        let authorization = request.headers().get("authorization");
        assert!(authorization.is_none_or(http::HeaderValue::is_sensitive));
    }
}

#[test]
fn every_setter_changes_the_request() {
    type Set = fn(ConfigBuilder) -> ConfigBuilder;
    let setters: [Set; 7] = [
        |builder| builder.endpoint("https://login.example/other"),
        |builder| builder.basic_auth(BasicEncoding::Percent),
        |builder| builder.body_format(BodyFormat::Json),
        |builder| builder.audience("https://api.example"),
        |builder| builder.scope("read"),
        |builder| builder.resource("https://api.example"),
        |builder| builder.param("organization_id", "org_1"),
    ];
    for set in setters {
        let used = builder("id", "s3cret").build().unwrap();
        let before = written(&token_request(&used).unwrap());
        let after = written(&request(set(used.to_builder())));
        assert_ne!(after, before);
        assert_eq!(after, written(&request(set(builder("id", "s3cret")))));
        assert_eq!(written(&token_request(&used).unwrap()), before);
    }
}

#[test]
fn changes_of_a_request_stay_with_it() {
    let config = builder("id", "s3cret").build().unwrap();
    let before = written(&token_request(&config).unwrap());
    let mut request = token_request(&config).unwrap();
    *request.uri_mut() = "https://elsewhere.example".parse().unwrap();
    request.headers_mut().clear();
    assert_eq!(written(&token_request(&config).unwrap()), before);
}
