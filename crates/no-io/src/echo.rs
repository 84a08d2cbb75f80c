//! What a request carried, taken out of an answer that echoes it in whichever spelling.

use std::mem;

use crate::text::REDACTED;

/// `text` without the secrets, where its start is enough: some four times `limit` bytes of it.
///
/// Of secrets that begin at one place the longest goes. Each character counts as it is, as JSON
/// escapes it, and as a URL or a form does, in any mixture: services and what stands before them
/// differ in what they escape.
pub(crate) fn without(text: &str, secrets: &[&str], limit: usize) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        // A character of four bytes may be printed as one.
        if out.len() > limit.saturating_mul(4) {
            break;
        }
        let first = text.as_bytes()[at];
        let ends = secrets
            .iter()
            .filter(|secret| may_begin(secret, first))
            .filter_map(|secret| end(text, at, secret));
        match ends.max() {
            Some(end) => {
                out.push_str(REDACTED);
                at = end;
            }
            None => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    out
}

/// Whether the secret can begin with this byte, which an empty one cannot: a look that costs less than
/// reading on.
fn may_begin(secret: &str, byte: u8) -> bool {
    let begins = |first| first == byte || matches!(byte, b'%' | b'\\' | b'+');
    secret.bytes().next().is_some_and(begins)
}

/// Where the secret ends that begins here, if it does.
fn end(text: &str, start: usize, secret: &str) -> Option<usize> {
    let (mut ends, mut next) = (vec![start], Vec::new());
    for c in secret.chars() {
        for at in ends.drain(..) {
            let lengths = spellings(&text[at..], c).into_iter().flatten();
            next.extend(lengths.map(|length| at + length));
        }
        next.sort_unstable();
        next.dedup();
        // Backslashes in a row can be read in many ways, of which the first and the last are consistent.
        if next.len() > READINGS {
            next.drain(READINGS / 2..next.len() - READINGS / 2);
        }
        if next.is_empty() {
            return None;
        }
        mem::swap(&mut ends, &mut next);
    }
    let is_word = |end: &usize| {
        let before = text[..start].chars().next_back();
        let after = text[*end..].chars().next();
        let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        outside(before) && outside(after)
    };
    ends.retain(|end| secret.len() >= SHORT || is_word(end));
    ends.pop()
}

/// How long this character is at the start of the text, in each spelling that it has there.
fn spellings(text: &str, c: char) -> [Option<usize>; 4] {
    let (mut bytes, mut units) = ([0; 4], [0; 2]);
    let bytes = c.encode_utf8(&mut bytes).as_bytes();
    let units = c.encode_utf16(&mut units);
    let plain = text.starts_with(c) || (c == ' ' && text.starts_with('+'));
    let short = text.strip_prefix('\\').and_then(|rest| rest.chars().next());
    [
        plain.then_some(bytes.len()),
        (short.is_some() && short == escape(c)).then_some(2),
        hexadecimal(text, "%", 2, bytes.iter().copied().map(u16::from)),
        hexadecimal(text, "\\u", 4, units.iter().copied()),
    ]
}

/// RFC 8259 §7.
fn escape(c: char) -> Option<char> {
    match c {
        '"' | '\\' | '/' => Some(c),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        _ => None,
    }
}

fn hexadecimal(
    text: &str,
    mark: &str,
    digits: usize,
    numbers: impl Iterator<Item = u16>,
) -> Option<usize> {
    let mut rest = text;
    for number in numbers {
        rest = rest.strip_prefix(mark)?;
        let found = rest.get(..digits)?;
        if !found.bytes().all(|byte| byte.is_ascii_hexdigit())
            || u16::from_str_radix(found, 16) != Ok(number)
        {
            return None;
        }
        rest = &rest[digits..];
    }
    Some(text.len() - rest.len())
}

const SHORT: usize = 4;
const READINGS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        without(text, &["p/l+ä\"n%2", "p/l", "e"], 100)
    }

    #[test]
    fn each_spelling_is_found_and_any_mixture() {
        for echo in [
            "p/l+ä\"n%2",
            r#"p\/l+ä\"n%2"#,
            r"p\u002Fl\u002b\u00E4\u0022n\u00252",
            "p%2Fl%2B%C3%A4%22n%252",
            "p%2fl%2b%c3%a4%22n%252",
            "p/l+%C3%A4\\\"n%252",
        ] {
            assert_eq!(redacted(&format!("({echo})")), "([redacted])", "{echo}");
        }
        let secret = "a b\u{1f600}\u{8}\t\n\u{c}\r";
        for echo in [
            "a+b😀\u{8}\t\n\u{c}\r",
            "a%20b%F0%9F%98%80%08%09%0A%0C%0D",
            r"a b\ud83d\uDE00\b\t\n\f\r",
        ] {
            assert_eq!(without(echo, &[secret], 9), "[redacted]", "{echo}");
        }
    }

    #[test]
    fn the_longest_goes_and_a_short_one_as_a_word_only() {
        assert_eq!(redacted("p/l, p/lx"), "[redacted], p/lx");
        assert_eq!(redacted("the e of (e)"), "the [redacted] of ([redacted])");
        assert_eq!(
            without("abcdefgh", &["abcd", "abcdef", ""], 9),
            "[redacted]gh"
        );
    }

    #[test]
    fn backslashes_in_a_row_are_found_and_read_in_few_ways() {
        let secret = "\\".repeat(2000);
        for echo in [
            secret.clone(),
            secret.replace('\\', r"\\"),
            "%5C".repeat(2000),
        ] {
            assert_eq!(without(&echo, &[&secret], 9), "[redacted]");
        }
        // Each place could be reached in as many ways as there are places.
        let longer = "\\".repeat(20_000) + "!";
        let echo = "\\".repeat(40_000);
        assert!(echo.starts_with(&without(&echo, &[&longer], 1)));
    }

    #[test]
    fn an_empty_secret_is_nowhere() {
        assert_eq!(without("+ a %", &[""], 9), "+ a %");
    }

    #[test]
    fn what_only_begins_like_a_secret_stays() {
        for text in [
            "",
            "%",
            "\\",
            "\\u00",
            "p\\u+02f",
            "%zz",
            "p%2",
            "ä%",
            "+/l",
            "p+l",
            "p%2El",
            "p\\u002el",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn no_more_is_read_than_is_printed() {
        for c in ["a", "\u{20ac}"] {
            assert!(without(&c.repeat(1000), &["secret"], 10).len() < 50);
        }
    }
}
