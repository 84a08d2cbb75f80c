//! The choice of client authentication and grant: options, environment, profiles, and contradictions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Home, Run};

const SERVER: [&str; 4] = [
    "--client-id",
    "my-client",
    "--endpoint",
    "https://login.example/token",
];

/// Prints the request, which shows the choice.
fn request(home: &Home, arguments: &[&str]) -> Run {
    home.run([&["request"], &SERVER[..], arguments].concat())
}

fn body(run: Run) -> String {
    let out = run.finish().quiet();
    out.split_once("\r\n\r\n").unwrap().1.to_owned()
}

const BY_ASSERTION: &str = "grant_type=client_credentials&client_id=my-client\
    &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=[redacted]";
const BY_SECRET: &str =
    "grant_type=client_credentials&client_id=my-client&client_secret=[redacted]";
const BY_ID: &str = "grant_type=client_credentials&client_id=my-client";

#[test]
fn each_method_has_its_request_and_reads_no_file_for_it() {
    let home = Home::new();
    let key = ["--key-file", "missing"];
    let assertion = ["--client-assertion-file", "missing"];
    let variable = ["--client-assertion-env", "MISSING"];
    let command = ["--client-assertion-command", "missing"];
    let certificate = ["--client-cert", "missing", "--client-key", "missing"];
    for (arguments, expected) in [
        (&[][..], BY_SECRET),
        (&["--client-auth", "client-secret-post"], BY_SECRET),
        (&["--client-auth", "body"], BY_SECRET),
        (&["--client-auth", "client-secret-jwt"], BY_ASSERTION),
        (&["--client-auth", "none"], BY_ID),
        (&key, BY_ASSERTION),
        (
            &[&["--client-auth", "private-key-jwt"], &key[..]].concat(),
            BY_ASSERTION,
        ),
        (&assertion, BY_ASSERTION),
        (&variable, BY_ASSERTION),
        (&command, BY_ASSERTION),
        (&certificate, BY_ID),
        (
            &[&["--client-auth", "tls-client-auth"], &certificate[..]].concat(),
            BY_ID,
        ),
        (&certificate[..2], BY_ID),
    ] {
        assert_eq!(body(request(&home, arguments)), expected, "{arguments:?}");
    }
    for basic in ["basic", "client-secret-basic", "basic-plus"] {
        let out = request(&home, &["--client-auth", basic]).finish().quiet();
        assert!(out.contains("Authorization: Basic [redacted]"), "{out}");
    }
}

#[test]
fn each_grant_has_its_request() {
    let home = Home::new();
    let secret = "&client_id=my-client&client_secret=[redacted]";
    let bearer = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
    let exchange = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange";
    let file = ["--client-secret-file", "missing"];
    for (arguments, expected) in [
        (
            &["--grant", "jwt-bearer", "--grant-assertion-file", "missing"][..],
            format!("{bearer}{secret}&assertion=[redacted]"),
        ),
        (
            &["--grant", "jwt-bearer", "--grant-assertion-env", "V", "--client-auth", "none"],
            format!("{bearer}&client_id=my-client&assertion=[redacted]"),
        ),
        // The key signs the grant, and another credential authenticates the client.
        (
            &[&["--grant", "jwt-bearer", "--key-file", "missing"], &file[..]].concat(),
            format!("{bearer}{secret}&assertion=[redacted]"),
        ),
        (
            &["--grant", "jwt-bearer", "--key-file", "missing", "--client-auth", "none"],
            format!("{bearer}&client_id=my-client&assertion=[redacted]"),
        ),
        (
            &["--grant", "token-exchange", "--subject-token-env", "V"],
            format!(
                "{exchange}{secret}&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt\
                 &subject_token=[redacted]"
            ),
        ),
        (
            &[
                "--grant", "token-exchange", "--subject-token-file", "missing", "--subject-token-type",
                "access-token", "--client-auth", "none",
            ],
            format!(
                "{exchange}&client_id=my-client\
                 &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&subject_token=[redacted]"
            ),
        ),
        (
            &["--grant", "urn:example:grant", "--param-file", "pin=missing", "--param-env", "code=V"],
            "grant_type=urn%3Aexample%3Agrant&client_id=my-client&client_secret=[redacted]&pin=[redacted]\
             &code=[redacted]"
                .to_owned(),
        ),
    ] {
        assert_eq!(body(request(&home, arguments)), expected, "{arguments:?}");
    }
    // A key alone signs both.
    let both = body(request(
        &home,
        &["--grant", "jwt-bearer", "--key-file", "missing"],
    ));
    assert!(
        both.contains("&client_assertion=[redacted]&assertion=[redacted]"),
        "{both}"
    );
}

