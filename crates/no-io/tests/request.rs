//! The B rows: the bytes of a token request.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_oauth_no_io::{
    BasicEncoding, BodyFormat, Builder, Config, Secret, SecretBytes, Tenant, experience_edge,
    token_request,
};
use http::Request;

const ENDPOINT: &str = "https://login.example/token";

fn builder(id: &str, secret: &str) -> Builder {
    Config::builder(ENDPOINT, id)
        .client_secret(Secret::new(secret))
        .lenient()
}

fn request(builder: Builder) -> Request<SecretBytes> {
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

fn edge(tenant: Tenant) -> Builder {
    let config = Config::experience_edge(tenant, "my-client", Secret::new("my-secret"));
    config.unwrap().to_builder()
}

/// The fields of the form that Sitecore's documentation sends with curl.
fn documented(audience: &str) -> Vec<(String, String)> {
    let fields = [
        ("audience", audience),
        ("grant_type", "client_credentials"),
        ("client_id", "my-client"),
        ("client_secret", "my-secret"),
    ];
    fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

// B13
#[test]
fn a_new_tenant_by_form() {
    let request = request(edge(Tenant::Current));
    assert_eq!(
        written(&request),
        "POST https://auth.sitecorecloud.io/oauth/token\n\
         accept: application/json\n\
         content-length: 117\n\
         content-type: application/x-www-form-urlencoded\n\
         \n\
         audience=https%3A%2F%2Fapi.sitecorecloud.io&grant_type=client_credentials\
         &client_id=my-client&client_secret=my-secret"
    );
    let fields: Vec<_> = form_urlencoded::parse(request.body().as_ref())
        .into_owned()
        .collect();
    assert_eq!(fields, documented("https://api.sitecorecloud.io"));
}

// B13
#[test]
fn a_new_tenant_by_json() {
    let request = request(edge(Tenant::Current).body_format(BodyFormat::Json));
    assert_eq!(
        written(&request),
        "POST https://auth.sitecorecloud.io/oauth/token\n\
         accept: application/json\n\
         content-length: 129\n\
         content-type: application/json\n\
         \n\
         {\"audience\":\"https://api.sitecorecloud.io\",\"grant_type\":\"client_credentials\",\
         \"client_id\":\"my-client\",\"client_secret\":\"my-secret\"}"
    );
}

// B13
#[test]
fn an_old_tenant_by_form() {
    let request = request(edge(Tenant::Old("tenant-1".to_owned())));
    assert_eq!(
        written(&request),
        "POST https://auth.sitecorecloud.io/oauth/token\n\
         accept: application/json\n\
         content-length: 131\n\
         content-type: application/x-www-form-urlencoded\n\
         \n\
         audience=https%3A%2F%2Fdelivery.sitecore.cloud%2Ftenant-1&grant_type=client_credentials\
         &client_id=my-client&client_secret=my-secret"
    );
    let fields: Vec<_> = form_urlencoded::parse(request.body().as_ref())
        .into_owned()
        .collect();
    assert_eq!(
        fields,
        documented("https://delivery.sitecore.cloud/tenant-1")
    );
}

// B13
#[test]
fn an_old_tenant_by_json() {
    let builder = edge(Tenant::Old("tenant-1".to_owned())).body_format(BodyFormat::Json);
    assert_eq!(
        written(&request(builder.clone())),
        "POST https://auth.sitecorecloud.io/oauth/token\n\
         accept: application/json\n\
         content-length: 141\n\
         content-type: application/json\n\
         \n\
         {\"audience\":\"https://delivery.sitecore.cloud/tenant-1\",\"grant_type\":\"client_credentials\",\
         \"client_id\":\"my-client\",\"client_secret\":\"my-secret\"}"
    );
}

#[test]
fn the_other_endpoints_and_overrides() {
    let beta = request(edge(Tenant::PreProduction));
    assert_eq!(beta.uri(), "https://auth-beta.sitecorecloud.io/oauth/token");
    assert!(body(&beta).starts_with("audience=https%3A%2F%2Fapi-beta.sitecorecloud.io&"));

    let legacy = edge(Tenant::Current).endpoint(experience_edge::LEGACY_ENDPOINT);
    let legacy = request(legacy.audience("https://another.example"));
    assert_eq!(
        legacy.uri(),
        "https://one-sc-production.eu.auth0.com/oauth/token"
    );
    assert!(body(&legacy).starts_with("audience=https%3A%2F%2Fanother.example&"));
}

// B1
#[test]
fn the_example_of_rfc_6749_appendix_b() {
    let request = request(builder("id", " %&+£€"));
    assert!(body(&request).ends_with("&client_secret=+%25%26%2B%C2%A3%E2%82%AC"));
}

// B2: the vector that the test suites of openid-client and oidc-provider share.
#[test]
fn the_basic_vector_of_others() {
    let builder = builder("an:identifier", "some secure & non-standard secret");
    let plus = request(builder.clone().basic_auth(BasicEncoding::Plus));
    assert_eq!(
        basic(&plus),
        "YW4lM0FpZGVudGlmaWVyOnNvbWUrc2VjdXJlKyUyNitub24tc3RhbmRhcmQrc2VjcmV0"
    );
    let percent = request(builder.basic_auth(BasicEncoding::Percent));
    assert_eq!(
        STANDARD.decode(basic(&percent)).unwrap(),
        b"an%3Aidentifier:some%20secure%20%26%20non-standard%20secret"
    );
}

// B3
#[test]
fn one_raw_colon_stands_between_id_and_secret() {
    for auth in [BasicEncoding::Percent, BasicEncoding::Plus] {
        let request = request(builder("a:b", "c:d:e").basic_auth(auth));
        assert_eq!(
            STANDARD.decode(basic(&request)).unwrap(),
            b"a%3Ab:c%3Ad%3Ae"
        );
    }
}

// B4
#[test]
fn every_byte_arrives() {
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

// B5: which server reads which spelling of a space.
#[test]
fn spaces_in_basic_and_the_servers_that_read_them() {
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

// B7
#[test]
fn nothing_that_is_printed_holds_the_secret() {
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
fn one_resource_is_a_text_in_json() {
    let builder = builder("id", "s").resource("https://a.example");
    let request = request(builder.body_format(BodyFormat::Json));
    assert!(body(&request).ends_with(r#","resource":"https://a.example"}"#));
}

// B12
#[test]
fn resources_are_repeated_in_order() {
    let builder = builder("id", "s")
        .resource("https://b.example")
        .resource("https://a.example");
    let form = request(builder.clone());
    assert!(
        body(&form).ends_with("&resource=https%3A%2F%2Fb.example&resource=https%3A%2F%2Fa.example")
    );
    let json = request(builder.body_format(BodyFormat::Json));
    assert!(body(&json).ends_with(r#","resource":["https://b.example","https://a.example"]}"#));
}

// B13
#[test]
fn basic_keeps_the_credentials_out_of_the_body_and_sends_no_other_header() {
    let builder = builder("id", "s3cret")
        .basic_auth(BasicEncoding::Percent)
        .audience("aud");
    assert_eq!(
        written(&request(builder.scope("a").param("organization_id", "org"))),
        "POST https://login.example/token\n\
         accept: application/json\n\
         authorization: Basic aWQ6czNjcmV0\n\
         content-length: 70\n\
         content-type: application/x-www-form-urlencoded\n\
         \n\
         audience=aud&grant_type=client_credentials&organization_id=org&scope=a"
    );
}

#[test]
fn every_setter_changes_the_request() {
    type Set = fn(Builder) -> Builder;
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
