//! An acquisition step by step: the request of each method and grant, the assertions, and completions that do not fit.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use edge_oauth_no_io::{
    Acquisition, Action, Algorithm, BasicEncoding, BodyFormat, Builder, ClientAuth, Completion,
    Config, ConfigError, CredentialError, Grant, GrantAssertion, JwtAssertion, Moment, Purpose,
    Secret, SecretBytes, StoreError, TokenError, TransportError, TransportErrorKind,
};
use http::{Request, Response};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

const NOW: Moment = Moment {
    monotonic: Duration::from_secs(5),
    wall: Duration::from_secs(1_800_000_000),
};

fn builder(client_auth: ClientAuth) -> Builder {
    Config::builder("https://login.example/token", "my client").client_auth(client_auth)
}

fn acquisition(config: Builder) -> Acquisition {
    Acquisition::new(&config.build().unwrap(), Duration::from_secs(10), NOW)
}

/// Runs an acquisition up to its request. Signatures and assertions are the names of their purpose.
fn request(config: Builder) -> Request<SecretBytes> {
    let mut acquisition = acquisition(config);
    loop {
        let completion = match acquisition.poll(NOW, [7; 16]) {
            Action::Sign(to_sign) => Completion::Signature(Ok(match to_sign.purpose {
                Purpose::ClientAuth => b"client".to_vec(),
                _ => b"grant".to_vec(),
            })),
            Action::Assertion(request) => {
                Completion::Assertion(Ok(Secret::new(format!("{:?}", request.purpose))))
            }
            Action::Send(request, _) => return request,
            other => panic!("{other:?}"),
        };
        acquisition.handle(completion, NOW);
    }
}

fn body(request: &Request<SecretBytes>) -> Vec<(String, String)> {
    form_urlencoded::parse(request.body().as_ref())
        .into_owned()
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn basic(request: &Request<SecretBytes>) -> String {
    let header = request.headers()["authorization"].to_str().unwrap();
    let credentials = header.strip_prefix("Basic ").unwrap();
    String::from_utf8(STANDARD.decode(credentials).unwrap()).unwrap()
}

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[test]
fn each_method_sends_its_own_credentials_and_no_others() {
    let secret = || Secret::new("s:3 cret");
    let plain = [("grant_type", "client_credentials")];
    let id = ("client_id", "my client");

    let sent = request(builder(ClientAuth::ClientSecretPost(secret())));
    let expected = [plain[0], id, ("client_secret", "s:3 cret")];
    assert_eq!(body(&sent), pairs(&expected));
    assert!(!sent.headers().contains_key("authorization"));

    for (encoding, expected) in [
        (BasicEncoding::Percent, "my%20client:s%3A3%20cret"),
        (BasicEncoding::Plus, "my+client:s%3A3+cret"),
        (BasicEncoding::Raw, "my client:s:3 cret"),
    ] {
        let sent = request(builder(ClientAuth::ClientSecretBasic(secret(), encoding)));
        assert_eq!(basic(&sent), expected);
        assert_eq!(body(&sent), pairs(&plain));
    }

    for method in [ClientAuth::None, ClientAuth::TlsClientAuth] {
        let sent = request(builder(method));
        assert_eq!(body(&sent), pairs(&[plain[0], id]));
        assert!(!sent.headers().contains_key("authorization"));
    }

    let sent = request(builder(ClientAuth::Assertion));
    let expected = [
        plain[0],
        id,
        ("client_assertion_type", BEARER),
        ("client_assertion", "ClientAuth"),
    ];
    assert_eq!(body(&sent), pairs(&expected));

    let jwt = || JwtAssertion::new(Algorithm::Es256);
    for method in [
        ClientAuth::PrivateKeyJwt(jwt()),
        ClientAuth::ClientSecretJwt(jwt()),
    ] {
        let sent = body(&request(builder(method)));
        assert_eq!(sent[..3], pairs(&expected[..3]));
        assert_eq!(sent[3].0, "client_assertion");
        let signature = sent[3].1.rsplit_once('.').unwrap().1;
        assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap(), b"client");
    }
}

#[test]
fn each_grant_sends_its_own_parameters() {
    let with = |grant| {
        let config = builder(ClientAuth::ClientSecretPost(Secret::new("s"))).grant(grant);
        let client = ["client_id", "client_secret"];
        let sent = body(&request(config)).into_iter();
        sent.filter(|(name, _)| !client.contains(&name.as_str()))
            .collect::<Vec<_>>()
    };
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", "Grant"),
    ];
    assert_eq!(
        with(Grant::JwtBearer(GrantAssertion::External)),
        pairs(&expected)
    );

    let sent = with(Grant::TokenExchange {
        subject_token_type: "urn:example:jwt".to_owned(),
    });
    let expected = [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        ("subject_token_type", "urn:example:jwt"),
        ("subject_token", "Grant"),
    ];
    assert_eq!(sent, pairs(&expected));

    let params = vec![("api_key".to_owned(), Secret::new("k"))];
    let sent = with(Grant::Extension {
        grant_type: "urn:example:key".to_owned(),
        params,
    });
    assert_eq!(
        sent,
        pairs(&[("grant_type", "urn:example:key"), ("api_key", "k")])
    );
}

