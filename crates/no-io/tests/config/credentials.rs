//! The client id, the secret and the method of client authentication.

use edge_oauth_no_io::{BasicEncoding, ClientAuth, Config, ConfigError, Secret, token_request};

use crate::setup::{ENDPOINT, builder, error, with_credentials};

// fault: missing-client-id, missing-secret
#[test]
fn empty_credentials_are_rejected() {
    let empty = |parameter| ConfigError::Empty { parameter };
    assert_eq!(with_credentials("", "s").unwrap_err(), empty("client_id"));
    assert_eq!(
        with_credentials("id", "").unwrap_err(),
        empty("client_secret")
    );
    assert_eq!(
        Config::builder(ENDPOINT, "")
            .client_secret(Secret::new("s"))
            .lenient()
            .build()
            .unwrap_err(),
        empty("client_id")
    );
    let unset = error(Config::builder(ENDPOINT, "id"));
    assert_eq!(unset, ConfigError::NoClientAuth);
    assert!(unset.to_string().contains("`client_secret`"));
}

// fault: secret-ends-in-a-line-break
#[test]
fn line_break_at_the_end_of_a_secret_is_rejected_with_a_hint() {
    for secret in ["s3cret\n", "s3cret\r\n", "s3cret\r"] {
        let error = with_credentials("id", secret).unwrap_err();
        assert_eq!(
            error,
            ConfigError::TrailingNewline {
                parameter: "client_secret"
            }
        );
        assert!(error.to_string().contains("trim_end"));
        assert!(!error.to_string().contains("s3cret"));
    }
    assert!(
        Config::builder(ENDPOINT, "id\n")
            .client_secret(Secret::new("s"))
            .lenient()
            .build()
            .is_err()
    );
}

// fault: character-that-rfc-6749-forbids
#[test]
fn character_beyond_rfc_6749_needs_a_lenient_configuration() {
    for text in ["é", "a\tb", "a\u{7f}", "a\nb", "\u{0}"] {
        let refused = |parameter| ConfigError::Character { parameter };
        assert_eq!(
            with_credentials(text, "s").unwrap_err(),
            refused("client_id")
        );
        assert_eq!(
            with_credentials("id", text).unwrap_err(),
            refused("client_secret")
        );
        let lenient = Config::builder(ENDPOINT, text)
            .client_secret(Secret::new(text))
            .lenient()
            .build()
            .unwrap();
        let body = token_request(&lenient).unwrap();
        let pairs: Vec<_> = form_urlencoded::parse(body.body().as_ref()).collect();
        assert!(
            pairs.iter().filter(|(_, value)| value == text).count() == 2,
            "{text:?}"
        );
    }
    assert!(with_credentials("every ~ printable ! \"%&+=:", "the same ~ \\").is_ok());
}

// fault: second-client-authentication
#[test]
fn second_client_authentication_is_rejected() {
    let basic = || ClientAuth::ClientSecretBasic(Secret::new("s3cret"), BasicEncoding::Percent);
    for second in [
        builder().client_auth(basic()),
        builder().client_secret(Secret::new("s3cret")),
        builder()
            .client_auth(ClientAuth::None)
            .client_auth(ClientAuth::None),
        Config::builder(ENDPOINT, "id")
            .client_auth(ClientAuth::None)
            .basic_auth(BasicEncoding::Plus),
    ] {
        assert_eq!(error(second), ConfigError::SecondClientAuth);
    }
}

// fault: a-rotated-secret-in-a-pool
#[test]
fn rotation_replaces_the_secret_and_keeps_the_method() {
    let basic = builder()
        .basic_auth(BasicEncoding::Plus)
        .scope("a")
        .build()
        .unwrap();
    let rotated = basic
        .to_builder()
        .client_secret(Secret::new("new"))
        .build()
        .unwrap();
    assert_eq!(rotated.client_auth().method(), "client_secret_basic");
    assert_eq!(rotated.client_secret().unwrap().expose(), "new");
    assert_eq!(rotated.cache_key(), basic.cache_key());
    assert!(!rotated.makes_same_requests(&basic));
    assert!(
        basic
            .to_builder()
            .build()
            .unwrap()
            .makes_same_requests(&basic)
    );
    let twice = basic
        .to_builder()
        .client_secret(Secret::new("a"))
        .client_secret(Secret::new("b"));
    assert_eq!(error(twice), ConfigError::SecondClientAuth);
}

// fault: basic-without-encoding
#[test]
fn colon_in_the_client_id_is_rejected_for_raw_basic() {
    let raw = |id| {
        let builder = Config::builder(ENDPOINT, id).client_secret(Secret::new("a:b%"));
        builder.basic_auth(BasicEncoding::Raw).build()
    };
    let parameter = "client_id";
    assert_eq!(
        raw("a:b").unwrap_err(),
        ConfigError::Character { parameter }
    );
    let request = token_request(&raw("my id").unwrap()).unwrap();
    // `my id:a:b%`
    assert_eq!(request.headers()["authorization"], "Basic bXkgaWQ6YTpiJQ==");
}