#[test]
fn option_comes_before_the_environment_before_the_profile() {
    let home = Home::new();
    home.configure(
        "[profiles.default]\nkey_file = \"missing\"\nkey_id = \"k\"\n\
         [profiles.explicit]\nclient_auth = \"none\"\n",
    );
    let of_profile = || request(&home, &[]);
    assert_eq!(body(of_profile()), BY_ASSERTION);
    let cases = [
        ("SITECORE_CLIENT_SECRET", "s3cret", BY_SECRET),
        ("EDGE_OAUTH_CLIENT_CERT", "missing", BY_ID),
        ("EDGE_OAUTH_CLIENT_ASSERTION_ENV", "V", BY_ASSERTION),
        ("EDGE_OAUTH_CLIENT_AUTH", "none", BY_ID),
    ];
    for (variable, value, expected) in cases {
        assert_eq!(
            body(of_profile().env(variable, value)),
            expected,
            "{variable}"
        );
        let option = ["--client-secret-file", "missing"];
        let run = request(&home, &option);
        let run = match variable {
            // The method comes from the environment, and this value is not a secret.
            "EDGE_OAUTH_CLIENT_AUTH" => run.env(variable, "client-secret-basic"),
            _ => run.env(variable, value),
        };
        let out = run.finish().quiet();
        assert!(
            out.contains("client_secret=[redacted]") || out.contains("Basic [redacted]"),
            "{variable}: {out}"
        );
    }
    let explicit = ["--profile", "explicit"];
    assert_eq!(body(request(&home, &explicit)), BY_ID);
    let option = [&explicit[..], &["--client-auth", "client-secret-post"]].concat();
    assert_eq!(body(request(&home, &option)), BY_SECRET);
    assert_eq!(
        body(request(&home, &["--client-auth", "none"]).env("EDGE_OAUTH_KEY_FILE", "missing")),
        BY_ID,
        "a key of a lower layer than the method does not count"
    );
}

