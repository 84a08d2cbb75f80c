//! Scope, resources and the parameters of a server.

use edge_oauth_no_io::{ConfigBuilder, ConfigError, Grant, Secret, token_request};

use crate::setup::{builder, error, with_credentials};

// fault: malformed-scope
#[test]
fn scope_is_split_into_tokens_and_each_is_sent_once() {
    for token in ["a\"", "a\\b", "a\n", "é", "\u{7f}"] {
        let error = error(builder().scope(token));
        assert_eq!(
            error,
            ConfigError::Character { parameter: "scope" },
            "{token:?}"
        );
    }
    assert_eq!(
        error(builder().scope("")),
        ConfigError::Empty { parameter: "scope" }
    );
    for two in [
        builder().scope("b").scope("a").scope("b"),
        builder().scope("b a"),
        builder().scope(" b  a b "),
    ] {
        let request = token_request(&two.build().unwrap()).unwrap();
        assert!(request.body().as_ref().ends_with(b"&scope=b+a"));
    }
}

// fault: parameter-set-twice
#[test]
fn parameter_of_the_library_cannot_be_set_twice() {
    for name in [
        "grant_type",
        "scope",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "audience",
        "resource",
    ] {
        let error = error(builder().param(name, "x"));
        assert_eq!(
            error,
            ConfigError::Reserved {
                parameter: name.to_owned()
            }
        );
    }
    let once = builder().param("organization_id", "org_1");
    let twice = error(once.param("organization_id", "org_2"));
    assert_eq!(
        twice,
        ConfigError::Repeated {
            parameter: "organization_id".to_owned()
        }
    );
    assert!(builder().param("", "x").build().is_err());

    // A grant sets parameters of its own.
    let subject_token_type = "urn:ietf:params:oauth:token-type:jwt".to_owned();
    let exchange = || {
        builder().grant(Grant::TokenExchange {
            subject_token_type: subject_token_type.clone(),
        })
    };
    for name in ["subject_token", "subject_token_type"] {
        let parameter = name.to_owned();
        assert_eq!(
            error(exchange().param(name, "x")),
            ConfigError::Reserved { parameter }
        );
    }
    let extension = |grant_type: &str, name: &str| Grant::Extension {
        grant_type: grant_type.to_owned(),
        params: vec![(name.to_owned(), Secret::new("x"))],
    };
    let reserved = error(builder().grant(extension("urn:x", "client_id")));
    let parameter = "client_id".to_owned();
    assert_eq!(reserved, ConfigError::Reserved { parameter });
    let repeated = error(builder().grant(extension("urn:x", "pin")).param("pin", "y"));
    let parameter = "pin".to_owned();
    assert_eq!(repeated, ConfigError::Repeated { parameter });
    let parameter = "grant_type";
    assert_eq!(
        error(builder().grant(extension("", "pin"))),
        ConfigError::Empty { parameter }
    );
}

// fault: malformed-resource
#[test]
fn resource_is_an_absolute_uri_without_a_fragment() {
    for uri in [
        "",
        "api",
        "/api",
        "//host/api",
        ":x",
        "1a:b",
        "https:",
        "https://a#b",
        "https://a b",
        "https://é",
    ] {
        assert_eq!(
            error(builder().resource(uri)),
            ConfigError::Resource,
            "{uri:?}"
        );
    }
    for uri in [
        "https://api.example",
        "https://api.example/a?b=c",
        "urn:example:api",
        "http://[::1]:1/",
    ] {
        assert!(builder().resource(uri).build().is_ok(), "{uri:?}");
    }
}

// fault: parameters-too-large
#[test]
fn too_large_request_is_rejected_before_it_is_sent() {
    let mebibyte = "a".repeat(1024 * 1024);
    let too_large = |parameter| ConfigError::TooLarge {
        parameter,
        limit: 64 * 1024,
    };
    assert_eq!(error(builder().scope(&mebibyte)), too_large("scope"));
    assert_eq!(error(builder().audience(&mebibyte)), too_large("audience"));
    assert_eq!(
        error(builder().param("p", &mebibyte)),
        too_large("a parameter of your own")
    );
    assert_eq!(
        error(builder().resource(format!("urn:{mebibyte}"))),
        too_large("resource")
    );
    assert_eq!(
        with_credentials("id", &mebibyte).unwrap_err(),
        too_large("client_secret")
    );
    let many = (0..4096).fold(builder(), |builder, i| {
        builder.scope(&format!("scope-token-number-{i}"))
    });
    assert_eq!(error(many), too_large("scope"));
}

// fault: parameters-too-large
#[test]
fn largest_request_is_the_same_for_every_parameter() {
    let credentials = "id".len() + "s3cret".len();
    for (set, other_bytes) in [
        (
            (|builder, value| builder.audience(value)) as fn(ConfigBuilder, String) -> _,
            0,
        ),
        (|builder, value| builder.scope(&value), " ".len()),
        (|builder, value| builder.param("p", value), "&p=".len()),
        (
            |builder, value| builder.resource(format!("a:{}", &value[2..])),
            "&resource=".len(),
        ),
        (
            |builder, value| {
                builder.grant(Grant::Extension {
                    grant_type: "urn:x".to_owned(),
                    params: vec![("p".to_owned(), Secret::new(value))],
                })
            },
            "&p=".len(),
        ),
    ] {
        let largest = 64 * 1024 - credentials - other_bytes;
        assert!(set(builder(), "a".repeat(largest)).build().is_ok());
        assert!(set(builder(), "a".repeat(largest + 1)).build().is_err());
    }
}
