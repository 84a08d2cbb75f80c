//! The members of a token endpoint's answer, as the wire spelled them: syntax, and no judgement.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::DeserializeSeed};

use crate::token_response::error::MalformedReason;

/// The members of RFC 6749 §5.1 and §5.2, and those that Auth0 and RFC 9457 put in their place.
/// `None` where a member is absent.
#[derive(Default)]
pub(crate) struct RawResponse<'a> {
    pub(crate) access_token: Option<Value<'a>>,
    pub(crate) token_type: Option<Value<'a>>,
    pub(crate) expires_in: Option<Value<'a>>,
    pub(crate) scope: Option<Value<'a>>,
    pub(crate) error: Option<Value<'a>>,
    pub(crate) error_description: Option<Value<'a>>,
    pub(crate) message: Option<Value<'a>>,
    pub(crate) title: Option<Value<'a>>,
}

/// A member's value, of whatever type it came.
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    /// Any JSON number. Nothing here needs more digits than an `f64` has.
    Number(f64),
    /// An array of texts, joined by spaces.
    Texts(String),
    /// An object, of which only a text `message` is kept.
    Object(Option<String>),
    Null,
    Other,
}

impl<'a> RawResponse<'a> {
    /// Reads one JSON object that fills the body, with an optional byte order mark before it.
    pub(crate) fn from_json(body: &'a [u8]) -> Result<Self, MalformedReason> {
        // RFC 8259 §8.1: JSON is UTF-8; a byte order mark may be ignored.
        let text = std::str::from_utf8(body).map_err(|_| MalformedReason::Syntax)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut json = serde_json::Deserializer::from_str(text);
        let (mut answer, mut at) = (Self::default(), None);
        let members = Members {
            answer: &mut answer,
            at: &mut at,
        };
        let read = json.deserialize_map(members).and_then(|()| json.end());
        match read {
            Ok(()) => Ok(answer),
            Err(error) => Err(match at {
                Some(name) if !error.is_eof() => MalformedReason::Member {
                    name,
                    wrong: "is not valid, or is there twice",
                },
                _ => MalformedReason::Syntax,
            }),
        }
    }

    /// Reads a form, which some old servers answer with.
    pub(crate) fn from_form(body: &'a [u8]) -> Result<Self, MalformedReason> {
        let form = serde_urlencoded::Deserializer::new(form_urlencoded::parse(body));
        let (mut answer, mut at) = (Self::default(), None);
        let members = Members {
            answer: &mut answer,
            at: &mut at,
        };
        match form.deserialize_map(members) {
            Ok(()) => Ok(answer),
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
            "error_description" => ("error_description", &mut self.error_description),
            "message" => ("message", &mut self.message),
            "title" => ("title", &mut self.title),
            _ => return None,
        })
    }
}

/// Reads the members into `answer`, and leaves the name of the known one it stopped at in `at`.
struct Members<'s, 'a> {
    answer: &'s mut RawResponse<'a>,
    at: &'s mut Option<&'static str>,
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Text)? {
            let Some((name, slot)) = self.answer.member(&name) else {
                // RFC 6749 §5.1: members that are not known are ignored.
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            *self.at = Some(name);
            // RFC 6749 §5 has each member once; of two, neither is to be preferred.
            if slot.replace(map.next_value()?).is_some() {
                return Err(A::Error::custom("a member twice"));
            }
            *self.at = None;
        }
        Ok(())
    }
}

/// A text, borrowed where it needs no unescaping.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Text(text) => Ok(text),
            _ => Err(D::Error::custom("a name that is not text")),
        }
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

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        let mut joined = Some(String::new());
        while let Some(item) = seq.next_element::<Value<'de>>()? {
            joined = match (joined, item) {
                (Some(joined), Value::Text(text)) if joined.is_empty() => Some(text.into_owned()),
                (Some(joined), Value::Text(text)) => Some(joined + " " + &text),
                _ => None,
            };
        }
        Ok(joined.map_or(Value::Other, Value::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        let mut message = None;
        while let Some(name) = map.next_key_seed(Text)? {
            match (name.as_ref(), map.next_value::<Value<'de>>()?) {
                // How serde_json hands a number over where another crate turned its feature
                // `arbitrary_precision` on.
                ("$serde_json::private::Number", Value::Text(number)) => {
                    return number.parse().map(Value::Number).map_err(A::Error::custom);
                }
                ("message", Value::Text(text)) => message = Some(text.into_owned()),
                _ => {}
            }
        }
        Ok(Value::Object(message))
    }
}