#[test]
fn every_option_can_be_of_the_environment_and_of_a_profile() {
    let home = Home::new();
    let exchange = [
        ("grant", "token-exchange"),
        ("subject_token_file", "missing"),
        ("subject_token_type", "id-token"),
        ("client_assertion_file", "missing"),
    ];
    let bearer = [
        ("grant", "jwt-bearer"),
        ("client_auth", "private-key-jwt"),
        ("key_file", "missing"),
        ("key_id", "2026-11"),
        ("alg", "ES256"),
        ("assertion_audience", "https://login.example"),
        ("assertion_subject", "someone"),
    ];
    let external = [
        ("grant", "jwt-bearer"),
        ("grant_assertion_env", "V"),
        ("client_assertion_env", "W"),
    ];
    let command = [("client_assertion_command", "missing")];
    let certificate = [
        ("client_cert", "missing"),
        ("client_key", "missing"),
        ("grant", "token-exchange"),
        ("subject_token_env", "V"),
    ];
    let file = [
        ("grant", "jwt-bearer"),
        ("grant_assertion_file", "missing"),
        ("client_auth", "none"),
    ];
    let cases: [&[(&str, &str)]; 6] =
        [&exchange, &bearer, &external, &command, &certificate, &file];
    for options in cases {
        let flags: Vec<_> = options
            .iter()
            .flat_map(|(key, value)| [format!("--{}", key.replace('_', "-")), (*value).to_owned()])
            .collect();
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let expected = body(request(&home, &flags));
        let mut run = request(&home, &[]);
        for (key, value) in options {
            run = run.env(&format!("EDGE_OAUTH_{}", key.to_ascii_uppercase()), value);
        }
        assert_eq!(body(run), expected, "{options:?}");
        let lines: String = options
            .iter()
            .map(|(key, value)| format!("{key} = {value:?}\n"))
            .collect();
        let profile = Home::new();
        profile.configure(&format!("[profiles.default]\n{lines}"));
        assert_eq!(body(request(&profile, &[])), expected, "{options:?}");
    }
    home.configure(
        "[profiles.default]\nparam_files = { pin = \"missing\" }\nparam_envs = { code = \"V\" }\n",
    );
    assert!(body(request(&home, &[])).ends_with("&pin=[redacted]&code=[redacted]"));
}

#[test]
fn contradiction_is_a_usage_error_that_names_both() {
    let home = Home::new();
    for (arguments, names) in [
        (
            &["--key-file", "k", "--client-secret-file", "s"][..],
            ["--client-secret-file", "--key-file"],
        ),
        (
            &["--key-file", "k", "--client-assertion-env", "V"],
            ["--key-file", "--client-assertion-env"],
        ),
        (
            &[
                "--client-assertion-file",
                "a",
                "--client-assertion-env",
                "V",
            ],
            ["--client-assertion-file", "--client-assertion-env"],
        ),
        (
            &[
                "--client-assertion-command",
                "c",
                "--client-assertion-file",
                "a",
            ],
            ["--client-assertion-file", "--client-assertion-command"],
        ),
        (
            &["--client-cert", "c", "--key-file", "k"],
            ["--key-file", "--client-cert"],
        ),
        (
            &["--client-auth", "none", "--key-file", "k"],
            ["--client-auth none", "--key-file"],
        ),
        (
            &[
                "--client-auth",
                "private-key-jwt",
                "--client-secret-file",
                "s",
            ],
            ["--client-auth private-key-jwt", "--client-secret-file"],
        ),
        (
            &[
                "--client-auth",
                "tls-client-auth",
                "--client-assertion-file",
                "a",
            ],
            ["--client-auth tls-client-auth", "--client-assertion-file"],
        ),
        (
            &["--client-auth", "client-secret-post", "--client-cert", "c"],
            ["--client-auth client-secret-post", "--client-cert"],
        ),
        (
            &["--key-file", "k", "--alg", "HS256"],
            ["--alg HS256", "--key-file"],
        ),
        (
            &["--client-auth", "client-secret-jwt", "--alg", "ES256"],
            ["client-secret-jwt", "--alg"],
        ),
        (
            &["--grant", "jwt-bearer", "--subject-token-file", "s"],
            ["--grant", "--subject-token-file"],
        ),
        (
            &[
                "--grant",
                "client-credentials",
                "--grant-assertion-file",
                "s",
            ],
            ["--grant", "--grant-assertion-file"],
        ),
        (
            &["--subject-token-file", "s"],
            ["--subject-token-file", "--grant token-exchange"],
        ),
        (
            &["--grant-assertion-env", "V"],
            ["--grant-assertion-env", "--grant jwt-bearer"],
        ),
        (&["--key-id", "k"], ["--key-id", "--key-file"]),
        (
            &["--alg", "ES256", "--client-auth", "none"],
            ["--alg", "--key-file"],
        ),
        (&["--client-key", "k"], ["--client-key", "--client-cert"]),
        (
            &["--assertion-audience", "a", "--client-assertion-file", "f"],
            ["--assertion-audience", "--key-file"],
        ),
        (
            &["--assertion-subject", "a", "--key-file", "f"],
            ["--assertion-subject", "--grant jwt-bearer"],
        ),
    ] {
        let err = request(&home, arguments).finish().fails(2);
        for name in names {
            assert!(err.contains(name), "{arguments:?}: {name} is not in {err}");
        }
    }
    let run = request(&home, &[]).env("EDGE_OAUTH_KEY_FILE", "k");
    let err = run
        .env("SITECORE_CLIENT_SECRET", "s3cret")
        .finish()
        .fails(2);
    assert!(
        err.contains("EDGE_OAUTH_KEY_FILE")
            && err.contains("SITECORE_CLIENT_SECRET")
            && !err.contains("s3cret"),
        "{err}"
    );
    home.configure("[profiles.default]\nclient_auth = \"private-key-jwt\"\nkey_file = \"k\"\nclient_secret_file = \"s\"\n");
    let err = request(&home, &[]).finish().fails(2);
    assert!(
        err.contains("client_auth of profile") && err.contains("client_secret_file of profile"),
        "{err}"
    );
}

