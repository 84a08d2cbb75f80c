//! The body of a shared response: the members of a token response, and no more.

use crate::secret::Wiped;
use crate::token::AccessToken;
use crate::token_response::error::ErrorResponse;

/// RFC 6749 §5.1. The type is left out: every token here is a bearer token.
pub(super) fn token_body(token: &AccessToken) -> Vec<u8> {
    let lifetime = token.expires_in().map(|lifetime| lifetime.as_secs());
    object(
        &[
            ("access_token", Some(token.expose())),
            ("scope", token.scope()),
        ],
        lifetime,
    )
}

/// RFC 6749 §5.2.
pub(super) fn error_body(error: &ErrorResponse) -> Vec<u8> {
    object(
        &[
            ("error", error.code.as_deref()),
            ("error_description", error.description.as_deref()),
        ],
        None,
    )
}

/// A JSON object of these members, in memory that never has to grow: growing would leave a copy behind.
fn object(texts: &[(&str, Option<&str>)], expires_in: Option<u64>) -> Vec<u8> {
    // A name needs no escapes, so its room is enough for quotes, separators and the lifetime too.
    let sizes = texts
        .iter()
        .map(|(name, text)| name.len() + text.map_or(0, str::len));
    let room = ESCAPED * sizes.sum::<usize>();
    let mut json = Wiped(Vec::with_capacity(room));
    json.push(b'{');
    for (name, text) in texts {
        if let Some(text) = text {
            separate(&mut json);
            text_to(&mut json, name);
            json.push(b':');
            text_to(&mut json, text);
        }
    }
    if let Some(seconds) = expires_in {
        separate(&mut json);
        json.extend(EXPIRES_IN);
        json.extend(seconds.to_string().bytes());
    }
    json.push(b'}');
    debug_assert!(json.len() <= room, "the memory did not grow");
    std::mem::take(&mut json.0)
}

fn separate(json: &mut Vec<u8>) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
}

fn text_to(json: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(json, text).expect("text is written to memory");
}

pub(super) const EXPIRES_IN: &[u8] = b"\"expires_in\":";
/// The longest spelling of one byte in JSON.
const ESCAPED: usize = "\\u0000".len();
