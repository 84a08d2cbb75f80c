//! Each algorithm verifies under ring and under another implementation, from what `public_jwk` offers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_driver::Signer;
use edge_oauth_keys::{HmacKey, PrivateKey};
use edge_oauth_no_io::{Algorithm, Purpose, Secret, SecretBytes, ToSign};
use jsonwebtoken::{DecodingKey, crypto, jwk::Jwk};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

const INPUT: &[u8] = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UifQ";

pub(crate) fn to_sign(algorithm: Algorithm, key_id: Option<&str>, input: &[u8]) -> ToSign {
    let input = SecretBytes::new(input.to_vec());
    ToSign::new(
        Purpose::ClientAuth,
        algorithm,
        key_id.map(str::to_owned),
        input,
    )
}

fn sign(key: &PrivateKey) -> Vec<u8> {
    let to_sign = to_sign(key.algorithm(), Some(key.key_id()), INPUT);
    key.sign(&to_sign)
        .expect("signs with its own algorithm and key id")
}

/// Verifies with ring and with jsonwebtoken, both from the published JWK.
pub(crate) fn verifies(key: &PrivateKey, input: &[u8], signature: &[u8]) -> bool {
    let text = key.public_jwk();
    let jwk: Value = serde_json::from_str(&text).expect("JSON");
    let member = |name: &str| {
        let text = jwk[name].as_str().expect("text");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let point = || [vec![4], member("x"), member("y")].concat();
    let rsa = |parameters| {
        let (n, e) = (member("n"), member("e"));
        RsaPublicKeyComponents { n, e }.verify(parameters, input, signature)
    };
    let by_ring = match jwk["alg"].as_str().expect("text") {
        "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
        "PS256" => rsa(&RSA_PSS_2048_8192_SHA256),
        "ES256" => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point()).verify(input, signature)
        }
        "ES384" => {
            UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point()).verify(input, signature)
        }
        "EdDSA" => UnparsedPublicKey::new(&ED25519, member("x")).verify(input, signature),
        other => panic!("unexpected algorithm {other}"),
    };

    let jwk: Jwk = serde_json::from_str(&text).expect("a JWK");
    let algorithm = jwk.common.key_algorithm.expect("alg").to_string();
    let by_other = crypto::verify(
        &URL_SAFE_NO_PAD.encode(signature),
        input,
        &DecodingKey::from_jwk(&jwk).expect("a public key"),
        algorithm.parse().expect("an algorithm"),
    );
    assert_eq!(
        by_ring.is_ok(),
        by_other.expect("a verifier"),
        "{algorithm}"
    );
    by_ring.is_ok()
}

// fault: byte-order-mark
#[test]
fn key_after_a_byte_order_mark_is_read() {
    let pem = include_str!("../keys/p256.pkcs8.pem");
    let key = PrivateKey::from_pem(format!("\u{feff}{pem}")).expect("a key");
    let id = key.key_id().to_owned();
    assert_eq!(PrivateKey::from_pem(pem).expect("a key").key_id(), id);
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    PrivateKey::from_jwk(format!("\u{feff}{jwk}")).expect("a key");
}

#[test]
fn signature_of_each_key_file_verifies() {
    for (file, pem, algorithm, length) in [
        (
            "rsa.pkcs8",
            include_str!("../keys/rsa.pkcs8.pem"),
            Algorithm::Rs256,
            256,
        ),
        (
            "rsa.pkcs1",
            include_str!("../keys/rsa.pkcs1.pem"),
            Algorithm::Rs256,
            256,
        ),
        (
            "p256.pkcs8",
            include_str!("../keys/p256.pkcs8.pem"),
            Algorithm::Es256,
            64,
        ),
        (
            "p256.sec1",
            include_str!("../keys/p256.sec1.pem"),
            Algorithm::Es256,
            64,
        ),
        (
            "p384.pkcs8",
            include_str!("../keys/p384.pkcs8.pem"),
            Algorithm::Es384,
            96,
        ),
        (
            "p384 with parameters",
            include_str!("../keys/p384.with-parameters.pem"),
            Algorithm::Es384,
            96,
        ),
        (
            "ed25519",
            include_str!("../keys/ed25519.pem"),
            Algorithm::EdDsa,
            64,
        ),
    ] {
        for text in [pem.to_owned(), pem.replace('\n', "\r\n")] {
            let key = PrivateKey::from_pem(&text).expect(file);
            assert_eq!(key.algorithm(), algorithm, "{file}");
            let mut signature = sign(&key);
            assert_eq!(signature.len(), length, "{file}");
            assert!(verifies(&key, INPUT, &signature), "{file}");
            signature[8] ^= 1;
            assert!(!verifies(&key, INPUT, &signature), "{file}: changed");
        }
    }
}

#[test]
fn rsa_key_signs_with_pss_if_selected() {
    let key = PrivateKey::from_pem(include_str!("../keys/rsa.pkcs8.pem"))
        .and_then(|key| key.with_algorithm(Algorithm::Ps256))
        .unwrap();
    assert!(verifies(&key, INPUT, &sign(&key)));
    assert_eq!(key.assertion().algorithm(), Algorithm::Ps256);
}

#[test]
fn one_key_has_one_thumbprint_in_every_format() {
    let id = |pem: &str| PrivateKey::from_pem(pem).unwrap().key_id().to_owned();
    let pkcs8 = include_str!("../keys/p256.pkcs8.pem");
    assert_eq!(id(pkcs8), id(include_str!("../keys/p256.sec1.pem")));
    assert_eq!(
        id(include_str!("../keys/rsa.pkcs8.pem")),
        id(include_str!("../keys/rsa.pkcs1.pem"))
    );
    let chain = format!("{}{pkcs8}", include_str!("../keys/certificate.pem"));
    assert_eq!(id(&chain), id(pkcs8));
}

#[test]
fn assertion_names_the_algorithm_and_the_key_id() {
    let key = PrivateKey::from_pem(include_str!("../keys/p256.pkcs8.pem"))
        .unwrap()
        .with_key_id("2026 \"11\"");
    let expected = edge_oauth_no_io::JwtAssertion::new(Algorithm::Es256).key_id("2026 \"11\"");
    assert_eq!(key.assertion(), expected);
    let jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
    assert_eq!(jwk["kid"], "2026 \"11\"");
    assert_eq!(jwk["use"], "sig");
    assert_eq!(jwk.get("d"), None);
}

#[test]
fn foreign_algorithm_or_key_id_is_a_permanent_error() {
    let key = PrivateKey::from_pem(include_str!("../keys/p256.pkcs8.pem"))
        .unwrap()
        .with_key_id("mine");
    let hmac = HmacKey::new(Secret::new("s".repeat(32))).unwrap();
    let signers: [(&dyn Signer, Algorithm, Option<&str>, &str); 4] = [
        (&key, Algorithm::Rs256, Some("mine"), "RS256"),
        (&key, Algorithm::Es256, Some("theirs"), "`theirs`"),
        (&hmac, Algorithm::Es256, None, "ES256"),
        (&hmac, Algorithm::Hs256, Some("theirs"), "no key id"),
    ];
    for (signer, algorithm, key_id, part) in signers {
        let error = signer.sign(&to_sign(algorithm, key_id, INPUT)).unwrap_err();
        assert!(!error.is_transient());
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(key.sign(&to_sign(Algorithm::Es256, None, INPUT)).is_ok());
}
