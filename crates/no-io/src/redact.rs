//! Withholds server texts that repeat a secret.
//!
//! A server may spell an echo in many ways and cut it anywhere, so the text is not edited: if eight
//! characters in a row of a secret occur in it, a note takes its place. Both sides are compared in one spelling:
//! escapes of URLs, forms, JSON and HTML are decoded however often they were applied, backslashes and control
//! characters are dropped, letters are compared without case. Base64, and so Basic credentials, is decoded first.
//!
//! A secret of 4 to 7 characters counts as a whole; a shorter one, or one of lower-case letters alone, as a whole word,
//! since a text may contain such characters by chance.

mod spelling;
mod windows;

use std::fmt;
use std::sync::OnceLock;

use crate::printable::printable;
use crate::redact::spelling::{ENCODED, MIXED, canonical, classes, decoded, from_base64, is_plain};
use crate::redact::windows::{WINDOW, Windows};
use crate::secret::Wiped;

/// The secrets that no shown text may repeat, in the spelling in which they are compared.
pub(crate) struct Redactor<'a> {
    needles: Needles<'a>,
    more: Option<&'a Redactor<'a>>,
}

enum Needles<'a> {
    /// Secrets that are compared with many texts.
    Prepared {
        windows: Box<Windows>,
        short: Vec<Wiped>,
    },
    /// A secret for a few texts, such as a token.
    Added {
        secret: Added<'a>,
        /// Made when a text is first looked at that is not much shorter.
        windows: OnceLock<Box<Windows>>,
    },
}

enum Added<'a> {
    /// It needs no decoding.
    Borrowed(&'a [u8]),
    Decoded(Wiped),
}

impl<'a> Redactor<'a> {
    /// Takes the secrets over in the spelling in which they are compared. Empty ones are ignored.
    pub(crate) fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let secrets = secrets.into_iter().map(str::as_bytes).map(canonical);
        let (long, short): (Vec<_>, Vec<_>) = secrets
            .filter(|secret| !secret.is_empty())
            .partition(|secret| secret.len() >= WINDOW);
        Self {
            needles: Needles::Prepared {
                windows: Box::new(Windows::of(long.iter().map(|secret| secret.as_slice()))),
                short,
            },
            more: None,
        }
    }

    /// Adds a secret for a while, such as an assertion or a token. A secret that needs no decoding is not copied.
    pub(crate) fn with<'b>(&'b self, secret: &'b str) -> Redactor<'b> {
        Redactor {
            needles: Needles::Added {
                secret: match is_plain(secret.as_bytes()) {
                    true => Added::Borrowed(secret.as_bytes()),
                    false => Added::Decoded(canonical(secret.as_bytes())),
                },
                windows: OnceLock::new(),
            },
            more: Some(self),
        }
    }

    /// Returns the text fit to print and cut to `limit` bytes, or the note in its place.
    ///
    /// Some more than is shown is looked at, so that a secret at the cut is seen too.
    pub(crate) fn printable(&self, text: &str, limit: usize) -> String {
        let bytes = text.as_bytes();
        let start = &bytes[..bytes.len().min(limit.saturating_mul(4))];
        match self.is_repeated_in(start) {
            true => WITHHELD.to_owned(),
            false => printable(text, limit),
        }
    }

    /// Returns the whole text as it is, or a note in its place.
    pub(crate) fn whole<'t>(&self, text: &'t str) -> &'t str {
        // To compare a longer text would take memory that a request may not have.
        match text.len() > WHOLE_LIMIT {
            true => TOO_LONG,
            false if self.is_repeated_in(text.as_bytes()) => WITHHELD,
            false => text,
        }
    }

    fn is_repeated_in(&self, text: &[u8]) -> bool {
        let classes = classes(text);
        if classes & ENCODED == 0 {
            return self.is_in(&Haystack::new(text, true))
                || classes & MIXED != 0 && self.is_in_base64_of(text);
        }
        let decoded = decoded(text);
        self.is_in(&Haystack::new(&canonical(&decoded), true)) || self.is_in_base64_of(&decoded)
    }

    fn is_in_base64_of(&self, text: &[u8]) -> bool {
        (0..4)
            .map_while(|phase| from_base64(text, phase, WINDOW))
            .any(|bytes| self.is_in(&Haystack::new(&canonical(&bytes), false)))
    }

    fn is_in(&self, text: &Haystack<'_>) -> bool {
        let is_here = match &self.needles {
            Needles::Prepared { windows, short } => {
                windows.has_one_of(text.text) || short.iter().any(|needle| text.has_short(needle))
            }
            Needles::Added { secret, windows } => {
                let secret = match secret {
                    Added::Borrowed(secret) => secret,
                    Added::Decoded(secret) => secret.as_slice(),
                };
                match secret.len() {
                    0 => false,
                    1..WINDOW => text.has_short(secret),
                    // A text is looked at in up to five spellings, and the secret is the same in all of them.
                    length if length / SPELLINGS <= text.text.len() => windows
                        .get_or_init(|| Box::new(Windows::of([secret])))
                        .has_one_of(text.text),
                    _ => Windows::of([text.text]).has_one_of(secret),
                }
            }
        };
        is_here || self.more.is_some_and(|more| more.is_in(text))
    }
}

