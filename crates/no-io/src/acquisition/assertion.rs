//! The JWTs that the core builds: header and claims, encoded, without the signature (RFC 7523 §3).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::ser::{Serialize, SerializeMap, Serializer};
use zeroize::Zeroizing;

use crate::client_auth::credential::{CredentialError, Purpose, ToSign};
use crate::client_auth::jwt::Jwt;
use crate::config::config::Config;
use crate::secret::{Secret, SecretBytes};

/// Returns what a signer has to sign for one attempt.
///
/// RFC 7523 §3: `iss` and `sub` are the client, `aud` is the server, `exp` is near, `jti` is never repeated. `unique` is
/// the randomness of this attempt, `wall` the time since the Unix epoch.
///
/// # Errors
///
/// Returns a permanent error if the wall clock shows a time that no JWT can carry: before 1971, or so late that `exp`
/// overflows.
pub(crate) fn to_sign(
    jwt: &Jwt,
    purpose: Purpose,
    config: &Config,
    wall: Duration,
    unique: [u8; 16],
) -> Result<ToSign, CredentialError> {
    let now = wall.as_secs();
    let in_range = (EARLIEST..LATEST).contains(&now);
    if !in_range {
        return Err(CredentialError::permanent(
            "the clock of this machine is wrong, and an assertion carries the time: set the clock",
        ));
    }
    let endpoint = config.endpoint().to_string();
    let claims = Claims {
        issuer: jwt.issuer.as_deref().unwrap_or(config.client_id()),
        subject: jwt.subject.as_deref().unwrap_or(config.client_id()),
        audience: jwt.audience.as_deref().unwrap_or(&endpoint),
        id: id(unique),
        issued_at: now,
        expires_at: now + jwt.lifetime.as_secs(),
        own: &jwt.claims,
    };
    let header = Header {
        algorithm: jwt.algorithm.as_str(),
        typ: &jwt.typ,
        key_id: jwt.key_id.as_deref(),
    };
    let mut input = encoded(&header);
    input.push(b'.');
    input.append(&mut encoded(&claims));
    Ok(ToSign {
        purpose,
        algorithm: jwt.algorithm,
        key_id: jwt.key_id.clone(),
        input: SecretBytes::new(input),
    })
}

/// Returns the JWT in compact form (RFC 7515 §3.1).
pub(crate) fn signed(input: &SecretBytes, signature: &[u8]) -> Secret {
    let input = std::str::from_utf8(input.as_ref()).expect("Base64url is ASCII");
    let mut jwt = String::with_capacity(input.len() + 1 + signature.len().div_ceil(3) * 4);
    jwt.push_str(input);
    jwt.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
    Secret::new(jwt)
}

/// Returns the `jti`, which is never repeated if the randomness is not (RFC 7519 §4.1.7).
fn id(unique: [u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(unique)
}

fn encoded(value: &impl Serialize) -> Vec<u8> {
    let json = Zeroizing::new(serde_json::to_vec(value).expect("texts and numbers are JSON"));
    URL_SAFE_NO_PAD.encode(json.as_slice()).into_bytes()
}

struct Header<'a> {
    algorithm: &'static str,
    typ: &'a str,
    key_id: Option<&'a str>,
}

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("alg", self.algorithm)?;
        map.serialize_entry("typ", self.typ)?;
        if let Some(key_id) = self.key_id {
            map.serialize_entry("kid", key_id)?;
        }
        map.end()
    }
}

struct Claims<'a> {
    issuer: &'a str,
    subject: &'a str,
    audience: &'a str,
    id: String,
    issued_at: u64,
    expires_at: u64,
    own: &'a [(String, String)],
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", self.issuer)?;
        map.serialize_entry("sub", self.subject)?;
        map.serialize_entry("aud", self.audience)?;
        map.serialize_entry("jti", &self.id)?;
        map.serialize_entry("iat", &self.issued_at)?;
        map.serialize_entry("exp", &self.expires_at)?;
        for (name, value) in self.own {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// 1971: a machine whose clock was never set shows 1970.
const EARLIEST: u64 = 365 * 24 * 60 * 60;

/// The year 9999, the last that dates can be written for.
const LATEST: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    // fault: jti-used-twice
    #[test]
    fn million_assertions_have_a_million_ids() {
        let mut seen = HashSet::new();
        for number in 0..1_000_000_u128 {
            // Random numbers that differ in as little as one bit, at either end.
            let unique = number.rotate_right(8).to_be_bytes();
            assert!(seen.insert(id(unique)), "{number}");
        }
    }
}
