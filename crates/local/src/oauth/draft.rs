//! The body of a token response, before its token is signed.

use serde_json::{Value, json};

use crate::oauth::jwt;
use crate::options::signing_key::SigningKey;

/// The body of a response. The signature takes most of the time of a token request, so it is made apart from all
/// decisions.
pub(crate) enum Draft {
    Complete(Vec<u8>),
    /// The members of a token response without its `access_token`, and the claims of the token.
    Unsigned {
        members: Value,
        claims: Value,
    },
}

impl Draft {
    pub(crate) fn is_unsigned(&self) -> bool {
        matches!(self, Self::Unsigned { .. })
    }

    /// Returns the whole body.
    pub(crate) fn complete(self, key: &SigningKey) -> Vec<u8> {
        match self {
            Self::Complete(body) => body,
            Self::Unsigned {
                mut members,
                claims,
            } => {
                members["access_token"] = json!(jwt::sign(key, &claims));
                members.to_string().into_bytes()
            }
        }
    }
}

impl From<Vec<u8>> for Draft {
    fn from(body: Vec<u8>) -> Self {
        Self::Complete(body)
    }
}