#[test]
fn missing_credential_is_told_with_the_option_that_names_it() {
    let home = Home::new();
    for (arguments, option) in [
        (&["--client-auth", "private-key-jwt"][..], "--key-file"),
        (&["--client-auth", "tls-client-auth"], "--client-cert"),
        (&["--grant", "jwt-bearer"], "--grant-assertion-file"),
        (&["--grant", "token-exchange"], "--subject-token-file"),
    ] {
        let err = request(&home, arguments).finish().fails(3);
        assert!(err.contains(option), "{arguments:?}: {err}");
    }
}

// fault: key-id-of-another-key
#[test]
fn key_id_of_a_lower_layer_is_of_another_key() {
    let home = Home::new();
    let key = common::keys::Key::new();
    key.write(&home, "key.pem");
    home.configure("[profiles.default]\nkey_file = \"other\"\nkey_id = \"of-the-other\"\n");
    let show = |arguments: &[&str]| {
        let arguments = [&["--show-secret", "--key-file", "key.pem"], arguments].concat();
        let body = body(request(&home, &arguments));
        let jwt = body.rsplit_once("client_assertion=").unwrap().1.to_owned();
        key.verify(&jwt).0["kid"].as_str().unwrap().to_owned()
    };
    assert_ne!(show(&[]), "of-the-other");
    assert_eq!(show(&["--key-id", "mine"]), "mine");
}

#[test]
fn wrong_value_is_named_and_not_shown() {
    let home = Home::new();
    for (variable, known) in [
        ("EDGE_OAUTH_CLIENT_AUTH", "private-key-jwt"),
        ("EDGE_OAUTH_ALG", "ES256"),
        ("EDGE_OAUTH_GRANT", "token-exchange"),
    ] {
        let err = request(&home, &[])
            .env(variable, "hunter2")
            .finish()
            .fails(2);
        assert!(
            err.contains(variable) && err.contains(known) && !err.contains("hunter2"),
            "{err}"
        );
    }
    for key in [
        "client_auth",
        "alg",
        "grant",
        "client_assertion",
        "subject_token",
    ] {
        home.configure(&format!("[profiles.default]\n{key} = \"hunter2\"\n"));
        let err = request(&home, &[]).finish().fails(2);
        assert!(
            err.contains(&format!("profiles.default.{key} is")) && !err.contains("hunter2"),
            "{err}"
        );
    }
    home.configure("");
    for arguments in [
        ["--grant", "hunter2.hunter2"],
        ["--client-auth", "hunter2.hunter2"],
        ["--client-assertion", "hunter2.hunter2"],
        ["--subject-token", "hunter2.hunter2"],
        ["--param", "client_assertion=hunter2"],
        ["--param", "subject_token=hunter2"],
        ["--param", "assertion=hunter2"],
    ] {
        let err = request(&home, &arguments).finish().fails(2);
        assert!(!err.contains("hunter2"), "{arguments:?}: {err}");
    }
}

