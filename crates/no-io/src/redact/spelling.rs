//! One spelling for a text that may be encoded in many ways.

use std::iter;

use crate::secret::Wiped;

/// Returns whether the text is compared as it is.
pub(super) fn is_plain(text: &[u8]) -> bool {
    classes(text) & ENCODED == 0
}

/// Returns the classes of all characters of the text.
pub(super) fn classes(text: &[u8]) -> u8 {
    let class = |byte: &u8| CLASSES[usize::from(*byte)];
    text.iter().fold(0, |classes, byte| classes | class(byte))
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
    if is_plain(text) {
        out.extend_from_slice(text);
        return out;
    }
    // So many more bytes may end an escape.
    let mut open = 0;
    for byte in text {
        let class = CLASSES[usize::from(*byte)];
        if class & CONTROL != 0 {
            continue;
        }
        if open == 0 && class & START == 0 {
            out.push(*byte);
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

/// Adds a byte. If it ends an escape, the escape goes, and the byte that it stands for is returned.
fn push(out: &mut Vec<u8>, byte: u8) -> Option<u8> {
    let last = out.last().copied();
    let is_escaped = matches!(last, Some(b'\\' | DECODED));
    match byte {
        b'\\' if last == Some(b'\\') => return None,
        DECODED if last == Some(DECODED) => return None,
        b'\\' => {}
        // These may be the number of an escape.
        0..=0x1f | 0x7f => return None,
        // RFC 8259 §7: control characters, which are dropped however they are written.
        b'b' | b'f' | b'n' | b'r' | b't' if is_escaped => {
            out.pop();
            return None;
        }
        // The next character may be the end of an escape that begins here.
        b'u' | b'x' | b'%' | b'&' => {}
        _ if is_escaped => {
            out.pop();
        }
        _ => {}
    }
    out.push(byte);
    let (length, number) = match byte {
        b';' => entity(out)?,
        _ if DIGITS[usize::from(byte)] != NONE => escape(out)?,
        _ => return None,
    };
    out.truncate(out.len() - length);
    match u8::try_from(number) {
        Ok(b'\\') => Some(DECODED),
        Ok(byte) if byte.is_ascii() || length == 3 => Some(byte),
        _ => {
            push_unit(out, number);
            None
        }
    }
}

/// Returns the length and the number of the escape at the end: `%41`, `\x41`, `\u0041` or `%u0041`.
fn escape(out: &[u8]) -> Option<(usize, u32)> {
    match *out {
        [.., b'%', a, b] => number(&[a, b], 16).map(|number| (3, number)),
        [.., b'\\' | DECODED, b'x', a, b] => number(&[a, b], 16).map(|number| (4, number)),
        [.., b'%' | b'\\' | DECODED, b'u', a, b, c, d] => {
            number(&[a, b, c, d], 16).map(|number| (6, number))
        }
        _ => None,
    }
}

/// Returns the number of a few digits.
fn number(digits: &[u8], radix: u8) -> Option<u32> {
    let add = |number: u32, digit: &u8| {
        let digit = DIGITS[usize::from(*digit)];
        (digit < radix).then(|| number * u32::from(radix) + u32::from(digit))
    };
    let number = digits.iter().try_fold(0, add)?;
    (!digits.is_empty()).then_some(number)
}

/// Returns the length and the number of the HTML character reference at the end.
fn entity(out: &[u8]) -> Option<(usize, u32)> {
    let tail = &out[out.len().saturating_sub(LONGEST_ENTITY)..];
    let start = tail.iter().rposition(|byte| *byte == b'&')?;
    let name = &tail[start + 1..tail.len() - 1];
    let number = match name {
        b"amp" => u32::from(b'&'),
        b"lt" => u32::from(b'<'),
        b"gt" => u32::from(b'>'),
        b"quot" => u32::from(b'"'),
        b"apos" => u32::from(b'\''),
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    Some((tail.len() - start, number))
}

/// Adds a UTF-16 code unit or a code point as UTF-8. The second half of a surrogate pair joins the first.
fn push_unit(out: &mut Vec<u8>, unit: u32) {
    let high = match *out.as_slice() {
        [.., 0xed, b @ 0xa0..=0xaf, c] => Some(u32::from(b & 0x0f) << 6 | u32::from(c & 0x3f)),
        _ => None,
    };
    let code = match (high, unit) {
        (Some(high), 0xdc00..=0xdfff) => {
            out.truncate(out.len() - 3);
            0x10000 + (high << 10 | (unit & 0x3ff))
        }
        _ => unit,
    };
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        ..0x800 => out.extend([0xc0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend([0xe0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xf0 | (code >> 18 & 7) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// Decodes each run of base64 in the text, as if it began with `phase` characters of another group of four. `None`
/// if there is no run that stands for `least` bytes and does not look like a word.
pub(super) fn from_base64(text: &[u8], phase: usize, least: usize) -> Option<Wiped> {
    let is_word = |run: &[u8]| classes(&run[1..]) & MIXED == 0;
    let mut runs = runs(text, least * 4 / 3 + 1)
        .filter(|run| !is_word(run))
        .peekable();
    runs.peek()?;
    let mut out = Wiped(Vec::with_capacity(text.len()));
    for run in runs {
        let run = &run[phase..];
        let join = |group: &[u8]| {
            let add = |bits, byte: &u8| bits << 6 | u32::from(SEXTETS[usize::from(*byte)]);
            group.iter().fold(0_u32, add)
        };
        let mut groups = run.chunks_exact(4);
        for group in &mut groups {
            out.extend_from_slice(&join(group).to_be_bytes()[1..]);
        }
        let rest = groups.remainder();
        let bits = join(rest) << (6 * (4 - rest.len()));
        out.extend_from_slice(&bits.to_be_bytes()[1..][..rest.len() * 3 / 4]);
        out.push(b' ');
    }
    Some(out)
}

/// Returns the runs of at least so many characters of base64. Looks at the last of them first.
fn runs(text: &[u8], length: usize) -> impl Iterator<Item = &[u8]> {
    let is_outside = |byte: &u8| SEXTETS[usize::from(*byte)] == NONE;
    let mut rest = text;
    iter::from_fn(move || {
        while let Some(start) = rest.get(..length) {
            let Some(at) = start.iter().rposition(is_outside) else {
                let end = rest.iter().position(is_outside).unwrap_or(rest.len());
                let (run, after) = rest.split_at(end);
                rest = after;
                return Some(run);
            };
            rest = &rest[at + 1..];
        }
        None
    })
}

/// The six bits that each character of base64 stands for, in both alphabets (RFC 4648 §4 and §5).
const SEXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut sextets = [NONE; 256];
    let mut at = 0;
    while at < alphabet.len() {
        sextets[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    sextets[b'-' as usize] = 62;
    sextets[b'_' as usize] = 63;
    sextets
};
const NONE: u8 = u8::MAX;

/// The number that each hexadecimal digit stands for.
const DIGITS: [u8; 256] = {
    let digits = b"0123456789abcdef";
    let mut numbers = [NONE; 256];
    let mut number = 0;
    while number < digits.len() {
        numbers[digits[number] as usize] = number as u8;
        numbers[digits[number].to_ascii_uppercase() as usize] = number as u8;
        number += 1;
    }
    numbers
};

/// A character that may begin an escape, that is not printable ASCII, or that may be written for another one.
pub(super) const ENCODED: u8 = 1;
/// A character that base64 has and words have not: a text without one is not base64.
pub(super) const MIXED: u8 = 2;
/// A character that an escape begins with.
const START: u8 = 4;
/// A control character of ASCII, which is dropped.
const CONTROL: u8 = 8;

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

/// A backslash that an escape stood for. It is none of UTF-8's bytes. Backslashes in a row count as one, since each level
/// of escapes doubles them; this one begins an escape of another level than a backslash beside it.
const DECODED: u8 = 0xf8;
/// In bytes. Other escapes are shorter.
const LONGEST_ENTITY: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        String::from_utf8(canonical(text.as_bytes()).to_vec()).unwrap()
    }

    #[test]
    fn escape_of_each_kind_is_decoded() {
        for (text, expected) in [
            ("a%2fb%2Fc", "a/b/c"),
            ("%C3%A4 %u00e4 \\u00E4", "\u{e4} \u{e4} \u{e4}"),
            ("\\/ \\\" \\x41", "/ \" A"),
            ("a\\nb\\\\tc\nd", "abcd"),
            ("&amp;&lt;&gt;&quot;&apos;&#39;&#x2F;&#65;", "&<>\"''/A"),
            ("\\ud83d\\uDE00 %F0%9F%98%80", "\u{1f600} \u{1f600}"),
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
        assert_eq!(read("a\\u12 \\\\x\\%\\&\\"), "au12 x%&");
    }

    #[test]
    fn base64_is_decoded_in_each_phase_and_alphabet() {
        let decoded = |text: &str, phase| {
            let bytes = from_base64(text.as_bytes(), phase, 8)?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        assert_eq!(
            decoded("aWQ6czNjcmV0PT8/", 0).as_deref(),
            Some("id:s3cret=?? ")
        );
        assert_eq!(
            decoded("(aWQ6czNjcmV0PT8_=)", 0).as_deref(),
            Some("id:s3cret=?? ")
        );
        assert_eq!(decoded("xxxaWQ6czNjcmV0", 3).as_deref(), Some("id:s3cret "));
        for word in ["Unauthorized", "short/Text", "client_grants", ""] {
            assert_eq!(decoded(word, 0), None, "{word}");
        }
    }
}
