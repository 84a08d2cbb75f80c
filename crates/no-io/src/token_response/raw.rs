//! Reads the members of a token response as they are, strictly and without judgement.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::DeserializeSeed};
use serde_json::de::Read;

use crate::token_response::malformed::MalformedReason;

/// The members of RFC 6749 §5.1, and the `error` of §5.2. `None` if a member is absent.
#[derive(Default)]
pub(crate) struct RawResponse<'a> {
    pub(crate) access_token: Option<Value<'a>>,
    pub(crate) token_type: Option<Value<'a>>,
    pub(crate) expires_in: Option<Value<'a>>,
    pub(crate) scope: Option<Value<'a>>,
    pub(crate) error: Option<Value<'a>>,
}

/// A member's value of any type.
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    /// Any JSON number. No member needs more digits than an `f64` has.
    Number(f64),
    /// An array of texts, joined by spaces.
    Texts(String),
    False,
    Null,
    Other,
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
                    wrong: "is not valid, or is there twice",
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
                    wrong: "is there twice",
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

/// A text, borrowed if it needs no unescaping.
pub(crate) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text))
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    fn visit_bool<E>(self, is_true: bool) -> Result<Value<'de>, E> {
        Ok(if is_true { Value::Other } else { Value::False })
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        let mut joined = Some(String::new());
        while let Some(item) = seq.next_element::<Value<'de>>()? {
            let Value::Text(text) = item else {
                joined = None;
                continue;
            };
            if let Some(joined) = &mut joined {
                if !joined.is_empty() {
                    joined.push(' ');
                }
                joined.push_str(&text);
            }
        }
        Ok(joined.map_or(Value::Other, Value::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        while let Some(name) = map.next_key_seed(Text)? {
            // serde_json hands a number over in this way if another crate turned its feature `arbitrary_precision` on.
            if name == "$serde_json::private::Number" {
                let number = map.next_value_seed(Text)?;
                return number.parse().map(Value::Number).map_err(A::Error::custom);
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(Value::Other)
    }
}
