//! `edge-oauth inspect`: the claims of a token and the check of its signature.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Ended, Home};
use edge_oauth_conformance::ClosedPort;
use edge_oauth_local::LocalEdge;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

/// A key pair and its public JWK.
struct Key {
    pair: Ed25519KeyPair,
    kid: &'static str,
}

impl Key {
    fn new(kid: &'static str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        Self { pair, kid }
    }

    fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key());
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid })
    }

    fn sign(&self, header: Value, claims: Value) -> String {
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.pair.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn token(&self, claims: Value) -> String {
        self.sign(json!({ "alg": "EdDSA", "kid": self.kid }), claims)
    }
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// Inspects a token with these keys.
fn verified(keys: &[Value], token: &str, more: &[&str]) -> Ended {
    let home = Home::new();
    home.write("jwks.json", json!({ "keys": keys }).to_string());
    let run = home.run(["inspect", "--jwks", "jwks.json"]);
    run.args(more).input(token).finish()
}

/// Inspects a token that fails a check. Returns both outputs.
#[track_caller]
fn failed(keys: &[Value], token: &str, more: &[&str]) -> String {
    let ended = verified(keys, token, more);
    assert_eq!(ended.status, 4, "{ended:#?}");
    ended.out + &ended.err
}

// fault: file-in-place-of-a-token
#[test]
fn file_in_place_of_a_token_is_an_error_with_advice() {
    let home = Home::new();
    home.write("token.txt", "a.b.c");
    let err = home.run(["inspect", "token.txt"]).finish().fails(2);
    assert!(err.contains("use edge-oauth inspect < FILE"), "{err}");
}

#[test]
fn header_and_claims_are_shown_unverified() {
    let edge = LocalEdge::start().unwrap();
    let home = Home::new();
    let token = home.run(["token"]).edge(&edge).finish().quiet();
    let token = token.trim_end();
    for form in [
        token.to_owned(),
        format!("{token}\r\n"),
        format!("  Bearer {token}\n"),
        format!("Authorization: bearer {token}\n"),
    ] {
        let out = home.run(["inspect"]).input(form).finish().quiet();
        for text in [
            "  alg  RS256",
            "  kid  published-development-key",
            "https://api.sitecorecloud.io",
            "edge.content:clearall edge.tokens:create",
            "signature: not verified",
            "time: expires in ",
        ] {
            assert!(out.contains(text), "{text}\n{out}");
        }
        assert!(out.contains("Z, in "), "{out}");
        for part in token.split('.') {
            assert!(!out.contains(part), "a part of the token in {out}");
        }
    }
}

#[test]
fn token_as_an_argument_causes_a_warning() {
    let token = Key::new("a").token(json!({ "sub": "me" }));
    let ended = Home::new().run(["inspect", &token]).finish();
    assert_eq!(ended.status, 0, "{ended:#?}");
    assert!(ended.out.contains("sub  me"));
    assert!(ended.err.contains("visible to everyone"));
    assert!(!ended.err.contains(&token));
}

#[test]
fn opaque_and_encrypted_tokens_are_recognized() {
    let home = Home::new();
    let out = home
        .run(["inspect"])
        .input("opaque-token-0123456789")
        .finish()
        .quiet();
    assert!(out.contains("An opaque token of 23 characters"), "{out}");
    assert!(!out.contains("opaque-token"), "{out}");

    let jwe = format!(
        "{}.a.b.c.d",
        part(&json!({ "alg": "RSA-OAEP", "enc": "A256GCM" }))
    );
    let out = home.run(["inspect"]).input(jwe.clone()).finish().quiet();
    assert!(out.contains("JWE") && out.contains("enc  A256GCM"), "{out}");
    assert!(failed(&[Key::new("a").jwk()], &jwe, &[]).contains("this is no JWT"));

    for nothing in ["", " \n", "Bearer \n", "two words"] {
        let err = home.run(["inspect"]).input(nothing).finish().fails(2);
        assert!(
            err.contains("not a token") && err.contains("edge-oauth token | edge-oauth inspect")
        );
    }
    home.run(["inspect"]).input(b"\xff\xfe").finish().fails(2);
    let err = home
        .run(["inspect"])
        .input(vec![b'a'; 128 * 1024 + 1])
        .finish()
        .fails(2);
    assert!(err.contains("more than 131072 bytes"), "{err}");
}

#[test]
fn claims_cannot_control_the_terminal() {
    let token = Key::new("a")
        .token(json!({ "sub\u{1b}[31m": "\u{1b}[2J\u{202e}", "exp": "soon", "nbf": [1] }));
    let out = Home::new().run(["inspect"]).input(token).finish().quiet();
    assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
    assert!(out.contains("time: `exp` is not a time"), "{out}");
}

#[test]
fn signature_is_verified_with_keys_from_file_url_or_standard_input() {
    let edge = LocalEdge::start().unwrap();
    let home = Home::new();
    let token = home.run(["token"]).edge(&edge).finish().quiet();
    let url = format!("{}/.well-known/jwks.json", edge.base_url());
    let valid = "signature: valid (RS256, kid published-development-key)\n";

    let by_url = home.run(["inspect", "--jwks", &url]).input(token.clone());
    assert!(by_url.finish().quiet().contains(valid));

    let mut keys = String::new();
    ureq::get(&url)
        .call()
        .unwrap()
        .into_body()
        .into_reader()
        .read_to_string(&mut keys)
        .unwrap();
    home.write("jwks.json", &keys);
    let by_file = home
        .run(["inspect", "-", "--jwks", "jwks.json"])
        .input(token.clone());
    assert!(by_file.finish().quiet().contains(valid));

    let piped = home
        .run(["inspect", token.trim_end(), "--jwks", "-"])
        .input(keys);
    assert!(piped.finish().ok().contains(valid));
}

#[test]
fn each_kind_of_key_verifies_its_signature() {
    let key = Key::new("ed");
    let out = verified(&[key.jwk()], &key.token(json!({})), &[]).quiet();
    assert!(out.contains("signature: valid (EdDSA, kid ed)"), "{out}");
    assert!(out.contains("time: never expires"), "{out}");

    let rng = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rng).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rng).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (
        URL_SAFE_NO_PAD.encode(&point[1..33]),
        URL_SAFE_NO_PAD.encode(&point[33..]),
    );
    let signed = format!("{}.{}", part(&json!({ "alg": "ES256" })), part(&json!({})));
    let signature = pair.sign(&rng, signed.as_bytes()).unwrap();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    // The token names no key, and only one of the two keys has its kind.
    let keys = [
        key.jwk(),
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y }),
    ];
    let out = verified(&keys, &token, &[]).quiet();
    assert!(out.contains("signature: valid (ES256, no kid)"), "{out}");
}

