//! The spellings in which a service or a proxy may repeat a credential.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use form_urlencoded::byte_serialize;
use serde_json::json;
use zeroize::Zeroizing;

/// Returns the secret as it is, as in JSON, as in a query, in hexadecimal digits, and in base64.
pub(super) fn spellings(secret: &str) -> Vec<Zeroizing<String>> {
    let bytes = secret.as_bytes();
    let in_json = Zeroizing::new(json!(secret).to_string());
    let digits = |upper: bool| {
        let digits = bytes.iter().map(|byte| match upper {
            true => format!("{byte:02X}"),
            false => format!("{byte:02x}"),
        });
        Zeroizing::new(digits.collect())
    };
    let mut spellings = vec![
        Zeroizing::new(secret.to_owned()),
        Zeroizing::new(in_json.trim_matches('"').to_owned()),
        Zeroizing::new(byte_serialize(bytes).collect()),
        digits(false),
        digits(true),
    ];
    for phase in 0..3 {
        let standard = in_base64(&STANDARD_NO_PAD, bytes, phase);
        // Some libraries for JSON escape a slash.
        spellings.push(Zeroizing::new(standard.replace('/', "\\/")));
        spellings.push(standard);
        spellings.push(in_base64(&URL_SAFE_NO_PAD, bytes, phase));
    }
    spellings.dedup();
    spellings
}

/// Returns the characters of base64 that depend on the secret alone, if `phase` bytes of other text are before it, such as
/// the client id in `Authorization: Basic`.
fn in_base64(engine: &impl Engine, secret: &[u8], phase: usize) -> Zeroizing<String> {
    let bytes = Zeroizing::new([&[0; 2][..phase], secret].concat());
    let mut text = Zeroizing::new(engine.encode(&*bytes));
    let begin = [0, 2, 3][phase];
    let end = bytes.len() * 8 / 6;
    text.truncate(end);
    text.drain(..begin);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // fault: credential-repeated-in-base64
    #[test]
    fn secret_is_found_in_base64_at_any_place() {
        let secret = "planted/secret+with?bytes\u{ff}";
        let spellings = spellings(secret);
        for before in 0..7 {
            for after in 0..4 {
                let text = format!("{}{secret}{}", "a".repeat(before), "z".repeat(after));
                let texts = [
                    STANDARD_NO_PAD.encode(&text),
                    URL_SAFE_NO_PAD.encode(&text),
                    STANDARD_NO_PAD.encode(&text).replace('/', "\\/"),
                ];
                for text in texts {
                    let is_found = |spelling: &Zeroizing<String>| text.contains(spelling.as_str());
                    assert!(spellings.iter().any(is_found), "{before} {after}");
                }
            }
        }
    }
}
