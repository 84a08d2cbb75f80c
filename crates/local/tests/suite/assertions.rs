//! Client authentication by a signed JWT: accepted assertions.

use std::time::Duration;

use edge_oauth_local::{AUDIENCE, Client};
use serde_json::{Value, json};

use crate::assertion::{ID, ask, but, claims, edge, form, good, parameters, refusal, registered};
use crate::peer::{BASE_URL, FORM, NOW, encode, json, post};
use crate::signer::{SECRET, Signer};

#[test]
fn assertion_of_each_algorithm_gets_a_token_from_a_form_and_from_json() {
    for make in [
        Signer::hs256,
        Signer::rs256,
        Signer::ps256,
        Signer::es256,
        Signer::es384,
        Signer::ed25519,
    ] {
        let signer = make();
        let mut edge = edge(registered(&signer));
        let in_form = form(&signer.sign(&good()));
        assert_eq!(
            ask(&mut edge, &in_form).status(),
            200,
            "{}",
            signer.algorithm
        );
        let assertion = signer.sign(&but("jti", json!("2")));
        let body: Value = parameters(&assertion).into_iter().collect();
        let in_json = post("application/json", body.to_string());
        let response = ask(&mut edge, &in_json);
        assert_eq!(response.status(), 200, "{}", signer.algorithm);
        assert_eq!(json(&response)["token_type"], "Bearer");
    }
}

#[test]
fn client_id_is_optional_beside_an_assertion() {
    let signer = Signer::es256();
    let mut edge = edge(registered(&signer));
    let assertion = signer.sign(&good());
    let mut parameters = parameters(&assertion);
    parameters.retain(|(name, _)| *name != "client_id");
    let request = post(FORM, encode(&parameters));
    assert_eq!(ask(&mut edge, &request).status(), 200);
}

#[test]
fn audience_may_be_the_issuer_or_the_token_endpoint_alone_or_in_an_array() {
    let signer = Signer::es256();
    for audience in [
        json!(format!("{BASE_URL}/")),
        json!([format!("{BASE_URL}/oauth/token")]),
        json!(["https://a.invalid", format!("{BASE_URL}/")]),
    ] {
        let request = form(&signer.sign(&but("aud", audience)));
        assert_eq!(ask(&mut edge(registered(&signer)), &request).status(), 200);
    }
}

#[test]
fn assertion_is_used_once_until_it_has_expired() {
    let signer = Signer::es256();
    let mut edge = edge(registered(&signer));
    let request = form(&signer.sign(&good()));
    assert_eq!(ask(&mut edge, &request).status(), 200);
    let description = refusal(&mut edge, &request);
    assert!(description.contains("used before"), "{description}");
    // Another assertion with the same id is a replay as well.
    let again = form(&signer.sign(&but("exp", json!(NOW.as_secs() + 90))));
    assert!(refusal(&mut edge, &again).contains("jti"));
    // A rejected assertion does not use up its id.
    let wrong = form(&signer.sign(&json!({ "iss": ID, "sub": ID, "jti": "2" })));
    refusal(&mut edge, &wrong);
    let other = form(&signer.sign(&but("jti", json!("2"))));
    assert_eq!(ask(&mut edge, &other).status(), 200);

    let later = NOW + Duration::from_secs(91);
    let fresh = form(&signer.sign(&claims(later.as_secs())));
    assert_eq!(edge.respond(&fresh, later).response.status(), 200);
    assert_eq!(edge.served().tokens_issued, 3);
}

#[test]
fn secret_signs_if_it_is_long_enough_and_its_own() {
    let assertion = Signer::hs256().sign(&good());
    for (secret, part) in [
        ("short", "less than the 32 bytes"),
        ("another secret of 32 bytes or more", "signature"),
    ] {
        let description = refusal(&mut edge(Client::new(ID, secret)), &form(&assertion));
        assert!(description.contains(part), "{description}");
    }
    let assertion = Signer::es256().sign(&good());
    let description = refusal(&mut edge(Client::new(ID, SECRET)), &form(&assertion));
    assert!(description.contains("no public key"), "{description}");
}

#[test]
fn client_may_have_two_keys_while_one_replaces_the_other() {
    let (old, new) = (Signer::es256(), Signer::ed25519());
    let client = registered(&old).public_key(&new.jwk_of("new")).unwrap();
    let mut edge = edge(client);
    for (signer, id) in [(&old, "1"), (&new, "2")] {
        let request = form(&signer.sign(&but("jti", json!(id))));
        assert_eq!(ask(&mut edge, &request).status(), 200);
    }
}

#[test]
fn two_ways_to_authenticate_at_once_are_invalid_request() {
    let signer = Signer::hs256();
    let assertion = signer.sign(&good());
    let mut both = parameters(&assertion);
    both.push(("client_secret", SECRET));
    let mut by_basic = form(&assertion);
    let basic = "Basic Y2FydDpzM2NyZXQ=".parse().unwrap();
    by_basic.headers_mut().append("authorization", basic);
    for request in [post(FORM, encode(&both)), by_basic] {
        let response = ask(&mut edge(registered(&signer)), &request);
        assert_eq!(response.status(), 400);
        assert_eq!(json(&response)["error"], "invalid_request");
    }
}

#[test]
fn client_without_a_secret_gets_no_token_by_sending_one() {
    let mut edge = edge(registered(&Signer::es256()));
    for secret in ["", "undefined"] {
        let parameters = [
            ("grant_type", "client_credentials"),
            ("audience", AUDIENCE),
            ("client_id", ID),
            ("client_secret", secret),
        ];
        let response = ask(&mut edge, &post(FORM, encode(&parameters)));
        assert_eq!(response.status(), 401);
        assert_eq!(json(&response)["error"], "access_denied");
    }
}

#[test]
fn assertion_of_a_platform_is_accepted_until_it_expires() {
    let platform = Signer::rs256();
    let (issuer, subject) = ("https://cluster.example", "system:serviceaccount:shop:cart");
    let jwk = platform.jwk_of("cluster");
    let client = Client::without_secret(ID)
        .trusted_issuer(issuer, subject, &jwk)
        .unwrap();
    let mut edge = edge(client);
    let claims = |subject: &str, lifetime: u64| {
        json!({
            "iss": issuer,
            "sub": subject,
            "aud": [format!("{BASE_URL}/")],
            "iat": NOW.as_secs(),
            "exp": NOW.as_secs() + lifetime,
        })
    };
    let request = form(&platform.sign(&claims(subject, 3607)));
    for _ in 0..2 {
        assert_eq!(ask(&mut edge, &request).status(), 200);
    }
    let hours = |hours: u64| NOW + Duration::from_secs(3600 * hours);
    let response = edge.respond(&request, hours(2)).response;
    let description = json(&response)["error_description"].clone();
    assert_eq!(description, "The assertion expired 3593 s ago");

    let other = form(&platform.sign(&claims("system:serviceaccount:shop:other", 600)));
    assert!(refusal(&mut edge, &other).contains("sub"));
    let long = form(&platform.sign(&claims(subject, 90_000)));
    assert!(refusal(&mut edge, &long).contains("more than 86400 s"));
    // The platform's key is not a key of the client.
    let own = form(&platform.sign(&good()));
    assert!(refusal(&mut edge, &own).contains("iss"));
}