#[test]
fn token_not_signed_by_the_key_is_rejected() {
    let (key, other) = (Key::new("a"), Key::new("a"));
    let token = key.token(json!({ "sub": "me" }));
    assert!(
        failed(&[other.jwk()], &token, &[])
            .contains("signature: not valid: the key did not sign this")
    );

    let (_, signature) = token.rsplit_once('.').unwrap();
    let header = part(&json!({ "alg": "EdDSA", "kid": "a" }));
    let forged = format!("{header}.{}.{signature}", part(&json!({ "sub": "you" })));
    assert!(failed(&[key.jwk()], &forged, &[]).contains("did not sign"));
    for broken in ["", "!", "AAAA"] {
        let token = format!("{header}.{}.{broken}", part(&json!({})));
        assert!(failed(&[key.jwk()], &token, &[]).contains("signature: not valid"));
    }
}

#[test]
fn algorithm_must_fit_the_key() {
    let key = Key::new("a");
    let claims = json!({ "sub": "me" });
    for (header, says) in [
        (json!({ "alg": "none", "kid": "a" }), "the algorithm `none`"),
        (
            json!({ "alg": "HS256", "kid": "a" }),
            "the algorithm `HS256`",
        ),
        (
            json!({ "alg": "eddsa", "kid": "a" }),
            "the algorithm `eddsa`",
        ),
        (json!({ "alg": 1, "kid": "a" }), "the algorithm ``"),
        (json!({ "kid": "a" }), "the algorithm ``"),
        (
            json!({ "alg": "RS256", "kid": "a" }),
            "no key is one for RS256",
        ),
        (json!({ "alg": "EdDSA", "kid": "b" }), "no key is named b"),
        (
            json!({ "alg": "EdDSA", "kid": "a", "crit": ["exp"] }),
            "`crit`",
        ),
    ] {
        let out = failed(&[key.jwk()], &key.sign(header, claims.clone()), &[]);
        assert!(out.contains(says), "{says}\n{out}");
    }
    let nameless = key.sign(json!({ "alg": "EdDSA" }), claims);
    let out = failed(&[key.jwk(), Key::new("b").jwk()], &nameless, &[]);
    assert!(out.contains("several fit"), "{out}");
}

#[test]
fn key_is_used_only_for_its_declared_purpose() {
    let key = Key::new("a");
    let token = key.token(json!({}));
    let with = |name: &str, value: Value| {
        let mut jwk = key.jwk();
        jwk[name] = value;
        [jwk]
    };
    for (name, value) in [
        ("use", json!("enc")),
        ("alg", json!("RS256")),
        ("key_ops", json!(["sign"])),
    ] {
        let out = failed(&with(name, value), &token, &[]);
        assert!(out.contains("no key is one for EdDSA"), "{out}");
    }
    for (name, value) in [
        ("use", json!("sig")),
        ("alg", json!("EdDSA")),
        ("key_ops", json!(["verify"])),
    ] {
        verified(&with(name, value), &token, &[]).quiet();
    }
    // RFC 7518 §3.3
    let short =
        json!({ "kty": "RSA", "kid": "a", "n": URL_SAFE_NO_PAD.encode([255; 128]), "e": "AQAB" });
    let token = key.sign(json!({ "alg": "RS256", "kid": "a" }), json!({}));
    assert!(failed(&[short], &token, &[]).contains("no key is one for RS256"));
}

