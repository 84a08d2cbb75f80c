//! Texts of errors and of `Debug`.

use edge_oauth_no_io::{BodyFormat, ClientAuth, Config, Origin, Secret, Tenant};

use crate::setup::{builder, error, with_credentials, with_endpoint};

#[test]
fn error_names_the_parameter_and_not_its_value() {
    let planted = "planted value";
    let many = "x".repeat(65 * 1024);
    let refused = |name: &str| error(builder().param(name, "1"));
    for (error, says) in [
        (with_endpoint(planted).unwrap_err(), "the token endpoint "),
        (
            with_endpoint("http://planted.example/").unwrap_err(),
            "use https",
        ),
        (
            with_credentials("", "s3cret").unwrap_err(),
            "client_id is empty",
        ),
        (
            with_credentials("id", "planted\u{1}").unwrap_err(),
            "client_secret has a character",
        ),
        (
            with_credentials("id", "planted\n").unwrap_err(),
            "client_secret ends in a line break",
        ),
        (
            error(builder().client_auth(ClientAuth::None)),
            "client authentication is set twice",
        ),
        (error(builder().resource("/planted")), "resource is not"),
        (
            Origin::from_url("http://planted.example/").unwrap_err(),
            "the API's URL",
        ),
        (refused("grant_type"), "grant_type is set by the library"),
        (
            error(builder().param("a", planted).param("a", planted)),
            "a is set twice",
        ),
        (
            Config::experience_edge(Tenant::Old("planted value".into()), "id", Secret::new("s"))
                .unwrap_err(),
            "the tenant id",
        ),
        (
            error(builder().audience(many)),
            "the largest being audience",
        ),
    ] {
        let shown = error.to_string();
        assert!(shown.contains(says), "{shown}");
        assert!(!shown.contains("planted"), "{shown}");
    }
}

// fault: request-printed
#[test]
fn debug_names_every_parameter_and_shows_no_secret_value() {
    let config = builder()
        .endpoint("https://login.example/token?key=in-the-query")
        .audience("https://api.example")
        .param("assertion", "of-a-param")
        .body_format(BodyFormat::Json);
    assert_eq!(format!("{config:?}"), "ConfigBuilder { .. }");
    let config = config.build().unwrap();
    let shown = format!("{config:?} {config:#?}");
    for secret in ["s3cret", "in-the-query", "of-a-param"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    for known in [
        "login.example",
        "https://api.example",
        "assertion",
        "Json",
        "[redacted]",
    ] {
        assert!(shown.contains(known), "{shown}");
    }
}
