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
