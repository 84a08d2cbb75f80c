//! Inputs that are no usable private key, and what the error says.

use edge_oauth_keys::{HmacKey, KeyError, PrivateKey};
use edge_oauth_no_io::{Algorithm, Secret};

use crate::vectors::RFC_8037;

const P256: &str = include_str!("../keys/p256.pkcs8.pem");
const RSA: &str = include_str!("../keys/rsa.pkcs8.pem");

fn error(pem: impl AsRef<[u8]>) -> KeyError {
    PrivateKey::from_pem(pem).unwrap_err()
}

#[test]
fn input_without_a_private_key_is_named() {
    for (pem, found) in [
        (include_str!("../keys/certificate.pem"), "a certificate"),
        (include_str!("../keys/public.pem"), "a public key"),
        ("", "an empty text"),
        ("s3cret", "a text without a PEM section"),
        (
            &P256.replace('\n', r"\n"),
            r"a text with `\n` in place of line breaks",
        ),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "a key in the format of OpenSSH",
        ),
    ] {
        assert_eq!(error(pem), KeyError::NotPrivate { found });
    }
}

// fault: unusable-private-key
#[test]
fn encrypted_key_is_named_in_both_formats() {
    assert_eq!(
        error(include_str!("../keys/encrypted.pkcs8.pem")),
        KeyError::Encrypted
    );
    assert_eq!(
        error(include_str!("../keys/encrypted.pkcs1.pem")),
        KeyError::Encrypted
    );
}

// fault: byte-order-mark
#[test]
fn key_in_utf_16_is_named() {
    for units in [u16::to_le_bytes, u16::to_be_bytes] {
        let text = format!("\u{feff}{P256}");
        let text: Vec<u8> = text.encode_utf16().flat_map(units).collect();
        let error = PrivateKey::from_pem(text).unwrap_err().to_string();
        assert!(error.contains("in UTF-16"), "{error}");
    }
}

// fault: unusable-private-key
#[test]
fn two_keys_are_counted() {
    assert_eq!(
        error(format!("{P256}{RSA}")),
        KeyError::Several { count: 2 }
    );
}

// fault: unusable-private-key
#[test]
fn key_that_is_cut_anywhere_is_an_error() {
    for pem in [
        P256,
        RSA,
        include_str!("../keys/p256.sec1.pem"),
        include_str!("../keys/ed25519.pem"),
    ] {
        for length in 0..pem.trim_end().len() {
            assert!(PrivateKey::from_pem(&pem[..length]).is_err(), "{length}");
        }
        let end = pem.rfind("-----END").unwrap();
        assert_eq!(error(&pem[..end]), KeyError::Truncated);
        // A cut in the base64 text.
        let cut = format!("{}\n{}", &pem[..end - 9], &pem[end..]);
        assert_eq!(error(cut), KeyError::Truncated);
    }
}

#[test]
fn damaged_der_is_an_error_and_no_panic() {
    for pem in [
        P256,
        RSA,
        include_str!("../keys/p256.sec1.pem"),
        include_str!("../keys/ed25519.pem"),
    ] {
        let der = der(pem);
        for length in 0..der.len() {
            assert!(PrivateKey::from_der(&der[..length]).is_err(), "{length}");
        }
        for position in 0..der.len().min(80) {
            for byte in [0, 0x30, 0x7f, 0x81, 0x82, 0xff] {
                let mut der = der.clone();
                der[position] = byte;
                let _may_still_be_a_key = PrivateKey::from_der(der);
            }
        }
    }
}

#[test]
fn der_of_another_kind_is_named() {
    let named = |pem| PrivateKey::from_der(der(pem)).unwrap_err();
    assert_eq!(
        named(include_str!("../keys/certificate.pem")),
        KeyError::NotPrivate {
            found: "a certificate"
        }
    );
    assert_eq!(
        named(include_str!("../keys/public.pem")),
        KeyError::NotPrivate {
            found: "a public key"
        }
    );
    assert_eq!(
        named(include_str!("../keys/encrypted.pkcs8.pem")),
        KeyError::Encrypted
    );
}

