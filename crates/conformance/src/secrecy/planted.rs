//! Secrets that a test has planted, and the search for them in every encoding.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::percent_decode_str;

/// Secrets that no output, log line, trace or error may contain.
#[derive(Clone, Debug, Default)]
pub struct Planted(Vec<Spelling>);

#[derive(Clone, Debug)]
struct Spelling {
    name: String,
    way: String,
    /// The encoded secret in the normal form of `unquoted`.
    text: String,
}

impl Planted {
    /// Creates an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Plants a secret under this name. It needs at least 12 characters, so that it is not found by chance.
    ///
    /// If the secret has 12 letters and digits in a row, a half of it is found as well.
    pub fn plant(&mut self, name: &str, secret: &str) {
        assert!(
            secret.len() >= SHORTEST,
            "{name} is too short: plant at least {SHORTEST} characters"
        );
        for (part, spelling) in spellings(secret) {
            for (disguise, text) in disguises(&spelling) {
                let text = unquoted(&text);
                if self.0.iter().all(|known| known.text != text) {
                    self.0.push(Spelling {
                        name: name.to_owned(),
                        way: format!("{part}{disguise}"),
                        text,
                    });
                }
            }
        }
    }

    /// Plants a secret, and returns the set.
    #[must_use]
    pub fn with(mut self, name: &str, secret: &str) -> Self {
        self.plant(name, secret);
        self
    }

    /// Returns the name and the encoding of a secret in this text, if there is one.
    ///
    /// The search ignores letter case, quoting, white space and the layout of a dump.
    pub fn find_in(&self, text: &str) -> Option<String> {
        let readings = readings(text);
        let found = self.0.iter().find(|spelling| {
            let mut readings = readings.iter();
            readings.any(|reading| reading.contains(&spelling.text))
        });
        found.map(|Spelling { name, way, .. }| format!("{name}, {way}"))
    }

    /// Fails if this text contains one of the secrets.
    #[track_caller]
    pub fn assert_not_in(&self, text: &str) {
        if let Some(found) = self.find_in(text) {
            let line = text.lines().find(|line| self.find_in(line).is_some());
            panic!("{found}, is printed in: {:.200}", line.unwrap_or(text));
        }
    }
}

/// Returns the texts to search for: both ends of the longest run of letters and digits. If that run is short, the whole
/// secret in each encoding of a request.
fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let runs = secret.split(|c: char| !c.is_ascii_alphanumeric());
    let run = runs.max_by_key(|run| run.len()).unwrap_or_default();
    if run.len() >= SHORTEST {
        let (first, last) = (&run[..SHORTEST], &run[run.len() - SHORTEST..]);
        return vec![
            ("its beginning", first.to_owned()),
            ("its end", last.to_owned()),
        ];
    }
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let url = form.replace('+', "%20");
    vec![
        ("as it is", secret.to_owned()),
        ("in a form", form),
        ("in a URL", url),
    ]
}

/// Returns the text itself and in base64, each also as hexadecimal digits and as a list of bytes.
fn disguises(spelling: &str) -> Vec<(String, String)> {
    let mut texts = vec![("", spelling.to_owned())];
    // The bytes before the secret shift its bits in base64. Search only for the characters that depend on the secret alone.
    for before in 0..3 {
        let bytes = [&[0].repeat(before), spelling.as_bytes()].concat();
        let own = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
        for (way, engine) in [(" in base64", STANDARD), (" in base64url", URL_SAFE)] {
            texts.push((way, engine.encode(&bytes)[own.clone()].to_owned()));
        }
    }
    let as_bytes = |(way, text): (&str, String)| {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let numbers: Vec<_> = text.bytes().map(|byte| byte.to_string()).collect();
        [
            (format!("{way} in hex"), hex),
            (format!("{way} as a list of bytes"), numbers.join(",")),
            (way.to_owned(), text),
        ]
    };
    texts.into_iter().flat_map(as_bytes).collect()
}

/// Returns the text without quoting, and the hexadecimal digits and the characters of its lines read as rows of a dump.
fn readings(text: &str) -> [String; 3] {
    let (mut hex, mut characters) = (String::new(), String::new());
    for row in text.to_lowercase().replace("0x", "").lines() {
        let (digits, shown) = columns(row);
        hex += &bytes(digits);
        characters += shown.trim_matches(['|', ' ']);
    }
    [unquoted(text), hex, unquoted(&characters)]
}

/// Returns the text in lower case, without white space, `+` and backslashes, and with percent encoding and the escapes of
/// JSON decoded repeatedly.
fn unquoted(text: &str) -> String {
    let mut text = text.to_lowercase();
    loop {
        let once = percent_decode_str(&text).decode_utf8_lossy();
        let once = once.replace("\\u00", "%").replace('\\', "");
        if once == text {
            text.retain(|c| !c.is_whitespace() && c != '+');
            return text;
        }
        text = once.to_lowercase();
    }
}

/// Splits a row of a dump into its digits, such as `0010 70 6c`, and its characters, such as `pl`.
fn columns(row: &str) -> (&str, &str) {
    let cut = row.split_once('|').or(row.rsplit_once("  "));
    cut.or(row.rsplit_once(' '))
        .filter(|(digits, shown)| words(digits).all(is_hex) && !words(shown).all(is_hex))
        .unwrap_or((row, ""))
}

/// Returns the hexadecimal digits of a row without its address, which is longer than the next word.
fn bytes(digits: &str) -> String {
    let words: Vec<_> = words(digits).filter(|word| is_hex(word)).collect();
    match words.as_slice() {
        [address, rest @ ..] if rest.first().is_some_and(|next| next.len() < address.len()) => {
            rest.concat()
        }
        words => words.concat(),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty())
}

