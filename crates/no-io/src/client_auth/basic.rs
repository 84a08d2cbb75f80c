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
