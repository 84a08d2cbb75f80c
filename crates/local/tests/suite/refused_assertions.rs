//! Rejected assertions and keys, each with the reason.

use edge_oauth_local::Client;
use serde_json::{Value, json};

use crate::assertion::{ID, ask, but, claims, edge, form, good, parameters, refusal, registered};
use crate::peer::{BASE_URL, FORM, NOW, encode, post};
use crate::signer::{self, SECRET, Signer};

#[test]
fn wrong_claim_is_refused_and_named() {
    let signer = Signer::es256();
    for (name, value, part) in [
        ("iss", json!("another"), "iss"),
        ("iss", json!(null), "iss is missing"),
        ("sub", json!("another"), "sub"),
        ("sub", json!(7), "sub is missing or of another type"),
        ("aud", json!("https://a.invalid"), "aud is neither"),
        ("aud", json!([]), "aud is neither"),
        ("aud", json!(BASE_URL), "aud is neither"),
        ("aud", json!(null), "aud is missing"),
        ("exp", json!(null), "exp is missing"),
        (
            "exp",
            json!("1800000060"),
            "exp is missing or of another type",
        ),
        ("iat", json!("now"), "iat is missing or of another type"),
        ("nbf", json!([]), "nbf is missing or of another type"),
        ("jti", json!(null), "jti is missing"),
        ("jti", json!(""), "jti is missing"),
        (
            "exp",
            json!(NOW.as_secs() + 3631),
            "lives for more than 3600 s",
        ),
        ("exp", json!(1e300), "lives for more than 3600 s"),
    ] {
        let request = form(&signer.sign(&but(name, value.clone())));
        let description = refusal(&mut edge(registered(&signer)), &request);
        assert!(description.contains(part), "{name} {value}: {description}");
    }
    // The description names the issuer and the token endpoint, so the caller sees the accepted values.
    let request = form(&signer.sign(&but("aud", json!("https://a.invalid"))));
    let description = refusal(&mut edge(registered(&signer)), &request);
    let expected =
        "The assertion's aud is neither http://127.0.0.1:1/ nor http://127.0.0.1:1/oauth/token";
    assert_eq!(description, expected);
}

#[test]
fn clock_that_is_off_is_named_with_the_seconds() {
    let signer = Signer::es256();
    let at = |seconds: i64| claims(NOW.as_secs().saturating_add_signed(seconds));
    for (seconds, part) in [
        (
            -300,
            "the client's clock is off, 300 s behind this server's",
        ),
        (
            300,
            "the client's clock is off, 300 s ahead of this server's",
        ),
        (31, "31 s ahead"),
        (-90, "90 s behind"),
    ] {
        let request = form(&signer.sign(&at(seconds)));
        let description = refusal(&mut edge(registered(&signer)), &request);
        assert!(description.contains(part), "{seconds}: {description}");
    }
    for seconds in [30, -89] {
        let request = form(&signer.sign(&at(seconds)));
        assert_eq!(ask(&mut edge(registered(&signer)), &request).status(), 200);
    }
    let not_yet = but("nbf", json!(NOW.as_secs() + 100));
    let description = refusal(
        &mut edge(registered(&signer)),
        &form(&signer.sign(&not_yet)),
    );
    assert!(description.contains("100 s ahead"), "{description}");
    // Without a valid time of issue, only the expiry is known.
    for issued_at in [json!(null), json!(NOW.as_secs())] {
        let mut expired = at(-300);
        match issued_at {
            Value::Null => drop(expired.as_object_mut().unwrap().remove("iat")),
            issued_at => expired["iat"] = issued_at,
        }
        let request = form(&signer.sign(&expired));
        let description = refusal(&mut edge(registered(&signer)), &request);
        assert_eq!(description, "The assertion expired 240 s ago");
    }
}

