//! The methods of client authentication against the local Experience Edge, which verifies assertions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::keys::private;
use common::{Home, Run};
use edge_oauth_keys::PrivateKey;
use edge_oauth_local::{Client, LocalEdge, Options};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

/// The published key of the local server.
const RSA: &[u8] = include_bytes!("common/rsa.p8");

fn edge(client: Client) -> LocalEdge {
    LocalEdge::start_with(Options::default().client(client)).unwrap()
}

fn token(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    let arguments = [&["token", "--no-cache"], arguments].concat();
    home.run(arguments).edge_without_secret(edge)
}

#[test]
fn each_algorithm_is_accepted() {
    let home = Home::new();
    let curves = [
        &PKCS_ECDSA_P256_SHA256,
        &PKCS_ECDSA_P384_SHA384,
        &PKCS_ED25519,
    ];
    let keys = curves.map(|curve| KeyPair::generate_for(curve).unwrap().serialize_der());
    for (key, algorithms) in [
        (RSA, &["RS256", "PS256"][..]),
        (&keys[0], &["ES256"]),
        (&keys[1], &["ES384"]),
        (&keys[2], &["EdDSA"]),
    ] {
        private(&home, "key.der", key);
        let key = PrivateKey::from_der(key).unwrap();
        let mut jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
        jwk.as_object_mut().unwrap().remove("alg");
        let edge = edge(
            Client::without_secret("cart")
                .public_key(&jwk.to_string())
                .unwrap(),
        );
        let by_default = token(&home, &edge, &["--key-file", "key.der"])
            .finish()
            .quiet();
        assert!(by_default.starts_with("ey"));
        for algorithm in algorithms {
            let arguments = ["--key-file", "key.der", "--alg", algorithm];
            token(&home, &edge, &arguments).finish().quiet();
        }
        let url = edge.token_url();
        let audience = [
            "--assertion-audience",
            url.strip_suffix("oauth/token").unwrap(),
        ];
        token(
            &home,
            &edge,
            &[&["--key-file", "key.der"], &audience[..]].concat(),
        )
        .finish()
        .quiet();
        assert_eq!(edge.served().token_requests, 2 + algorithms.len() as u64);
    }
}

#[test]
fn client_secret_that_signs_is_accepted() {
    let secret = "a client secret of 32 characters";
    let (home, edge) = (Home::new(), edge(Client::new("cart", secret)));
    let signs = ["--client-auth", "client-secret-jwt"];
    let run = token(&home, &edge, &signs).env("SITECORE_CLIENT_SECRET", secret);
    run.finish().quiet();
    let other = secret.replace("32", "23");
    let run = token(&home, &edge, &signs).env("SITECORE_CLIENT_SECRET", other);
    let err = run.finish().fails(4);
    assert!(
        err.contains("invalid_client") && err.contains("try: "),
        "{err}"
    );
}

#[test]
fn assertion_of_a_trusted_platform_is_accepted() {
    let (home, platform) = (Home::new(), KeyPair::generate().unwrap());
    let key = PrivateKey::from_pem(platform.serialize_pem()).unwrap();
    let client = Client::without_secret("cart");
    let client = client.trusted_issuer("https://cluster.example", "pod", &key.public_jwk());
    let edge = edge(client.unwrap());
    let write = |claims: Value| {
        let jwt = signed(&platform, key.key_id(), &claims);
        private(&home, "assertion", &jwt);
        jwt
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let claims = json!({
        "iss": "https://cluster.example", "sub": "pod", "aud": edge.token_url(), "iat": now, "exp": now + 600
    });
    let jwt = write(claims.clone());
    token(&home, &edge, &["--client-assertion-file", "assertion"])
        .finish()
        .quiet();
    let by_variable = token(&home, &edge, &["--client-assertion-env", "ID_TOKEN"]);
    by_variable.env("ID_TOKEN", &jwt).finish().quiet();
    let doctor = home.run([
        "doctor",
        "--no-cache",
        "--client-assertion-file",
        "assertion",
    ]);
    doctor.edge_without_secret(&edge).finish().ok();

    let mut other = claims;
    other["sub"] = json!("another pod");
    let jwt = write(other);
    let err = token(&home, &edge, &["--client-assertion-file", "assertion"])
        .finish()
        .fails(4);
    assert!(
        err.contains("sub is not that of the client") && !err.contains(&jwt),
        "{err}"
    );
}

#[test]
fn calls_of_an_api_and_commands_need_no_secret() {
    let (home, pair) = (Home::new(), KeyPair::generate().unwrap());
    let key = PrivateKey::from_pem(pair.serialize_pem()).unwrap();
    let edge = edge(
        Client::without_secret("cart")
            .public_key(&key.public_jwk())
            .unwrap(),
    );
    private(&home, "key.pem", pair.serialize_pem());
    let settings = home.run(["admin", "settings", "get", "--token-key-file", "key.pem"]);
    settings.edge_without_secret(&edge).finish().quiet();
    let by_variable = home.run(["keys", "list"]).edge_without_secret(&edge);
    by_variable
        .env("EDGE_OAUTH_KEY_FILE", "key.pem")
        .finish()
        .ok();
    assert_eq!(
        edge.served().token_requests,
        1,
        "the cached token serves both"
    );
    let url = edge.token_url();
    home.configure(&format!(
        "[profiles.cart]\nclient_id = \"cart\"\nauth_url = {url:?}\nkey_file = {:?}\n",
        home.path.join("key.pem")
    ));
    let exec = ["exec", "--profile", "cart", "--"];
    let run = home.run([&exec, common::PRINT_ENVIRONMENT].concat());
    assert!(run.finish().quiet().contains("EDGE_OAUTH_TOKEN=ey"));
    assert_eq!(edge.served().token_requests, 1);
    let list = home
        .run(["cache", "list", "--profile", "cart"])
        .finish()
        .quiet();
    assert!(list.contains("(this configuration)"), "{list}");
    assert!(Path::new(&home.cached("token")).exists());
}

/// Returns a JWT, as a platform makes it.
fn signed(pair: &KeyPair, key_id: &str, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!(
        "{}.{}",
        encode(&json!({ "alg": "ES256", "kid": key_id })),
        encode(claims)
    );
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, &pair.serialize_der(), &random).unwrap();
    let signature = pair.sign(&random, input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}
