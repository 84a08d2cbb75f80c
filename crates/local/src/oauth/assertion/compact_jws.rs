//! An assertion as a JWS in compact form (RFC 7515 §7.1), not yet verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::oauth::assertion::error::AssertionError;
use crate::oauth::jwt;
use crate::options::algorithm::Algorithm;

/// The parts of an assertion.
pub(crate) struct Assertion<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) claims: Map<String, Value>,
    /// The signing input: header and claims, encoded.
    pub(crate) signed: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

impl<'a> Assertion<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, AssertionError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(AssertionError::NotAJwt)?;
        let (header, claims) = signed.split_once('.').ok_or(AssertionError::NotAJwt)?;
        let header = jwt::decode(header).ok_or(AssertionError::NotAJwt)?;
        let claims = jwt::decode(claims).ok_or(AssertionError::NotAJwt)?;
        let signature = URL_SAFE_NO_PAD.decode(signature);
        // An unknown critical extension makes the JWS invalid (RFC 7515 §4.1.11).
        if header.contains_key("crit") {
            return Err(AssertionError::CriticalHeader);
        }
        let algorithm = header.get("alg").and_then(Value::as_str);
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(key_id)) => Some(key_id.clone()),
            Some(_) => return Err(AssertionError::UnknownKeyId),
        };
        Ok(Self {
            algorithm: algorithm
                .and_then(Algorithm::from_name)
                .ok_or(AssertionError::UnknownAlgorithm)?,
            key_id,
            claims,
            signed: signed.as_bytes(),
            signature: signature.map_err(|_| AssertionError::NotAJwt)?,
        })
    }

    /// Returns the subject, which is not verified, if the assertion has one.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.claims.get("sub").and_then(Value::as_str)
    }
}