#[test]
fn wrong_key_algorithm_or_key_id_is_refused_and_named() {
    let (signer, other) = (Signer::es256(), Signer::es256());
    let client = || {
        let jwk = signer.jwk_of("2026-11");
        Client::without_secret(ID).public_key(&jwk).unwrap()
    };
    let named = |key_id: Value| json!({ "alg": "ES256", "kid": key_id });
    let mut cases = vec![
        (other.sign(&good()), "signature"),
        (
            signer.sign_with(&named(json!("2026-10")), &good()),
            "kid names no key",
        ),
        (
            signer.sign_with(&named(json!(1)), &good()),
            "kid names no key",
        ),
        (
            Signer::es384().sign(&good()),
            "alg ES384 does not fit the client's key",
        ),
        (Signer::hs256().sign(&good()), "no secret"),
        (
            signer.sign_with(&json!({ "alg": "none" }), &good()),
            "alg is none of HS256, RS256, PS256, ES256, ES384, EdDSA",
        ),
        (
            signer.sign_with(&json!({ "alg": "ES256", "crit": ["x"] }), &good()),
            "crit",
        ),
        (
            signer.sign_with(&json!({ "typ": "JWT" }), &good()),
            "alg is none of",
        ),
    ];
    let valid = signer.sign(&good());
    for damaged in ["", "a.b.c", "a.b", "opaque", &valid[..valid.len() - 1]] {
        cases.push((damaged.to_owned(), ""));
    }
    for (assertion, part) in cases {
        let description = refusal(&mut edge(client()), &form(&assertion));
        assert!(description.contains(part), "{description}");
    }
    let right = signer.sign_with(&named(json!("2026-11")), &good());
    assert_eq!(ask(&mut edge(client()), &form(&right)).status(), 200);
    assert_eq!(ask(&mut edge(client()), &form(&valid)).status(), 200);
}

#[test]
fn wrong_type_missing_assertion_and_unknown_client_are_refused() {
    let signer = Signer::es256();
    let assertion = signer.sign(&good());
    let changed = |name: &str, value: &'static str| {
        let mut parameters = parameters(&assertion);
        parameters.retain(|(other, _)| *other != name);
        if !value.is_empty() {
            parameters.push((name, value));
        }
        post(FORM, encode(&parameters))
    };
    for (request, part) in [
        (
            changed("client_assertion_type", ""),
            "client_assertion_type",
        ),
        (
            changed("client_assertion_type", "urn:example:saml"),
            "client_assertion_type",
        ),
        (
            changed("client_assertion", ""),
            "client_assertion is missing",
        ),
        (changed("client_id", "nobody"), "No client has this id"),
    ] {
        let description = refusal(&mut edge(registered(&signer)), &request);
        assert!(description.contains(part), "{description}");
    }
}

#[test]
fn unusable_public_key_is_refused_with_the_reason() {
    let ec = Signer::es256().jwk;
    let with = |name: &str, value: &str| {
        let mut jwk = ec.clone();
        jwk[name] = json!(value);
        jwk.to_string()
    };
    let short = json!({ "kty": "RSA", "n": signer::encode([1; 128]), "e": "AQAB" }).to_string();
    for (jwk, part) in [
        ("no JSON".to_owned(), "not a JSON object"),
        (with("d", "AAAA"), "a private key"),
        (with("use", "enc"), "use is not sig"),
        (with("alg", "RS256"), "alg does not fit"),
        (with("alg", "ES512"), "alg does not fit"),
        (with("crv", "P-521"), "none of RSA, EC on P-256 or P-384"),
        (with("kty", "oct"), "a shared secret"),
        (with("x", "AAAA"), "wrong length"),
        (with("x", "A*"), "base64url"),
        (json!({ "kty": "RSA", "e": "AQAB" }).to_string(), "missing"),
        (short, "less than 2048 bits"),
    ] {
        let error = Client::without_secret(ID).public_key(&jwk).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(
        Client::new(ID, SECRET)
            .public_key(&with("alg", "ES256"))
            .is_ok()
    );
}