#[test]
fn json_body_carries_an_assertion_too() {
    let config = builder(ClientAuth::Assertion).body_format(BodyFormat::Json);
    let sent: Value = serde_json::from_slice(request(config).body().as_ref()).unwrap();
    let expected = json!({
        "grant_type": "client_credentials",
        "client_id": "my client",
        "client_assertion_type": BEARER,
        "client_assertion": "ClientAuth",
    });
    assert_eq!(sent, expected);
}

/// Returns header and claims of what an acquisition wants to be signed.
fn to_sign(config: Builder, unique: [u8; 16]) -> (Value, Value) {
    let Action::Sign(to_sign) = acquisition(config).poll(NOW, unique) else {
        panic!("an assertion is missing")
    };
    let input = std::str::from_utf8(to_sign.input.as_ref())
        .unwrap()
        .to_owned();
    let (header, claims) = input.split_once('.').unwrap();
    let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (json(header), json(claims))
}

#[test]
fn assertion_has_the_claims_of_the_rfc() {
    let jwt = JwtAssertion::new(Algorithm::Ps256).key_id("k1");
    let (header, claims) = to_sign(builder(ClientAuth::PrivateKeyJwt(jwt)), [7; 16]);
    assert_eq!(header, json!({"alg": "PS256", "typ": "JWT", "kid": "k1"}));
    let expected = json!({
        "iss": "my client",
        "sub": "my client",
        "aud": "https://login.example/token",
        "jti": "BwcHBwcHBwcHBwcHBwcHBw",
        "iat": 1_800_000_000,
        "exp": 1_800_000_060,
    });
    assert_eq!(claims, expected);

    let jwt = JwtAssertion::new(Algorithm::EdDsa)
        .audience("https://login.example")
        .typ("client-authentication+jwt")
        .lifetime(Duration::from_secs(300))
        .claim("scope", "read");
    let (header, claims) = to_sign(builder(ClientAuth::PrivateKeyJwt(jwt)), [8; 16]);
    assert_eq!(
        header,
        json!({"alg": "EdDSA", "typ": "client-authentication+jwt"})
    );
    assert_eq!(claims["aud"], "https://login.example");
    assert_eq!(claims["exp"], 1_800_000_300);
    assert_eq!(claims["scope"], "read");
}

// B8
#[test]
fn assertion_of_each_attempt_is_a_new_one() {
    let config = || {
        builder(ClientAuth::PrivateKeyJwt(JwtAssertion::new(
            Algorithm::Es256,
        )))
    };
    let mut seen = HashSet::new();
    for number in 0..1000_u128 {
        let (_, claims) = to_sign(config(), number.to_be_bytes());
        assert!(seen.insert(claims["jti"].as_str().unwrap().to_owned()));
    }
}

// B10
#[test]
fn clock_that_cannot_be_right_is_an_error_before_anything_is_signed() {
    for wall in [Duration::ZERO, Duration::from_secs(1000), Duration::MAX] {
        let now = Moment { wall, ..NOW };
        let config = builder(ClientAuth::PrivateKeyJwt(JwtAssertion::new(
            Algorithm::Es256,
        )));
        let config = config.build().unwrap();
        let mut acquisition = Acquisition::new(&config, Duration::from_secs(10), now);
        assert!(matches!(acquisition.poll(now, [0; 16]), Action::Done));
        let error = acquisition.finish().unwrap_err();
        assert!(!error.is_transient());
        assert!(error.to_string().contains("clock"), "{error}");
    }
}

// fault: claim-that-the-library-sets
#[test]
fn claim_that_is_there_already_is_refused_by_name() {
    for name in ["iss", "sub", "aud", "jti", "iat", "exp"] {
        let jwt = JwtAssertion::new(Algorithm::Es256).claim(name, "x");
        let expected = ConfigError::Reserved {
            parameter: name.to_owned(),
        };
        let by_client = builder(ClientAuth::PrivateKeyJwt(jwt.clone())).build();
        assert_eq!(by_client.unwrap_err(), expected);
        let grant = Grant::JwtBearer(GrantAssertion::Jwt(jwt));
        let by_grant = builder(ClientAuth::None).grant(grant).build();
        assert_eq!(by_grant.unwrap_err(), expected);
    }
    let twice = JwtAssertion::new(Algorithm::Es256)
        .claim("a", "1")
        .claim("a", "2");
    let error = builder(ClientAuth::PrivateKeyJwt(twice))
        .build()
        .unwrap_err();
    assert_eq!(
        error,
        ConfigError::Repeated {
            parameter: "a".to_owned()
        }
    );
}

