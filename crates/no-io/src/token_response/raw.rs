//! Reads the members of a token response as they are, strictly and without judgement.

use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::de::Read;

use crate::token_response::malformed::MalformedReason;
use crate::token_response::value::{Text, Value};

/// The members of RFC 6749 §5.1, and the `error` of §5.2. `None` if a member is absent.
#[derive(Default)]
pub(crate) struct RawResponse<'a> {
    pub(crate) access_token: Option<Value<'a>>,
    pub(crate) token_type: Option<Value<'a>>,
    pub(crate) expires_in: Option<Value<'a>>,
    pub(crate) scope: Option<Value<'a>>,
    pub(crate) error: Option<Value<'a>>,
}

impl<'a> RawResponse<'a> {
    /// Reads one JSON object that fills the body.
    pub(crate) fn from_json(body: &'a [u8]) -> Result<Self, MalformedReason> {
        let (mut response, mut at) = (Self::default(), None);
        let members = Members {
            response: &mut response,
            at: &mut at,
        };
        let read = match std::str::from_utf8(body) {
            Ok(text) => members.read(&mut serde_json::Deserializer::from_str(text)),
            // A member that is not read may have other bytes.
            Err(_) => members.read(&mut serde_json::Deserializer::from_slice(body)),
        };
        match read {
            Ok(()) => Ok(response),
            Err(error) => Err(match at {
                Some(name) if !error.is_eof() => MalformedReason::Member {
                    name,
                    reason: "is not valid, or is there twice",
                },
                _ => MalformedReason::Syntax,
            }),
        }
    }

    /// Reads a form, as some old servers send.
    pub(crate) fn from_form(body: &'a [u8]) -> Result<Self, MalformedReason> {
        let form = serde_urlencoded::Deserializer::new(form_urlencoded::parse(body));
        let (mut response, mut at) = (Self::default(), None);
        let members = Members {
            response: &mut response,
            at: &mut at,
        };
        match form.deserialize_map(members) {
            Ok(()) => Ok(response),
            Err(_) => Err(match at {
                Some(name) => MalformedReason::Member {
                    name,
                    reason: "is there twice",
                },
                None => MalformedReason::Syntax,
            }),
        }
    }

    fn member(&mut self, name: &str) -> Option<(&'static str, &mut Option<Value<'a>>)> {
        Some(match name {
            "access_token" => ("access_token", &mut self.access_token),
            "token_type" => ("token_type", &mut self.token_type),
            "expires_in" => ("expires_in", &mut self.expires_in),
            "scope" => ("scope", &mut self.scope),
            "error" => ("error", &mut self.error),
            _ => return None,
        })
    }
}

/// Returns whether the body looks like a form of such members, whatever its `Content-Type`.
pub(crate) fn is_form(body: &[u8]) -> bool {
    let is_known = |pair: &[u8]| FORM_NAMES.iter().any(|name| pair.starts_with(name));
    let mut pairs = body.split(|byte| *byte == b'&');
    // A form has no white space, though some servers leave it in a description.
    pairs.next().is_some_and(is_known)
        || pairs.any(is_known) && !body.iter().any(u8::is_ascii_whitespace)
}

const FORM_NAMES: [&[u8]; 6] = [
    b"access_token=",
    b"token_type=",
    b"expires_in=",
    b"scope=",
    b"error=",
    b"error_description=",
];

/// Reads the members into `response`. `at` is the name of the known member that it stopped at.
struct Members<'s, 'a> {
    response: &'s mut RawResponse<'a>,
    at: &'s mut Option<&'static str>,
}

impl<'a> Members<'_, 'a> {
    fn read<R: Read<'a>>(self, json: &mut serde_json::Deserializer<R>) -> serde_json::Result<()> {
        json.deserialize_map(self)?;
        json.end()
    }
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Text)? {
            let Some((name, slot)) = self.response.member(&name) else {
                // RFC 6749 §5.1: members that are not known are ignored.
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            *self.at = Some(name);
            // RFC 6749 §5: each member occurs once. If there are two, neither is preferred.
            if slot.replace(map.next_value()?).is_some() {
                return Err(A::Error::custom("a member twice"));
            }
            *self.at = None;
        }
        Ok(())
    }
}
