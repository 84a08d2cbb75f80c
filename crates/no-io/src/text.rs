//! Text from outside, made fit to print: no control characters, no secret, and cut to its share.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::syntax;

/// Replaces what a terminal or a log could take for more than text by `?`, and cuts to `limit` bytes.
///
/// ASCII from space to `~` stays, and so do the letters and digits of other scripts. Escape
/// sequences, line breaks, bidirectional overrides and invisible characters do not. The errors of this
/// crate have been through it; for who prints other text that a server sent.
///
/// ```
/// assert_eq!(edge_oauth_no_io::printable("\u{1b}[2J gone", 64), "?[2J gone");
/// ```
pub fn printable(text: &str, limit: usize) -> String {
    if text.len() <= limit && syntax::all_within(text, b' ', b'~') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(limit) + CUT.len());
    for c in text.chars() {
        if out.len() + c.len_utf8() > limit {
            out.push_str(CUT);
            break;
        }
        let plain = matches!(c, ' '..='~') || (!c.is_ascii() && c.is_alphanumeric());
        out.push(if plain { c } else { '?' });
    }
    out
}

/// The texts that nothing printed may hold, in each form that a server could echo.
pub(crate) struct Scrubber {
    secrets: Vec<Zeroizing<String>>,
}

impl Scrubber {
    /// The longer forms come before those that they contain, or a remnant would stay.
    pub(crate) fn new(mut secrets: Vec<Zeroizing<String>>) -> Self {
        secrets.retain(|secret| !secret.is_empty());
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// `text` without any of the secrets.
    pub(crate) fn scrub<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                let before = std::mem::take(&mut text);
                text = Cow::Owned(before.replace(secret.as_str(), REDACTED));
                if let Cow::Owned(before) = before {
                    drop(Zeroizing::new(before));
                }
            }
        }
        text
    }
}

/// The forms in which a text comes back that was sent. Each buffer is large enough from the start, since
/// growing would leave a copy behind.
pub(crate) fn echoes(secret: &str) -> [Zeroizing<String>; 5] {
    let mut encoded = Zeroizing::new(String::with_capacity(3 * secret.len()));
    encoded.extend(form_urlencoded::byte_serialize(secret.as_bytes()));
    let mut json = Zeroizing::new(Vec::with_capacity(6 * secret.len() + 2));
    serde_json::to_writer(&mut *json, secret).expect("texts are written to memory");
    let json = std::str::from_utf8(&json[1..json.len() - 1]).expect("JSON is UTF-8");
    [
        Zeroizing::new(json.replace('/', "\\/")),
        Zeroizing::new(encoded.replace('+', "%20")),
        encoded,
        Zeroizing::new(json.to_owned()),
        Zeroizing::new(secret.to_owned()),
    ]
}

const CUT: &str = "...";
pub(crate) const REDACTED: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_replaced() {
        assert_eq!(printable("\u{1b}[31mred\r\n\u{202e}x", 99), "?[31mred???x");
        assert_eq!(
            printable("Zugriff verweigert: für \"Ärger\"", 99),
            "Zugriff verweigert: für \"Ärger\""
        );
    }

    #[test]
    fn the_cut_keeps_whole_characters() {
        assert_eq!(printable("äää", 5), "ää...");
        assert_eq!(printable("abc", 3), "abc");
    }

    #[test]
    fn the_longer_secret_goes_before_the_one_that_it_contains() {
        let scrubber = Scrubber::new(vec![
            Zeroizing::new("hunter2".to_owned()),
            Zeroizing::new("id:hunter2".to_owned()),
            Zeroizing::new(String::new()),
        ]);
        assert_eq!(
            scrubber.scrub("bad id:hunter2, hunter2"),
            "bad [redacted], [redacted]"
        );
    }
}
