//! One spelling for a text that may be encoded in many ways.

use crate::redact::escapes::{DECODED, LONGEST_ENTITY, push};
use crate::secret::Wiped;

/// Returns whether the text is compared as it is.
pub(super) fn is_plain(text: &[u8]) -> bool {
    classes(text) & ENCODED == 0
}

/// Returns the classes of all characters of the text.
#[inline]
pub(super) fn classes(text: &[u8]) -> u8 {
    let class = |byte: &u8| CLASSES[usize::from(*byte)];
    text.iter().fold(0, |classes, byte| classes | class(byte))
}

/// Returns the classes of all characters of the text, [`MIXED`] only if such a character follows another one of base64:
/// most capitals begin a word.
#[inline]
pub(super) fn classes_of_text(text: &[u8]) -> u8 {
    let is_inside = |pair: &[u8]| {
        CLASSES[usize::from(pair[0])] & RUN != 0 && CLASSES[usize::from(pair[1])] & MIXED != 0
    };
    let (first, rest) = text.split_at(text.len().min(1));
    let (mut all, mut before) = (classes(first) & !MIXED, 0);
    // Few parts of a text have such a character, and only these are looked at twice.
    let mut add = |part: &[u8]| {
        let mut classes = classes(part);
        let pairs = || text[before..=before + part.len()].windows(2);
        if classes & !all & MIXED != 0 && !pairs().any(is_inside) {
            classes &= !MIXED;
        }
        all |= classes;
        before += part.len();
    };
    let parts = rest.chunks_exact(PART);
    let last = parts.remainder();
    parts.for_each(&mut add);
    if !last.is_empty() {
        add(last);
    }
    all
}

/// Returns the text in the one spelling: decoded, and with a space for `+`, since forms write one for the other.
pub(super) fn canonical(text: &[u8]) -> Wiped {
    let mut out = decoded(text);
    for byte in out.iter_mut().filter(|byte| **byte == b'+') {
        *byte = b' ';
    }
    out
}

/// Decodes the escapes of URLs, forms, JSON and HTML in the text, in any mixture and however often they were applied:
/// a character that an escape brings may end another escape. It takes linear time, since each shortens the text.
pub(super) fn decoded(text: &[u8]) -> Wiped {
    let mut out = Wiped(Vec::with_capacity(text.len()));
    if classes(text) & (START | CONTROL) == 0 {
        out.extend_from_slice(text);
        return out;
    }
    // So many more bytes may end an escape.
    let mut open = 0_usize;
    for byte in text {
        let class = CLASSES[usize::from(*byte)];
        if class & CONTROL != 0 {
            continue;
        }
        let may_end = || class & END != 0 || matches!(out.last().copied(), Some(b'\\' | DECODED));
        if class & START == 0 && (open == 0 || !may_end()) {
            out.push(*byte);
            open = open.saturating_sub(1);
            continue;
        }
        let length = out.len();
        let mut next = Some(*byte);
        while let Some(byte) = next {
            next = push(&mut out, byte);
        }
        // An escape that ended may begin or continue another one.
        open = match class & START != 0 || out.len() != length + 1 {
            true => LONGEST_ENTITY,
            false => open - 1,
        };
    }
    out.retain(|byte| !matches!(*byte, b'\\' | DECODED));
    out
}

/// A character that may begin an escape, that is not printable ASCII, or that may be written for another one.
pub(super) const ENCODED: u8 = 1;
/// A character that base64 has and words have not: a text without one is not base64.
pub(super) const MIXED: u8 = 2;
/// A character that an escape begins with.
const START: u8 = 4;
/// A control character of ASCII, which is dropped.
const CONTROL: u8 = 8;
/// A character of base64, in either alphabet.
const RUN: u8 = 16;
/// A character that an escape of more than two characters ends with.
const END: u8 = 32;
/// The characters that are classified together.
const PART: usize = 8;

const CLASSES: [u8; 256] = {
    let mut classes = [ENCODED; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        classes[byte as usize] = match byte {
            b'+' => ENCODED | MIXED,
            b'%' | b'\\' | b'&' => ENCODED | START,
            b'A'..=b'Z' | b'0'..=b'9' => MIXED,
            _ => 0,
        };
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_') {
            classes[byte as usize] |= RUN;
        }
        if byte.is_ascii_hexdigit() || byte == b';' {
            classes[byte as usize] |= END;
        }
        byte += 1;
    }
    classes[DECODED as usize] |= START;
    let mut byte = 0;
    while byte < b' ' {
        classes[byte as usize] |= CONTROL;
        byte += 1;
    }
    classes[0x7f] |= CONTROL;
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        String::from_utf8(canonical(text.as_bytes()).to_vec()).unwrap()
    }

    #[test]
    fn character_that_words_do_not_have_counts_behind_one_of_base64() {
        for (text, expected) in [
            ("", false),
            ("Client", false),
            ("a Client, Of 1 (2) A", false),
            ("nothing but small lett3rs", true),
            ("a word and then an eighTh", true),
            ("a word, and a Second one bEside it", true),
        ] {
            assert_eq!(
                classes_of_text(text.as_bytes()) & MIXED != 0,
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn escape_of_each_kind_is_decoded() {
        for (text, expected) in [
            ("a%2fb%2Fc", "a/b/c"),
            ("%C3%A4 %u00e4 \\u00E4", "\u{e4} \u{e4} \u{e4}"),
            ("\\/ \\\" \\x41 %\\41", "/ \" A A"),
            ("a\\nb\\\\tc\nd\u{7f}e", "abcde"),
            ("&amp;&lt;&gt;&quot;&apos;&#39;&#x2F;&#65;", "&<>\"''/A"),
            ("&#x00002F; &#x000002F;", "/ &#x000002F;"),
            ("\\ud83d\\uDE00\\udbff\\uDFFF", "\u{1f600}\u{10ffff}"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn escape_in_an_escape_is_decoded() {
        for text in [
            "%2541",
            "%25252541",
            "\\\\u0041",
            "%5Cu0041",
            "&#37;41",
            "\\u002541",
            "&amp;#65;",
            "%26amp;#65;",
        ] {
            assert_eq!(read(text), "A", "{text}");
        }
    }

    // fault: long-response-that-echoes
    #[test]
    fn text_is_decoded_as_if_every_byte_could_end_an_escape() {
        let pieces = [
            "%",
            "25",
            "\\",
            "u005c",
            "x41",
            "&amp",
            ";",
            "&#3",
            "8",
            "n",
            "\u{1}",
            "\u{e4}",
            "plain words",
            "4",
        ];
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                text += pieces[(state >> 33) as usize % pieces.len()];
            }
            let mut expected = Vec::new();
            for byte in text.bytes().chain([DECODED, b'x', b'4', b'1']) {
                let mut next = Some(byte);
                while let Some(byte) = next {
                    next = push(&mut expected, byte);
                }
            }
            expected.retain(|byte| !matches!(*byte, b'\\' | DECODED));
            let text = [text.as_bytes(), &[DECODED, b'x', b'4', b'1']].concat();
            assert_eq!(decoded(&text).0, expected, "{text:?}");
        }
    }

    #[test]
    fn incomplete_escape_stays() {
        for text in [
            "%",
            "%4",
            "%zz",
            "%u12",
            "&",
            "&;",
            "&nothing;",
            "&#;",
            "&#xzz;",
            ";",
        ] {
            assert_eq!(read(text), text);
        }
        assert_eq!(read("&#6a; \\u12 \\\\x\\%\\&\\"), "&#6a; u12 x%&");
    }
}