#[test]
fn credential_that_fails_is_the_outcome() {
    for transient in [true, false] {
        let error = match transient {
            true => CredentialError::transient("the key service is away"),
            false => CredentialError::permanent("no such key"),
        };
        let mut acquisition = acquisition(builder(ClientAuth::Assertion));
        assert!(matches!(
            acquisition.poll(NOW, [0; 16]),
            Action::Assertion(_)
        ));
        acquisition.handle(Completion::Assertion(Err(error)), NOW);
        assert!(matches!(acquisition.poll(NOW, [0; 16]), Action::Done));
        assert_eq!(acquisition.finish().unwrap_err().is_transient(), transient);
    }
}

#[derive(Clone, Debug)]
enum Input {
    Poll,
    Response(u16, &'static str),
    Failed,
    Signature(bool),
    Assertion(&'static str),
    Claimed,
    Pass(u64),
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        4 => Just(Input::Poll),
        1 => (prop_oneof![Just(200_u16), Just(400), Just(503)], prop_oneof![
            Just(r#"{"access_token":"abc","expires_in":900}"#),
            Just(r#"{"error":"invalid_client"}"#),
            Just(""),
        ])
            .prop_map(|(status, body)| Input::Response(status, body)),
        1 => Just(Input::Failed),
        1 => any::<bool>().prop_map(Input::Signature),
        1 => prop_oneof![Just(""), Just("jwt")].prop_map(Input::Assertion),
        1 => Just(Input::Claimed),
        1 => (0_u64..4).prop_map(Input::Pass),
    ]
}

fn configs() -> impl Strategy<Value = (ClientAuth, Grant)> {
    let jwt = || JwtAssertion::new(Algorithm::Es256);
    let methods = prop_oneof![
        Just(ClientAuth::None),
        Just(ClientAuth::ClientSecretPost(Secret::new("s3cret"))),
        Just(ClientAuth::PrivateKeyJwt(jwt())),
        Just(ClientAuth::Assertion),
    ];
    let grants = prop_oneof![
        Just(Grant::ClientCredentials),
        Just(Grant::JwtBearer(GrantAssertion::External)),
        Just(Grant::JwtBearer(GrantAssertion::Jwt(jwt()))),
    ];
    (methods, grants)
}

fn response(status: u16, body: &str) -> Response<SecretBytes> {
    let mut response = Response::new(SecretBytes::new(body.as_bytes().to_vec()));
    *response.status_mut() = status.try_into().unwrap();
    response
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// One request at most; a completion counts only for the action that was handed out; the end comes in time.
    #[test]
    fn completions_that_no_action_asked_for_change_nothing(
        (client_auth, grant) in configs(),
        inputs in proptest::collection::vec(input(), 0..40),
    ) {
        let config = builder(client_auth).grant(grant).build().unwrap();
        let mut acquisition = Acquisition::new(&config, Duration::from_secs(10), NOW);
        let mut now = NOW;
        let (mut requests, mut open, mut failed) = (0, "", false);
        let mut received = false;
        for input in inputs {
            let completion = match input {
                Input::Poll => {
                    match acquisition.poll(now, [1; 16]) {
                        Action::Send(..) => {
                            requests += 1;
                            prop_assert!(!failed && !received);
                            open = "send";
                        }
                        Action::Sign(_) => open = "sign",
                        Action::Assertion(_) => open = "assertion",
                        Action::Wait { at_most } => {
                            prop_assert!(!open.is_empty() && at_most <= Duration::from_secs(10));
                        }
                        Action::Done => {
                            let over = acquisition.time_left(now).is_zero();
                            prop_assert!(failed || received || over);
                        }
                        other => panic!("{other:?}"),
                    }
                    continue;
                }
                Input::Pass(seconds) => {
                    now = now.after(Duration::from_secs(seconds));
                    continue;
                }
                Input::Response(status, body) => {
                    received |= open == "send";
                    Completion::Response(response(status, body))
                }
                Input::Failed => {
                    failed |= open == "send";
                    let why = "refused";
                    Completion::Failed(TransportError::new(TransportErrorKind::Connect, why))
                }
                Input::Signature(good) => {
                    failed |= open == "sign" && !good;
                    let error = CredentialError::transient("away");
                    Completion::Signature(if good { Ok(vec![1]) } else { Err(error) })
                }
                Input::Assertion(text) => {
                    failed |= open == "assertion" && text.is_empty();
                    Completion::Assertion(Ok(Secret::new(text)))
                }
                Input::Claimed => Completion::Claimed(Err(StoreError::timeout())),
            };
            let fits = matches!(
                (open, &completion),
                ("send", Completion::Response(_) | Completion::Failed(_))
                    | ("sign", Completion::Signature(_))
                    | ("assertion", Completion::Assertion(_))
            );
            acquisition.handle(completion, now);
            if fits {
                open = "";
            }
        }
        prop_assert!(requests <= 1);
        if !received && !failed {
            let timed_out = matches!(acquisition.finish(), Err(TokenError::Transport(_)));
            prop_assert!(timed_out, "undone");
        }
    }
}
