//! HTTP Basic credentials (RFC 7617 §2) of a client id and a secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::client_auth::method::BasicEncoding;

/// Returns the Base64 text behind `Basic `. Id and secret are encoded first (RFC 6749 §2.3.1), so the one colon that
/// is left separates them.
pub(crate) fn credentials(id: &str, secret: &str, encoding: BasicEncoding) -> Zeroizing<String> {
    let id = encoded(id, encoding);
    let secret = encoded(secret, encoding);
    let mut pair = Zeroizing::new(String::with_capacity(id.len() + 1 + secret.len()));
    pair.extend([id.as_str(), ":", secret.as_str()]);
    let mut out = vec![0; 4 * pair.len().div_ceil(3)];
    // Into a slice: encoding into a `String` leaves a copy on the stack.
    STANDARD
        .encode_slice(pair.as_bytes(), &mut out)
        .expect("the slice has the length of the Base64 text");
    Zeroizing::new(String::from_utf8(out).expect("Base64 is ASCII"))
}

fn encoded(text: &str, encoding: BasicEncoding) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(3 * text.len()));
    match encoding {
        BasicEncoding::Raw => out.push_str(text),
        BasicEncoding::Plus => out.extend(form_urlencoded::byte_serialize(text.as_bytes())),
        BasicEncoding::Percent => out.extend(form_urlencoded::byte_serialize(text.as_bytes()).map(
            |piece| match piece {
                "+" => "%20",
                piece => piece,
            },
        )),
    }
    out
}

/// What of a token request nobody may see again, however a server spells it.
pub(crate) fn secret_texts(config: &crate::config::config::Config) -> [Zeroizing<String>; 3] {
    let secret = config.client_secret().map_or("", |secret| secret.expose());
    let unpadded = |encoding| {
        let mut basic = credentials(config.client_id(), secret, encoding);
        let length = basic.trim_end_matches('=').len();
        basic.truncate(length);
        basic
    };
    [
        Zeroizing::new(secret.to_owned()),
        unpadded(BasicEncoding::Plus),
        unpadded(BasicEncoding::Percent),
    ]
}

pub(crate) fn may_show_secret(config: &crate::config::config::Config, text: &str) -> bool {
    let secret = config.client_secret().map_or("", |secret| secret.expose());
    !secret.is_empty() && text.len() >= secret.len()
}