#[test]
fn expired_or_early_token_fails_its_own_check() {
    let key = Key::new("a");
    for (claims, says) in [
        (json!({ "exp": 100 }), "time: expired "),
        (
            json!({ "nbf": 100_000_000_000_u64 }),
            "time: valid only in ",
        ),
        (json!({ "exp": "never" }), "time: `exp` is not a time"),
        (json!({ "nbf": -1 }), "time: `nbf` is not a time"),
    ] {
        let token = key.token(claims);
        let out = failed(&[key.jwk()], &token, &[]);
        assert!(
            out.contains("signature: valid") && out.contains(says),
            "{says}\n{out}"
        );
        // Without keys the time is shown, and is not checked.
        let out = Home::new().run(["inspect"]).input(token).finish().quiet();
        assert!(out.contains(says), "{says}\n{out}");
    }
    let token = key.token(json!({ "exp": 1e11, "nbf": 1.5 }));
    assert!(
        verified(&[key.jwk()], &token, &[])
            .quiet()
            .contains("time: expires in ")
    );
}

#[test]
fn audience_and_issuer_are_checked_if_given() {
    let key = Key::new("a");
    let token = key.token(json!({ "aud": ["x", "y"], "iss": "https://issuer/" }));
    let good = ["--audience", "y", "--issuer", "https://issuer/"];
    let out = verified(&[key.jwk()], &token, &good).quiet();
    assert!(
        out.contains("audience: the one wanted\nissuer: the one wanted\n"),
        "{out}"
    );
    let out = failed(&[key.jwk()], &token, &["--audience", "z"]);
    assert!(out.contains("audience: not z"), "{out}");
    let out = failed(&[key.jwk()], &token, &["--issuer", "https://issuer"]);
    assert!(out.contains("issuer: not https://issuer"), "{out}");
    let err = Home::new()
        .run(["inspect", "--audience", "y"])
        .input(token)
        .finish()
        .fails(2);
    assert!(err.contains("--jwks"), "{err}");
}

#[test]
fn json_has_the_same_facts() {
    let key = Key::new("a");
    let token = key.token(json!({ "sub": "me", "exp": 100 }));
    let ended = verified(&[key.jwk()], &token, &["-o", "json"]);
    let json: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(ended.status, 4);
    assert_eq!(
        (&json["kind"], &json["header"]["alg"]),
        (&json!("jwt"), &json!("EdDSA"))
    );
    assert_eq!(json["claims"], json!({ "sub": "me", "exp": 100 }));
    assert_eq!(json["checks"]["signature"]["passed"], true);
    assert_eq!(json["checks"]["time"]["passed"], false);
    assert!(!ended.out.contains(&token));
}

#[test]
fn unavailable_keys_are_named_in_the_error() {
    let edge = LocalEdge::start().unwrap();
    let closed = ClosedPort::take();
    let home = Home::new();
    home.write("not.json", "{");
    home.write("no-keys.json", "{}");
    for (keys, status, says) in [
        ("missing.json", 2, "the keys in missing.json: "),
        ("not.json", 2, "it is not JSON"),
        ("no-keys.json", 2, "it has no `keys`"),
        (
            "http://keys.invalid/",
            2,
            "neither https nor http on the loopback",
        ),
        ("ftp://keys.invalid/", 2, "neither https nor http"),
        (&format!("{}/nothing", edge.base_url()), 4, "status 404"),
        (&format!("http://{}/", closed.address()), 5, "no connection"),
        ("-", 2, "cannot both be read from standard input"),
    ] {
        let run = home
            .run(["inspect", "--jwks", keys])
            .input(Key::new("a").token(json!({})));
        let err = run.finish().fails(status);
        assert!(err.contains(says), "{says}\n{err}");
    }
}

#[test]
fn keys_come_only_from_the_named_host() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        let answer =
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..length]).to_lowercase()
    });
    let token = Key::new("a").token(json!({}));
    let home = Home::new();
    let run = home.run(["inspect", "--jwks", &url]).input(token.clone());
    assert!(
        run.finish()
            .fails(4)
            .contains("a redirect, which is not followed")
    );
    let request = server.join().unwrap();
    assert!(request.starts_with("get / ") && !request.contains(&token.to_lowercase()));
}