impl fmt::Debug for Redactor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor([redacted])")
    }
}

/// A text to look for secrets in.
struct Haystack<'a> {
    text: &'a [u8],
    is_readable: bool,
}

impl<'a> Haystack<'a> {
    fn new(text: &'a [u8], is_readable: bool) -> Self {
        Self { text, is_readable }
    }

    /// Bytes that were decoded from what may not be base64 at all contain one or two characters by chance.
    fn has_short(&self, needle: &[u8]) -> bool {
        let is_word_only = needle.len() < 4 || needle.iter().all(u8::is_ascii_lowercase);
        let ends_word = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if needle.len() < 3 && !self.is_readable {
            return false;
        }
        let mut windows = self.text.windows(needle.len()).enumerate();
        windows.any(|(start, window)| {
            let is_word = || {
                let before = start.checked_sub(1).map(|at| &self.text[at]);
                ends_word(before) && ends_word(self.text.get(start + needle.len()))
            };
            window.eq_ignore_ascii_case(needle) && (!is_word_only || is_word())
        })
    }
}

/// As it is, and decoded from base64 in each phase.
const SPELLINGS: usize = 5;
const WHOLE_LIMIT: usize = 8 * 1024;
pub(crate) const WITHHELD: &str = "[withheld: it repeats a credential]";
const TOO_LONG: &str = "[withheld: it is too long]";

#[cfg(test)]
mod tests {
    use super::*;

    fn is_withheld(text: &str, secret: &str) -> bool {
        Redactor::new([secret]).printable(text, 512) == WITHHELD
    }

    fn assert_withheld(echoes: &[&str], secret: &str) {
        for echo in echoes {
            assert!(is_withheld(echo, secret), "{echo}");
            assert!(
                is_withheld(&format!("got ({echo}), sorry"), secret),
                "{echo}"
            );
        }
    }

    // fault: echo-in-another-spelling
    #[test]
    fn secret_in_any_spelling_is_withheld() {
        assert_withheld(
            &[
                "p/l+\u{e4}\"n%2-x",
                r#"p\/l+\u{e4}\"n%2-x"#.replace(r"\u{e4}", "\u{e4}").as_str(),
                r"p\u002Fl\u002b\u00E4\u0022n\u00252-x",
                "p%2Fl%2B%C3%A4%22n%252-x",
                "p%2fl%2b%c3%a4%22n%252-x",
                "p%252Fl%252B%25C3%25A4%2522n%25252-x",
                "p/l+%C3%A4\\\"n%252-x",
                "p/l \u{e4}\"n%2-x",
                "P/L+\u{e4}&quot;N%2-X",
                "p\\\\/l+\u{e4}\\\\\\\"n%2-x",
            ],
            "p/l+\u{e4}\"n%2-x",
        );
        let secret = "a b\u{1f600}\u{8}\t\n\u{c}\rcd";
        let form = "a+b%F0%9F%98%80%08%09%0A%0C%0Dcd";
        assert_withheld(
            &["a+b\u{1f600}cd", form, r"a b\ud83d\uDE00\b\t\n\f\rcd"],
            secret,
        );
    }

    // fault: echo-in-another-spelling
    #[test]
    fn secret_that_is_escaped_again_and_again_is_withheld() {
        let unicode = |text: &str| -> String {
            let units = text.encode_utf16();
            units.map(|unit| format!("\\u{unit:04x}")).collect()
        };
        let percent =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let json = |text: &str| {
            serde_json::to_string(text)
                .unwrap()
                .trim_matches('"')
                .to_owned()
        };
        let secret = "n\"t/b\u{e4}uf-r1x";
        for echo in [
            unicode(secret),
            unicode(&unicode(secret)),
            json(&unicode(secret)),
            json(&json(&unicode(secret))),
            json(&json(&json(secret))),
            percent(&percent(&percent(secret))),
            percent(&json(secret)),
            json(&percent(secret)),
            unicode(&percent(secret)),
            percent(&unicode(secret)),
        ] {
            assert_withheld(&[&echo], secret);
        }
    }