fn is_hex(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const SHORTEST: usize = 12;

/// A secret whose end changes with each encoding, and whose beginning stays.
pub(crate) const SECRET: &str = r#"planted1secret2above3 /+%="\"#;

/// The token in the responses of the servers.
pub(crate) const TOKEN: &str = "planted1token2below3/+~=";

/// The path and query of every endpoint.
pub(crate) const PATH_AND_QUERY: &str = "/oauth/token?key=planted1query2above3";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_found_in_every_encoding() {
        let secret = r#"pl4ntedsecret2 /+%="\"#;
        let planted = Planted::new().with("the secret", secret);
        let json = serde_json::json!({ "client_secret": secret }).to_string();
        let in_json = serde_json::Value::from(json.as_str()).to_string();
        let bytes = secret.as_bytes();
        for text in [
            format!("so {secret} is it"),
            secret.to_uppercase(),
            secret[..secret.len() / 2 + 2].to_owned(),
            secret[2..].to_owned(),
            "pl4ntedsecret2+%2F%2B%25%3D%22%5C".to_owned(),
            "pl4ntedsecret2%2520%252F%252B%2525%253D%2522%255C".to_owned(),
            percent(bytes),
            percent(percent(bytes).as_bytes()),
            percent(json.as_bytes()),
            bytes.iter().map(|byte| format!(r"\u{byte:04x}")).collect(),
            bytes.iter().map(|byte| format!(r"\\u{byte:04X}")).collect(),
            json.replace('/', r"\/"),
            format!("{json:?}"),
            format!("{in_json:?}"),
            in_json,
            json,
            // The output of `printf '…' | base64` for the secret with nothing, `i:` and `:` before it.
            "cGw0bnRlZHNlY3JldDIgLyslPSJc".to_owned(),
            "Basic aTpwbDRudGVkc2VjcmV0MiAvKyU9Ilw=".to_owned(),
            "OnBsNG50ZWRzZWNyZXQyIC8rJT0iXA==".to_owned(),
            format!("{:#?}", b"Basic aTpwbDRudGVkc2VjcmV0MiAvKyU9Ilw="),
            hex(b"Basic aTpwbDRudGVkc2VjcmV0MiAvKyU9Ilw=", " "),
            format!("{bytes:?}"),
            format!("{bytes:#?}"),
            format!("{bytes:x?}"),
            format!("{bytes:#X?}"),
            hex(bytes, ""),
            hex(bytes, ":"),
            format!("debug  sent 0x{}", hex(bytes, ",0x")),
            format!("debug  sent 0x{}", hex(bytes, ", 0x")),
        ] {
            assert!(planted.find_in(&text).is_some(), "{text}");
        }
        for text in ["", "pl4nted, secret", "cGw0bnRlZA==", "706c34"] {
            assert_eq!(planted.find_in(text), None, "{text}");
        }
    }

    #[test]
    fn secret_is_found_across_the_rows_of_a_dump() {
        let planted = Planted::new().with("the secret", r#"pl4ntedsecret2 /+%="\"#);
        // The output of `hexdump -C`, `xxd` and `xxd -g1`, and narrow rows.
        for dump in [
            "00000000  47 45 54 20 70 6c 34 6e  74 65 64 73 65 63 72 65  |GET pl4ntedsecre|\n\
             00000010  74 32 20 2f 2b 25 3d 22  5c                       |t2 /+%=\"\\|",
            "00000000: 4745 5420 706c 346e 7465 6473 6563 7265  GET pl4ntedsecre\n\
             00000010: 7432 202f 2b25 3d22 5c                   t2 /+%=\"\\",
            "00000000: 47 45 54 20 70 6c 34 6e 74 65 64 73 65 63 72 65  GET pl4ntedsecre\n\
             00000010: 74 32 20 2f 2b 25 3d 22 5c                       t2 /+%=\"\\",
            "0000 70 6c 34 6e 74 pl4nt\n0005 65 64 73 65 63 edsec\n000a 72 65 74 32 20 ret2.",
        ] {
            assert!(planted.find_in(dump).is_some(), "{dump}");
            let (digits, shown): (Vec<_>, Vec<_>) = dump.lines().map(columns).unzip();
            assert!(planted.find_in(&digits.join("\n")).is_some(), "{digits:?}");
            // The characters alone contain it as well.
            let rows = shown.iter().map(|shown| format!("00 {shown}\n"));
            let rows: String = rows.collect();
            assert!(planted.find_in(&rows).is_some(), "{rows}");
        }
    }

    #[test]
    fn secret_without_a_long_word_is_found_in_the_encodings_of_a_request() {
        let planted = Planted::new().with("the secret", "p@ss:w%rd+ &=~");
        for text in [
            "p@ss:w%rd+ &=~",
            "p%40ss%3Aw%25rd%2B+%26%3D%7E",
            r#"{"s":"p@ss:w\u0025rd+ &=~"}"#,
            // The output of `printf '…' | base64` for the secret in a form and in a URL, with `i:` before it.
            "aTpwJTQwc3MlM0F3JTI1cmQlMkIrJTI2JTNEJTdF",
            "aTpwJTQwc3MlM0F3JTI1cmQlMkIlMjAlMjYlM0QlN0U=",
        ] {
            assert!(planted.find_in(text).is_some(), "{text}");
        }
    }

    #[test]
    #[should_panic(expected = "the token, its beginning, is printed in: a pl4nted")]
    fn found_secret_is_named_in_the_failure() {
        Planted::new()
            .with("the token", "pl4ntedtoken2")
            .assert_not_in("nothing\na pl4ntedtoken2");
    }

    fn percent(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
    }

    fn hex(bytes: &[u8], between: &str) -> String {
        let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        digits.join(between)
    }
}
