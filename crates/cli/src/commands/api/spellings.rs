//! The spellings in which a service or a proxy may repeat a credential.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::json;
use zeroize::Zeroizing;

/// Returns the secret as it is, in hexadecimal digits and in base64; each of them also as in JSON and as in a query. The
/// longest spelling is the first.
pub(super) fn spellings(secret: &str) -> Vec<Zeroizing<String>> {
    let bytes = secret.as_bytes();
    let digits = |upper: bool| {
        let digits = bytes.iter().map(|byte| match upper {
            true => format!("{byte:02X}"),
            false => format!("{byte:02x}"),
        });
        Zeroizing::new(digits.collect::<String>())
    };
    let mut texts = vec![
        Zeroizing::new(secret.to_owned()),
        digits(false),
        digits(true),
    ];
    for phase in 0..3 {
        texts.push(in_base64(&STANDARD_NO_PAD, bytes, phase));
        texts.push(in_base64(&URL_SAFE_NO_PAD, bytes, phase));
    }
    let mut spellings: Vec<_> = texts.iter().flat_map(|text| escaped(text)).collect();
    spellings.append(&mut texts);
    spellings.sort_by(|a, b| (b.len(), &**a).cmp(&(a.len(), &**b)));
    spellings.dedup();
    spellings
}

/// Returns a text with the escapes of JSON and of URLs, as libraries write them.
fn escaped(text: &str) -> Vec<Zeroizing<String>> {
    let in_json = Zeroizing::new(json!(text).to_string());
    // The quotes around it are not part of it.
    let in_json = Zeroizing::new(in_json[1..in_json.len() - 1].to_owned());
    let mut texts = vec![Zeroizing::new(in_json.replace('/', "\\/"))];
    for escaped in JSON_ESCAPED {
        for upper in [false, true] {
            texts.push(with_numbers(&in_json, escaped, upper));
        }
    }
    texts.push(in_json);
    for (bare, space) in URL_BARE {
        for upper in [false, true] {
            texts.push(in_url(text, bare, space, upper));
        }
    }
    texts
}

/// Replaces these characters of a JSON string, and those outside of ASCII, by their numbers.
fn with_numbers(in_json: &str, escaped: &str, upper: bool) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    for character in in_json.chars() {
        if character.is_ascii() && !escaped.contains(character) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            text.push_str(&match upper {
                true => format!("\\u{unit:04X}"),
                false => format!("\\u{unit:04x}"),
            });
        }
    }
    text
}

/// Escapes the bytes of a text for a URL, except letters, digits and `bare` ones.
fn in_url(text: &str, bare: &str, space: &str, upper: bool) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::new());
    for byte in text.bytes() {
        let character = char::from(byte);
        match (character, upper) {
            (' ', _) => escaped.push_str(space),
            _ if byte.is_ascii_alphanumeric() || bare.contains(character) => {
                escaped.push(character);
            }
            (_, true) => escaped.push_str(&format!("%{byte:02X}")),
            (_, false) => escaped.push_str(&format!("%{byte:02x}")),
        }
    }
    escaped
}

/// The characters that libraries for JSON replace by their numbers: Go; .NET; and PHP, Python and others none of ASCII.
const JSON_ESCAPED: [&str; 3] = ["&<>", "&'+<>`", ""];
/// The characters that libraries leave as they are in a URL, and a space: a form (WHATWG), RFC 3986, JavaScript, .NET.
const URL_BARE: [(&str, &str); 4] = [
    ("*-._", "+"),
    ("-._~", "%20"),
    ("!'()*-._~", "%20"),
    ("!()*-._", "+"),
];

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

    // fault: credential-repeated-in-other-escapes
    #[test]
    fn secret_is_found_in_the_escapes_of_other_libraries() {
        let spellings = spellings("planted/secret+of'ours & more!~");
        let texts = [
            "planted/secret+of'ours & more!~",
            // .NET: HttpUtility, Uri, System.Text.Json.
            "planted%2fsecret%2bof%27ours+%26+more!%7e",
            "planted%2Fsecret%2Bof%27ours%20%26%20more%21~",
            r"planted/secret\u002Bof\u0027ours \u0026 more!~",
            // Go.
            r"planted/secret+of'ours \u0026 more!~",
            // JavaScript, PHP.
            "planted%2Fsecret%2Bof'ours%20%26%20more!~",
            r"planted\/secret+of'ours & more!~",
        ];
        for text in texts {
            let is_found = |spelling: &Zeroizing<String>| text.contains(spelling.as_str());
            assert!(spellings.iter().any(is_found), "{text}");
        }
        // Basic credentials, in JSON of .NET and in a query.
        let secret = "xx>>>~~~???xx";
        let encoded = STANDARD_NO_PAD.encode(secret);
        assert!(encoded.contains('+') && encoded.contains('/'));
        for text in [
            encoded.replace('+', r"\u002B"),
            encoded.replace('+', "%2b").replace('/', "%2f"),
        ] {
            let spellings = super::spellings(secret);
            let is_found = |spelling: &Zeroizing<String>| text.contains(spelling.as_str());
            assert!(spellings.iter().any(is_found), "{text}");
        }
    }

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