// fault: unusable-private-key
#[test]
fn weak_or_unsupported_key_is_named() {
    assert_eq!(
        error(include_str!("../keys/rsa-1024.pem")),
        KeyError::TooShort {
            bits: 1024,
            needed: 2048
        }
    );
    assert!(
        error(include_str!("../keys/x25519.pem"))
            .to_string()
            .starts_with("found an X25519 key")
    );
    assert!(
        error(include_str!("../keys/secp256k1.pem"))
            .to_string()
            .contains("secp256k1")
    );
    assert!(
        error(include_str!("../keys/p256.no-public.pem"))
            .to_string()
            .contains("openssl ec")
    );
    assert_eq!(
        HmacKey::new(Secret::new("short")).unwrap_err(),
        KeyError::TooShort {
            bits: 40,
            needed: 256
        }
    );
}

#[test]
fn algorithm_that_does_not_fit_names_the_key_and_the_need() {
    let error = PrivateKey::from_pem(RSA)
        .unwrap()
        .with_algorithm(Algorithm::Es256)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "found an RSA key, and ES256 needs a P-256 key: change the key or the algorithm"
    );
}

#[test]
fn unusable_jwk_is_named() {
    for (jwk, part) in [
        ("s3cret", "not a JSON object"),
        (r#"{"kty":"EC","kty":"EC"}"#, "not a JSON object"),
        (r#"{"keys":[]}"#, "a JWK set"),
        (r#"{"kty":"oct","k":"c2VjcmV0"}"#, "`HmacKey`"),
        (
            r#"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}"#,
            "a public key",
        ),
        (r#"{"kty":"EC","crv":"P-521"}"#, "P-521"),
        (r#"{"kty":"OKP","crv":"X25519"}"#, "X25519"),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"AA=="}"#,
            "base64url",
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","d":"AAAA"}"#,
            "invalid",
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","d":"AAAA"}"#,
            r#"the member "x""#,
        ),
        (
            r#"{"kty":"RSA","n":"AAAA","e":"AQAB","d":"AAAA"}"#,
            "its primes",
        ),
        (r#"{"crv":"P-256"}"#, r#"the member "kty""#),
        (r#"{"kty":"EC","use":"enc"}"#, "`use`"),
    ] {
        let error = PrivateKey::from_jwk(jwk).unwrap_err().to_string();
        assert!(error.contains(part), "{jwk}: {error}");
    }
}

fn der(pem: &str) -> Vec<u8> {
    use base64::Engine;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD
        .decode(body)
        .unwrap()
}

#[test]
fn section_that_ends_under_another_name_is_truncated() {
    let pem = P256.replace("-----END PRIVATE KEY", "-----END CERTIFICATE");
    assert_eq!(error(pem), KeyError::Truncated);
}

#[test]
fn bytes_after_the_key_are_an_error() {
    let longer = [der(P256), vec![0]].concat();
    let error = PrivateKey::from_der(longer).unwrap_err();
    assert_eq!(
        error,
        KeyError::Invalid {
            reason: "bytes follow the key"
        }
    );
}

#[test]
fn jwk_whose_halves_do_not_belong_together_is_an_error() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let other = RFC_8037.replace(x, "AAAAAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let error = PrivateKey::from_jwk(other).unwrap_err();
    assert!(error.to_string().contains("do not belong together"));
}

#[test]
fn jwk_with_more_than_two_primes_is_named() {
    let jwk = include_str!("../keys/rfc7515-a2.jwk.json").replacen('{', r#"{"oth":[],"#, 1);
    let error = PrivateKey::from_jwk(jwk).unwrap_err();
    assert!(error.to_string().contains("more than two primes"));
}

#[test]
fn alg_of_a_jwk_fits_its_key() {
    let with = |alg| RFC_8037.replacen('{', &format!(r#"{{"alg":"{alg}","#), 1);
    for alg in ["EdDSA", "Ed25519"] {
        let key = PrivateKey::from_jwk(with(alg)).unwrap();
        assert_eq!(key.algorithm(), Algorithm::EdDsa);
    }
    let error = PrivateKey::from_jwk(with("RS256")).unwrap_err();
    assert!(matches!(error, KeyError::Algorithm { .. }));
    let error = PrivateKey::from_jwk(with("HS256")).unwrap_err();
    assert!(matches!(error, KeyError::Unsupported { .. }));
}
