//! Finds the error code and the words in the body of an error response, whatever its shape.
//!
//! An error is read as leniently as possible: a wrong guess about it costs retries and a client that is locked out.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::de::Read;

use crate::token_response::error_member::Role;
use crate::token_response::repair;
use crate::token_response::value::Text;

/// An error response's code and words, and the token that it may contain beside them.
#[derive(Default)]
pub(crate) struct ErrorBody<'a> {
    code: Ranked<'a>,
    words: Ranked<'a>,
    token: Option<Cow<'a, str>>,
}

/// The text of the member that is the most particular one of those found so far.
#[derive(Default)]
struct Ranked<'a>(Option<(u8, Cow<'a, str>)>);

impl<'a> ErrorBody<'a> {
    /// Returns `None` if the body is neither a JSON object nor a form: it is not the token server's.
    pub(crate) fn read(body: &'a [u8], is_form: bool) -> Option<Self> {
        if is_form {
            let found = Self::from_form(body);
            return (found.has_text() || found.token.is_some()).then_some(found);
        }
        // Some services encode the object as JSON, and the JSON again as a text.
        if let Some(Ok(text)) = body
            .starts_with(b"\"")
            .then(|| serde_json::from_slice::<String>(body))
        {
            return ErrorBody::read_object(text.as_bytes()).map(ErrorBody::into_owned);
        }
        Self::read_object(body)
    }

    fn read_object(body: &'a [u8]) -> Option<Self> {
        let mut found = Self::default();
        if found.read_json(body) {
            return Some(found);
        }
        let candidates = repair::candidates(body)?;
        // If the body begins as an object, that is the error, even if no word of it is known.
        let begins = body.first() == Some(&b'{');
        candidates.enumerate().find_map(|(index, text)| {
            let mut found = ErrorBody::default();
            found.read_json(text.as_bytes());
            let found = found.into_owned();
            let is_it = found.has_text() || found.token.is_some() || begins && index == 0;
            is_it.then_some(found)
        })
    }

    /// Returns the error code (RFC 6749 §5.2).
    pub(crate) fn code(&self) -> Option<&str> {
        self.code.text()
    }

    /// Returns the server's words.
    pub(crate) fn words(&self) -> Option<&str> {
        self.words.text()
    }

    /// Returns the text of the members that contain tokens.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(crate) fn has_text(&self) -> bool {
        self.code().or(self.words()).is_some()
    }

    fn from_form(body: &'a [u8]) -> Self {
        let mut found = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            if let Some(role) = Role::of(&name, 0) {
                found.add(role, value);
            }
        }
        found
    }

    /// Reads the members of the object at the start. Returns whether it is one that is well formed; what was found
    /// before a fault is kept.
    fn read_json(&mut self, json: &'a [u8]) -> bool {
        let member = Member {
            found: self,
            role: Role::Container(0),
        };
        match std::str::from_utf8(json) {
            Ok(json) => member.read(&mut serde_json::Deserializer::from_str(json)),
            Err(_) => member.read(&mut serde_json::Deserializer::from_slice(json)),
        }
    }

    fn add(&mut self, role: Role, text: Cow<'a, str>) {
        match role {
            Role::Code(rank) => self.code.add(rank, text),
            Role::Words(rank) => self.words.add(rank, text),
            Role::Token => match &mut self.token {
                None => self.token = Some(text),
                Some(token) => {
                    let token = token.to_mut();
                    token.push(' ');
                    token.push_str(&text);
                }
            },
            Role::Container(_) => {}
        }
    }

    fn into_owned<'b>(self) -> ErrorBody<'b> {
        let owned = |ranked: Ranked<'_>| {
            Ranked(
                ranked
                    .0
                    .map(|(rank, text)| (rank, Cow::Owned(text.into_owned()))),
            )
        };
        ErrorBody {
            code: owned(self.code),
            words: owned(self.words),
            token: self.token.map(|token| Cow::Owned(token.into_owned())),
        }
    }
}

impl<'a> Ranked<'a> {
    /// Keeps the first of two texts of one rank, without white space around it.
    fn add(&mut self, rank: u8, text: Cow<'a, str>) {
        let is_better = self.0.as_ref().is_none_or(|(other, _)| rank < *other);
        if !is_better {
            return;
        }
        let text = match text {
            // Most texts have none, and to find that out of Unicode takes a hundred steps.
            text if is_trimmed(&text) => text,
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        if !text.is_empty() {
            self.0 = Some((rank, text));
        }
    }

    fn text(&self) -> Option<&str> {
        self.0.as_ref().map(|(_, text)| text.as_ref())
    }
}

fn is_trimmed(text: &str) -> bool {
    let text = text.as_bytes();
    let ends = [text.first(), text.last()];
    ends.iter().flatten().all(|byte| byte.is_ascii_graphic())
}

/// Reads a value by the role of its member.
struct Member<'s, 'a> {
    found: &'s mut ErrorBody<'a>,
    role: Role,
}

impl<'a> Member<'_, 'a> {
    fn read<R: Read<'a>>(self, json: &mut serde_json::Deserializer<R>) -> bool {
        json.deserialize_map(self).is_ok() && json.end().is_ok()
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.found.add(self.role, Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.found.add(self.role, Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let item = Member {
                found: &mut *self.found,
                role: self.role,
            };
            if seq.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let depth = match self.role {
            Role::Container(0) => 0,
            role => role.depth(),
        };
        while let Some(name) = map.next_key_seed(Text)? {
            match Role::of(&name, depth) {
                Some(role) if depth < DEEPEST => map.next_value_seed(Member {
                    found: &mut *self.found,
                    role,
                })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

const DEEPEST: u8 = 4;
