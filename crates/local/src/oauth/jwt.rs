//! Writes and reads signed JSON Web Tokens with any claims.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::options::signing_key::SigningKey;

/// Returns a JWT in compact form (RFC 7515 §7.1).
pub(crate) fn sign(key: &SigningKey, claims: &Value) -> String {
    let header = json!({ "alg": key.algorithm().name(), "typ": "JWT", "kid": key.kid() });
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Returns the claims of a token that this key signed. The token may be expired, or for another audience.
pub(crate) fn verify(key: &SigningKey, token: &str) -> Option<Map<String, Value>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header = decode(header)?;
    // The verifier, not the token, decides on the algorithm (RFC 8725 §3.1).
    if header.get("alg")? != key.algorithm().name() || header.get("kid")? != key.kid() {
        return None;
    }
    // An unknown critical extension makes the token invalid (RFC 7515 §4.1.11).
    if header.contains_key("crit") {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !key.verifies(signed.as_bytes(), &signature) {
        return None;
    }
    decode(claims)
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// Decodes a part that is a JSON object.
pub(crate) fn decode(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::signing_key::TokenAlgorithm;

    #[test]
    fn own_tokens_verify() {
        let keys = [TokenAlgorithm::Rs256, TokenAlgorithm::Es256].map(SigningKey::development);
        let tokens = keys
            .each_ref()
            .map(|key| sign(key, &json!({ "sub": "me" })));
        for (key, token) in keys.iter().zip(&tokens) {
            assert_eq!(verify(key, token).unwrap()["sub"], "me");
        }
        assert_eq!(verify(&keys[0], &tokens[1]), None);
        assert_eq!(verify(&keys[1], &tokens[0]), None);
    }

    #[test]
    fn other_headers_do_not_even_when_signed() {
        let key = SigningKey::development(TokenAlgorithm::Rs256);
        for header in [
            json!({ "alg": "none", "kid": key.kid() }),
            json!({ "alg": "HS256", "kid": key.kid() }),
            json!({ "alg": "ES256", "kid": key.kid() }),
            json!({ "alg": "rs256", "kid": key.kid() }),
            json!({ "alg": "RS256", "kid": "another" }),
            json!({ "alg": "RS256" }),
            json!({ "alg": "RS256", "kid": key.kid(), "crit": ["exp"] }),
            json!("RS256"),
        ] {
            let signed = format!("{}.{}", encode(&header), encode(&json!({ "sub": "me" })));
            let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
            assert_eq!(
                verify(&key, &format!("{signed}.{signature}")),
                None,
                "{header}"
            );
        }
    }
}
