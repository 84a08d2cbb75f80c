//! Secrets that a test has planted, and every spelling in which text could tell them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode_byte, utf8_percent_encode};

/// What must not be found in anything that is printed, logged, traced or put into an error.
#[derive(Clone, Debug, Default)]
pub struct Planted(Vec<Spelling>);

/// In lower case, like the text that it is looked for in.
#[derive(Clone, Debug)]
struct Spelling {
    name: String,
    way: String,
    text: String,
}

impl Planted {
    /// Nothing is planted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Plants a secret under this name. It has to be long enough to stand nowhere by chance.
    pub fn plant(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= SHORTEST, "{name} could stand anywhere");
        for (text_way, text) in texts(secret) {
            for (way, text) in encodings(&text) {
                let text = text.to_lowercase();
                if self.0.iter().all(|known| known.text != text) {
                    let way = format!("{text_way}{way}");
                    let name = name.to_owned();
                    self.0.push(Spelling { name, way, text });
                }
            }
        }
    }

    /// The same, to begin with.
    #[must_use]
    pub fn with(mut self, name: &str, secret: &str) -> Self {
        self.plant(name, secret);
        self
    }

    /// Which secret stands in this text, and how it is spelt there; letter case and the layout of a dump do
    /// not hide it.
    pub fn find_in(&self, text: &str) -> Option<String> {
        let text = text.to_lowercase();
        // Rows of hex digits, `70 6c`, `0x70, 0x6c` or `70:6c`, run together.
        let digits = text.replace("0x", "");
        let digits: String = digits.chars().filter(char::is_ascii_alphanumeric).collect();
        // The readable characters that stand at the end of each row of a dump.
        let rows = text.lines().filter_map(|line| line.rsplit(' ').next());
        let rows: String = rows.collect();
        let found = self.0.iter().find(|spelling| {
            let spelt = spelling.text.as_str();
            text.contains(spelt)
                || rows.contains(spelt)
                || spelling.way.ends_with(HEX) && digits.contains(spelt)
        });
        found.map(|Spelling { name, way, .. }| format!("{name}, {way}"))
    }

    /// Fails where one of them stands in this text.
    #[track_caller]
    pub fn assert_not_in(&self, text: &str) {
        if let Some(found) = self.find_in(text) {
            let line = text.lines().find(|line| self.find_in(line).is_some());
            panic!("{found}, is told by: {}", line.unwrap_or(text));
        }
    }
}

/// The secret as requests and answers write it.
fn texts(secret: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let debug = format!("{secret:?}");
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let every_byte: String = secret.bytes().map(percent_encode_byte).collect();
    vec![
        ("as it is", secret.to_owned()),
        ("in a form", form),
        (
            "in a URL",
            utf8_percent_encode(secret, RESERVED).to_string(),
        ),
        ("in a URL, byte by byte", every_byte),
        ("in JSON, slashes escaped", json.replace('/', r"\/")),
        ("in JSON", json),
        ("as Rust quotes it", debug[1..debug.len() - 1].to_owned()),
    ]
}

/// The text as it is, and as what hides it from the eye only.
fn encodings(text: &str) -> Vec<(&'static str, String)> {
    let bytes = text.as_bytes();
    let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        ("", text.to_owned()),
        (HEX, hex),
        (" as a list of bytes", numbers.join(", ")),
    ];
    // What stands before it decides where its bits begin; only characters that are wholly its own count.
    for before in 0..3 {
        let bytes = [&[0].repeat(before), bytes].concat();
        let own = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        all.push((
            " in base64",
            STANDARD.encode(&bytes)[own.clone()].to_owned(),
        ));
        all.push((" in base64url", URL_SAFE.encode(&bytes)[own].to_owned()));
    }
    all
}

const HEX: &str = " in hex";

const SHORTEST: usize = 12;

/// RFC 3986 §2.3: what is left as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        let planted = Planted::new().with("the secret", r#"pl4nted a/b"c"#);
        for text in [
            r#"so pl4nted a/b"c is it"#,
            "pl4nted+a%2Fb%22c",
            "PL4NTED%20A%2FB%22C",
            "%70%6c%34%6e%74%65%64%20%61%2f%62%22%63",
            r#"{"x":"pl4nted a/b\"c"}"#,
            r#"{"x":"pl4nted a\/b\"c"}"#,
            // By `printf '…' | base64` of the secret with nothing, `i:` and `:` before it.
            "cGw0bnRlZCBhL2IiYw==",
            "aTpwbDRudGVkIGEvYiJj",
            "OnBsNG50ZWQgYS9iImM=",
            // The same of `i:` and the secret in a form.
            "Basic aTpwbDRudGVkK2ElMkZiJTIyYw==",
            "706c346e74656420612f622263",
            "70 6C 34 6E 74 65 64 20 61 2F 62 22 63",
            "70:6c:34:6e:74:65:64:20:61:2f:62:22:63",
            "[112, 108, 52, 110, 116, 101, 100, 32, 97, 47, 98, 34, 99]",
            "[0x70, 0x6c, 0x34, 0x6e, 0x74, 0x65, 0x64, 0x20, 0x61, 0x2f, 0x62, 0x22, 0x63]",
        ] {
            assert!(planted.find_in(text).is_some(), "{text}");
        }
        for text in ["", "pl4nted a b c", "cGxhbnRlZA==", "706c61"] {
            assert_eq!(planted.find_in(text), None, "{text}");
        }
    }

    #[test]
    fn the_rows_of_a_dump_are_put_together() {
        let planted = Planted::new().with("the token", "pl4nted-token");
        let dump = "0000 70 6c 34 6e 74 pl4nt\n0005 65 64 2d 74 6f ed-to\n000a 6b 65 6e ken";
        assert!(planted.find_in(dump).is_some());
    }

    #[test]
    #[should_panic(expected = "the token, as it is, is told by")]
    fn what_is_found_is_named() {
        Planted::new()
            .with("the token", "pl4nted-token")
            .assert_not_in("a pl4nted-token");
    }
}
