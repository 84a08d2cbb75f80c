//! An acquisition step by step: a body in JSON, claims, and a credential that fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::{
    Acquisition, Action, Algorithm, BODY_LIMIT, BodyFormat, ClientAuth, Completion, Config,
    ConfigBuilder, ConfigError, CredentialError, Grant, GrantAssertion, JwtAssertion, Moment,
    Purpose, Secret, SecretBytes,
};
use http::Request;
use serde_json::{Value, json};

const NOW: Moment = Moment {
    monotonic: Duration::from_secs(5),
    wall: Duration::from_secs(1_800_000_000),
};

fn builder(client_auth: ClientAuth) -> ConfigBuilder {
    Config::builder("https://login.example/token", "my client").client_auth(client_auth)
}

fn acquisition(config: ConfigBuilder) -> Acquisition {
    Acquisition::new(&config.build().unwrap(), Duration::from_secs(10), NOW)
}

/// Runs an acquisition up to its request. Signatures and assertions are the names of their purpose.
fn request(config: ConfigBuilder) -> Request<SecretBytes> {
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

// fault: token-request-on-a-kept-connection
#[test]
fn token_request_keeps_no_connection() {
    let config = builder(ClientAuth::ClientSecretPost(Secret::new("s3cret")));
    let Action::Send(_, limits) = acquisition(config).poll(NOW, [7; 16]) else {
        panic!("a secret takes one request")
    };
    assert!(!limits.keep_alive);
    assert_eq!(limits.max_body, BODY_LIMIT);
}

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

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
fn to_sign(config: ConfigBuilder, unique: [u8; 16]) -> (Value, Value) {
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

// fault: claim-that-the-library-sets
#[test]
fn claim_set_twice_is_rejected_by_name() {
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

// fault: signature-printed
#[test]
fn signature_and_assertion_are_not_printed() {
    let printed = format!("{:?}", Completion::Signature(Ok(vec![201, 202, 203])));
    assert_eq!(printed, "Signature([redacted])");
    let printed = format!("{:?}", Completion::Assertion(Ok(Secret::new("s3cret"))));
    assert!(!printed.contains("s3cret"), "{printed}");
}
