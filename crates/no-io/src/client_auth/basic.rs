//! The client's credentials as a request carries them, and as nobody may see them again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::config::config::{ClientAuth, Config};

/// How a space is written in Basic credentials.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Spaces {
    Percent,
    Plus,
}

impl Spaces {
    /// `None` where the credentials stand in the body.
    pub(crate) fn in_basic(config: &Config) -> Option<Self> {
        match config.client_auth.unwrap_or_default() {
            ClientAuth::Body => None,
            ClientAuth::Basic => Some(Self::Percent),
            ClientAuth::BasicPlus => Some(Self::Plus),
        }
    }
}

/// RFC 7617 §2 over RFC 6749 §2.3.1: id and secret are encoded first, so the one colon that is left
/// stands between them.
pub(crate) fn basic(config: &Config, spaces: Spaces) -> Zeroizing<String> {
    let id = encoded(&config.client_id, spaces);
    let secret = encoded(config.client_secret.expose(), spaces);
    let mut pair = Zeroizing::new(String::with_capacity(id.len() + 1 + secret.len()));
    pair.extend([id.as_str(), ":", secret.as_str()]);
    let mut out = vec![0; 4 * pair.len().div_ceil(3)];
    // Into a slice: what encodes into a `String` leaves a copy on the stack.
    STANDARD
        .encode_slice(pair.as_bytes(), &mut out)
        .expect("the slice is as long as base64 is");
    Zeroizing::new(String::from_utf8(out).expect("base64 is ASCII"))
}

/// What of a token request nobody may see again, however a server spells it: with or without the padding of
/// base64, for one.
pub(crate) fn secret_texts(config: &Config) -> [Zeroizing<String>; 3] {
    let unpadded = |spaces| {
        let mut basic = basic(config, spaces);
        let length = basic.trim_end_matches('=').len();
        basic.truncate(length);
        basic
    };
    [
        Zeroizing::new(config.client_secret.expose().to_owned()),
        unpadded(Spaces::Plus),
        unpadded(Spaces::Percent),
    ]
}

/// Whether one of these may stand in the text: a look that costs less than they do. None is spelt shorter
/// than the secret, and none with a space where the secret has none and nothing that is read as one.
pub(crate) fn may_show_secret(config: &Config, text: &str) -> bool {
    let secret = config.client_secret.expose();
    if text.len() < secret.len() {
        return false;
    }
    if secret.contains(' ') || secret.contains('+') {
        return true;
    }
    let mut start = 0;
    while let Some(part) = text.as_bytes().get(start..start + secret.len()) {
        match part.iter().rposition(|byte| *byte == b' ') {
            Some(space) => start += space + 1,
            None => return true,
        }
    }
    false
}

fn encoded(text: &str, spaces: Spaces) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(3 * text.len()));
    out.extend(
        form_urlencoded::byte_serialize(text.as_bytes()).map(|piece| match piece {
            "+" if spaces == Spaces::Percent => "%20",
            piece => piece,
        }),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_text_that_shows_the_secret_is_looked_at() {
        for secret in ["s", "s3cret", "a&b", "p@ss w%rd", " ", "äöü", "\"\u{1}"] {
            let secret = Secret::new(secret);
            let config = Config::new_lenient("https://login.example/token", "id", secret).unwrap();
            let secret = config.client_secret.expose();
            let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let percent = form.replace('+', "%20");
            let json = serde_json::to_string(secret).unwrap();
            let texts = secret_texts(&config);
            let texts = texts.iter().map(|text| text.as_str());
            for text in texts.chain([&form, &percent, json.trim_matches('"')]) {
                assert!(may_show_secret(&config, text), "{text}");
                let text = format!("bad {text}, try again");
                assert!(may_show_secret(&config, &text), "{text}");
            }
        }
        let secret = Secret::new("s3cret");
        let config = Config::new("https://login.example/token", "id", secret).unwrap();
        for text in ["no such user", "never again", "      ", ""] {
            assert!(!may_show_secret(&config, text), "{text}");
        }
    }
}
