//! Secrets as they are compared with texts, and the part of that which is kept for years.

use crate::redact::spelling::canonical;
use crate::redact::windows::{Pairs, WINDOW, Windows};
use crate::secret::Wiped;

/// Something that has secrets, such as a configuration.
pub(crate) trait Secrets {
    fn prepare(&self) -> Prepared;
}

/// Secrets as they are compared with texts.
pub(crate) struct Prepared {
    windows: Windows,
    short: Vec<Wiped>,
}

/// The part of [`Prepared`] that is kept for as long as the secrets: a sixth of its memory.
pub(crate) struct PreCheck {
    pairs: Pairs,
    has_short: bool,
}

impl Prepared {
    /// Takes the secrets over in the spelling in which they are compared. Empty ones are ignored.
    pub(crate) fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let secrets = secrets.into_iter().map(str::as_bytes).map(canonical);
        let (long, short): (Vec<_>, Vec<_>) = secrets
            .filter(|secret| !secret.is_empty())
            .partition(|secret| secret.len() >= WINDOW);
        Self {
            windows: Windows::of(long.iter().map(|secret| secret.as_slice())),
            short,
        }
    }

    pub(crate) fn into_pre_check(self) -> PreCheck {
        PreCheck {
            pairs: self.windows.pairs,
            has_short: !self.short.is_empty(),
        }
    }

    /// Returns whether one of them is in the text.
    pub(super) fn is_in(&self, text: &Haystack<'_>) -> bool {
        self.windows.has_one_of(text.text) || self.short.iter().any(|needle| text.has_short(needle))
    }
}

impl PreCheck {
    /// Returns false if none of the secrets is in the text.
    #[inline]
    pub(super) fn may_be_in(&self, text: &Haystack<'_>) -> bool {
        self.has_short || self.pairs.may_have_one_of(text.text)
    }
}

/// A text to look for secrets in.
pub(super) struct Haystack<'a> {
    pub(super) text: &'a [u8],
    is_readable: bool,
}

impl<'a> Haystack<'a> {
    pub(super) fn new(text: &'a [u8], is_readable: bool) -> Self {
        Self { text, is_readable }
    }

    /// Bytes that were decoded from what may not be base64 at all contain one or two characters by chance.
    pub(super) fn has_short(&self, needle: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pre_check_passes_only_texts_that_may_repeat_a_secret() {
        for (secrets, text, expected) in [
            (["s3cret-of-ours", ""], "3CRET-of", true),
            // Pairs of the secret alone, and beside another one.
            (["s3cret-of-ours", ""], "s3s3s3s3", true),
            (["s3cret-of-ours", ""], "zzs3s3s3", false),
            (["s3cret-of-ours", ""], "s3zzs3s3", false),
            (["s3cret-of-ours", ""], "s3s3zzs3", false),
            (["s3cret-of-ours", ""], "s3s3s3zz", false),
            (["hunter2", "s3cret-of-ours"], "3CRET-of", true),
            (["hunter2", "s3cret-of-ours"], "another text", true),
            (["", ""], "another text", false),
        ] {
            let pre_check = Prepared::new(secrets).into_pre_check();
            let text = Haystack::new(text.as_bytes(), true);
            assert_eq!(pre_check.may_be_in(&text), expected, "{secrets:?}");
        }
    }
}