#[test]
fn credential_of_the_environment_is_not_sent_to_the_server_of_a_named_profile() {
    let home = Home::new();
    home.configure(
        "[profiles.edge]\nclient_id = \"a\"\nendpoint = \"https://other.example/token\"\n",
    );
    let run = home.run(["token", "--profile", "edge"]);
    let err = run
        .env("EDGE_OAUTH_CLIENT_ASSERTION_ENV", "V")
        .env("V", "a.b.c")
        .finish()
        .fails(2);
    assert!(
        err.contains("EDGE_OAUTH_CLIENT_ASSERTION_ENV is set"),
        "{err}"
    );
    home.configure("[profiles.edge]\nclient_id = \"a\"\nclient_assertion_file = \"missing\"\n");
    let run = home.run(["token", "--profile", "edge"]);
    let err = run
        .env("SITECORE_AUTH_URL", "https://other.example/token")
        .finish()
        .fails(2);
    assert!(
        err.contains("SITECORE_AUTH_URL is set") && err.contains("client_assertion_file"),
        "{err}"
    );
}

// fault: assertion-in-the-place-of-its-file
#[test]
fn credential_in_the_place_of_its_file_is_refused_and_not_shown() {
    let home = Home::new();
    let jwt = common::keys::jwt(&serde_json::json!({ "sub": "someone" }));
    let key = common::keys::Key::new().0.serialize_pem();
    let jwk = r#"{"kty":"OKP","d":"pl4nted"}"#;
    for (option, value) in [
        ("--client-assertion-file", jwt.as_str()),
        ("--client-assertion-env", &jwt),
        ("--key-file", &key),
        ("--key-file", jwk),
    ] {
        let argument = format!("{option}={value}");
        let run = home.run([&["token"], &SERVER[..], &[argument.as_str()]].concat());
        let err = run.finish().fails(2);
        assert!(err.contains(option) && err.contains("replace"), "{err}");
        let name = option
            .trim_start_matches("--")
            .replace('-', "_")
            .to_ascii_uppercase();
        let run = home.run([&["token"], &SERVER[..]].concat());
        let other = run
            .env(&format!("EDGE_OAUTH_{name}"), value)
            .finish()
            .fails(2);
        for part in value.split(['.', '\n']).filter(|part| part.len() > 10) {
            assert!(!err.contains(part) && !other.contains(part), "{err}{other}");
        }
    }
    for (option, value) in [
        ("--subject-token-file", &jwt),
        ("--subject-token-env", &jwt),
        ("--grant-assertion-env", &jwt),
    ] {
        let grant = match option.starts_with("--subject") {
            true => "token-exchange",
            false => "jwt-bearer",
        };
        let run = home.run([&["token"], &SERVER[..], &["--grant", grant, option, value]].concat());
        let err = run.finish().fails(2);
        assert!(err.contains(option) && !err.contains("eyJ"), "{err}");
    }
    let pair = format!("pin={jwt}");
    let err = request(&home, &["--param-env", &pair]).finish().fails(2);
    assert!(!err.contains("eyJ"), "{err}");
}

#[test]
fn parameter_of_a_named_profile_is_not_sent_to_the_server_of_a_variable() {
    let home = Home::new();
    home.configure("[profiles.edge]\nclient_id = \"a\"\nparam_files = { pin = \"missing\" }\n");
    let run = home.run(["token", "--profile", "edge", "--client-auth", "none"]);
    let err = run
        .env("SITECORE_AUTH_URL", "https://other.example/token")
        .finish()
        .fails(2);
    assert!(
        err.contains("SITECORE_AUTH_URL is set") && err.contains("param_files"),
        "{err}"
    );
}
