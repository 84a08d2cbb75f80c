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
pub(crate) mod prepared;
mod spelling;
#[cfg(test)]
mod tests;
mod windows;

use std::cell::OnceCell;
use std::fmt;

use crate::printable::printable;
use crate::redact::base64_runs::from_base64;
use crate::redact::prepared::{Haystack, PreCheck, Prepared, Secrets};
use crate::redact::spelling::{ENCODED, MIXED, canonical, classes_of_text, decoded, is_plain};
use crate::redact::windows::{WINDOW, Windows};
use crate::secret::Wiped;

/// The secrets that no shown text may repeat, in the spelling in which they are compared.
pub(crate) struct Redactor<'a> {
    needles: Needles<'a>,
    more: Option<&'a Redactor<'a>>,
}

enum Needles<'a> {
    /// Secrets that are compared with many texts.
    Prepared(Prepared),
    /// Secrets that are prepared if a text passes the pre-check.
    Unprepared {
        pre_check: &'a PreCheck,
        secrets: &'a dyn Secrets,
        prepared: OnceCell<Box<Prepared>>,
    },
    /// A secret for a few texts, such as a token.
    Added {
        secret: Added<'a>,
        /// Made when a text is first looked at that is not much shorter.
        windows: OnceCell<Box<Windows>>,
    },
}

enum Added<'a> {
    /// It needs no decoding.
    Borrowed(&'a [u8]),
    Decoded(Wiped),
}

impl<'a> Redactor<'a> {
    pub(crate) fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        Self {
            needles: Needles::Prepared(Prepared::new(secrets)),
            more: None,
        }
    }

    /// Returns a redactor that prepares the secrets only if it has to.
    pub(crate) fn unprepared(pre_check: &'a PreCheck, secrets: &'a dyn Secrets) -> Self {
        Self {
            needles: Needles::Unprepared {
                pre_check,
                secrets,
                prepared: OnceCell::new(),
            },
            more: None,
        }
    }

    /// Adds a secret for a while, such as an assertion or a token. A secret that needs no decoding is not copied.
    pub(crate) fn with<'b>(&'b self, secret: &'b str) -> Redactor<'b> {
        let secret = secret.as_bytes();
        Redactor {
            needles: Needles::Added {
                secret: match is_plain(secret) {
                    true => Added::Borrowed(secret),
                    false => Added::Decoded(canonical(secret)),
                },
                windows: OnceCell::new(),
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
        let classes = classes_of_text(start);
        match self.is_repeated_in(start, classes) {
            true => WITHHELD.to_owned(),
            // A text that needs no decoding is printable ASCII.
            false if classes & ENCODED == 0 && text.len() <= limit => text.to_owned(),
            false => printable(text, limit),
        }
    }

    /// Returns the whole text as it is, or a note in its place.
    pub(crate) fn whole<'t>(&self, text: &'t str) -> &'t str {
        let bytes = text.as_bytes();
        // To compare a longer text would take memory that a request may not have.
        match text.len() > WHOLE_LIMIT {
            true => TOO_LONG,
            false if self.is_repeated_in(bytes, classes_of_text(bytes)) => WITHHELD,
            false => text,
        }
    }

    fn is_repeated_in(&self, text: &[u8], classes: u8) -> bool {
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
        self.needles.are_in(text) || self.more.is_some_and(|more| more.is_in(text))
    }
}

impl Needles<'_> {
    /// Returns whether one of them is in the text.
    fn are_in(&self, text: &Haystack<'_>) -> bool {
        match self {
            Self::Prepared(prepared) => prepared.is_in(text),
            Self::Unprepared {
                pre_check,
                secrets,
                prepared,
            } => {
                pre_check.may_be_in(text)
                    && prepared
                        .get_or_init(|| Box::new(secrets.prepare()))
                        .is_in(text)
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

/// As it is, and decoded from base64 in each phase.
const SPELLINGS: usize = 5;
const WHOLE_LIMIT: usize = 8192;
pub(crate) const WITHHELD: &str = "[withheld: it repeats a credential]";
const TOO_LONG: &str = "[withheld: it is too long]";
