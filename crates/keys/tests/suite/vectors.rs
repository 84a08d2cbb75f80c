//! The examples of the RFCs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_driver::Signer;
use edge_oauth_keys::{HmacKey, PrivateKey};
use edge_oauth_no_io::{Algorithm, Secret};

use crate::private_key::{to_sign, verifies};

const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

pub(crate) const RFC_8037: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const RFC_7515_A3: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

fn sign(signer: &dyn Signer, algorithm: Algorithm, input: &str) -> String {
    let to_sign = to_sign(algorithm, None, input.as_bytes());
    URL_SAFE_NO_PAD.encode(signer.sign(&to_sign).unwrap())
}

#[test]
fn rs256_signature_is_that_of_rfc_7515_a2() {
    let key = PrivateKey::from_jwk(include_str!("../keys/rfc7515-a2.jwk.json")).unwrap();
    let input = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
    assert_eq!(
        sign(&key, Algorithm::Rs256, &input),
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU\
         Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO-\
         -xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_I\
         oypGlUPQGe77Rw"
    );
}

#[test]
fn es256_signature_of_rfc_7515_a3_verifies_and_so_does_a_new_one() {
    let key = PrivateKey::from_jwk(RFC_7515_A3).unwrap();
    let input = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
    for signature in [
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        &sign(&key, Algorithm::Es256, &input),
    ] {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert_eq!(signature.len(), 64);
        assert!(verifies(&key, input.as_bytes(), &signature));
    }
}

#[test]
fn eddsa_signature_and_thumbprint_are_those_of_rfc_8037() {
    let key = PrivateKey::from_jwk(RFC_8037).unwrap();
    let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    assert_eq!(
        sign(&key, Algorithm::EdDsa, input),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    assert_eq!(key.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// The public key of RFC 7638 §3.1 is that of RFC 7517 §A.2.
#[test]
fn thumbprint_is_that_of_rfc_7638() {
    let jwk = include_str!("../keys/rfc7517-a2.jwk.json");
    let key = PrivateKey::from_jwk(jwk).unwrap();
    assert_eq!(key.key_id(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

    let named = jwk.replacen('{', r#"{"kid":"2011-04-29","alg":"PS256","use":"sig","#, 1);
    let key = PrivateKey::from_jwk(named).unwrap();
    assert_eq!(
        (key.key_id(), key.algorithm()),
        ("2011-04-29", Algorithm::Ps256)
    );
}

/// `openssl dgst -sha256 -hmac KEY -binary` computed the expected value.
#[test]
fn hs256_signature_is_that_of_openssl() {
    let key = HmacKey::new(Secret::new("0123456789abcdef0123456789abcdef")).unwrap();
    assert_eq!(
        sign(&key, Algorithm::Hs256, "header.claims"),
        "JMiokCtfmik0R1ShKDbdJhwyaAsYQfBzB_OiXaf4EdQ"
    );
}