    // fault: echo-in-base64
    #[test]
    fn secret_in_base64_is_withheld_wherever_it_begins() {
        use base64::Engine;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        let secret = "s3cret-of>ours?";
        for before in ["", "i", "id", "id:", "{\"client_secret\":\""] {
            let text = format!("{before}{secret}\"}}");
            assert_withheld(
                &[&STANDARD.encode(&text), &URL_SAFE_NO_PAD.encode(&text)],
                secret,
            );
            let form: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            assert_withheld(&[&STANDARD.encode(form)], secret);
        }
        assert_withheld(&[&STANDARD.encode("my-client:s3cret")], "s3cret");
        assert_withheld(&["c2VjcmV0LXMzY3JldC1zZWNyZXQ"], "s3cret");
    }

    // fault: echo-of-a-part
    #[test]
    fn eight_characters_in_a_row_are_withheld_and_seven_are_not() {
        let secret = "Zo5_U2v9-qkBq0Wm6mJm1vZkT8oSg3wXrYp4dNcLh7eRiUaQfKxEtMbJyPsVnC2D";
        let redactor = Redactor::new([secret]);
        for start in 0..=secret.len() - WINDOW {
            for length in [WINDOW, 40] {
                let part = &secret[start..secret.len().min(start + length)];
                let text = format!("the client secret {part}... is wrong");
                assert_eq!(redactor.printable(&text, 512), WITHHELD, "{part}");
            }
            let part = &secret[start..start + WINDOW - 1];
            let text = format!("the client secret {part}... is wrong");
            assert_eq!(redactor.printable(&text, 512), text);
        }
    }

    #[test]
    fn short_secret_is_withheld_as_a_whole_and_a_word_as_a_word() {
        for (text, secret, expected) in [
            ("xs3cretx", "s3cret", true),
            ("s3cre", "s3cret", false),
            ("an errors list", "error", false),
            ("an error: x", "error", true),
            ("the end", "e", false),
            ("the e of it", "e", true),
            ("anything", "", false),
            ("", "s3cret", false),
        ] {
            assert_eq!(is_withheld(text, secret), expected, "{text} {secret}");
        }
    }

    #[test]
    fn ordinary_text_stays_beside_a_random_secret() {
        let redactor = Redactor::new([
            "Zo5_U2v9-qkBq0Wm6mJm1vZkT8oSg3wXrYp4dNcLh7eR",
            "e",
            "hunter2",
        ]);
        for text in [
            "Client is not authorized to access resource server https://api.sitecorecloud.io. 50%!",
            "AADSTS7000215: Invalid client secret provided. Trace ID: 8f1e3c6a-1d6f-4a0e-9d2e-2b7c9d3f0a00",
        ] {
            assert_eq!(redactor.printable(text, 512), text);
        }
    }

    #[test]
    fn secret_at_the_cut_is_withheld() {
        for padding in 500..512 {
            let text = "a ".repeat(padding / 2) + "s3cret-of-ours";
            assert!(is_withheld(&text, "s3cret-of-ours"), "{padding}");
        }
    }

    #[test]
    fn added_secret_counts_beside_the_others() {
        let redactor = Redactor::new(["s3cret-of-ours"]);
        let added = redactor.with("t0ken-of-theirs");
        let both = added.with("a/ssertion+%41");
        for text in [
            "s3cret-of-ours",
            "t0ken-of-theirs",
            "a%2Fssertion%2B%2541",
            "a/ssertion A",
        ] {
            assert_eq!(both.whole(text), WITHHELD, "{text}");
        }
        assert_eq!(added.whole("a/ssertion+%41"), "a/ssertion+%41");
        assert_eq!(redactor.whole("t0ken-of-theirs"), "t0ken-of-theirs");
        assert_eq!(format!("{both:?}"), "Redactor([redacted])");
    }

    #[test]
    fn whole_text_is_bounded() {
        let redactor = Redactor::new(["s3cret"]);
        let most = "a".repeat(WHOLE_LIMIT);
        assert_eq!(redactor.whole(&most), most);
        assert_eq!(redactor.whole(&(most + "a")), TOO_LONG);
    }
}
