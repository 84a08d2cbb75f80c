//! Withholds server texts that repeat a secret.
//!
//! A server may spell an echo in many ways and cut it anywhere, so the text is not edited: if eight
//! characters in a row of a secret occur in it, a note takes its place. Both sides are compared in one spelling:
//! escapes of URLs, forms, JSON and HTML are decoded however often they were applied, backslashes and control
//! characters are dropped, letters are compared without case. Base64, and so Basic credentials, is decoded first.
//!
//! A secret of 4 to 7 characters counts as a whole; a shorter one, or one of lower-case letters alone, as a whole word,
//! since a text may contain such characters by chance.

mod base64_runs;
mod escapes;
mod spelling;
#[cfg(test)]
mod tests;
mod windows;

use std::fmt;
use std::iter;
use std::sync::OnceLock;

use crate::printable::printable;
use crate::redact::base64_runs::from_base64;
use crate::redact::spelling::{ENCODED, MIXED, canonical, classes, decoded, is_plain};
use crate::redact::windows::{WINDOW, Windows};
use crate::secret::Wiped;

/// The secrets that no shown text may repeat, in the spelling in which they are compared.
pub(crate) struct Redactor<'a> {
    needles: Needles<'a>,
    more: Option<&'a Redactor<'a>>,
}

enum Needles<'a> {
    None,
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
        let secret = secret.as_bytes();
        let added = |secret| Needles::Added {
            secret,
            windows: OnceLock::new(),
        };
        Redactor {
            needles: match is_plain(secret) {
                true if secret.is_empty() => Needles::None,
                true => added(Added::Borrowed(secret)),
                false => added(Added::Decoded(canonical(secret))),
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
        // The first letter of a sentence is mostly a capital, and never what tells base64 from a word.
        let (first, rest) = text.split_at(text.len().min(1));
        let (first, rest) = (classes(first), classes(rest));
        if (first | rest) & ENCODED == 0 {
            return self.is_in(&Haystack::new(text, true))
                || rest & MIXED != 0 && self.is_in_base64_of(text);
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
        let mut redactors = iter::successors(Some(self), |redactor| redactor.more);
        redactors.any(|redactor| redactor.needles.are_in(text))
    }
}

impl Needles<'_> {
    /// Returns whether one of them is in the text.
    fn are_in(&self, text: &Haystack<'_>) -> bool {
        match self {
            Self::None => false,
            Self::Prepared { windows, short } => {
                windows.has_one_of(text.text) || short.iter().any(|needle| text.has_short(needle))
            }
            Self::Added { secret, windows } => {
                let secret = match secret {
                    Added::Borrowed(secret) => secret,
                    Added::Decoded(secret) => secret.as_slice(),
                };
                match secret.len() {
                    1..WINDOW => text.has_short(secret),
                    // A text is looked at in up to five spellings, and the secret is the same in all of them.
                    length if length / SPELLINGS <= text.text.len() => windows
                        .get_or_init(|| Box::new(Windows::of([secret])))
                        .has_one_of(text.text),
                    _ => Windows::of([text.text]).has_one_of(secret),
                }
            }
        }
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
