//! What a request carried, taken out of an answer that echoes it in whichever spelling.

use std::mem;

use crate::printable::REDACTED;

/// `text` without the secrets, where its start is enough: some four times `limit` bytes of it.
///
/// Of secrets that begin at one place the longest goes. Each character counts as it is, as JSON
/// escapes it, and as a URL or a form does, once or again and again, in any mixture: services and what
/// stands before them differ in what they escape. Where more than [`ENOUGH`] characters agree, they go even if the
/// rest does not follow, since somebody may have cut it.
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
    let begins = |first| first == byte || matches!(byte, b'%' | b'\\' | b'+' | b' ');
    secret.bytes().next().is_some_and(begins)
}

/// Where the secret ends that begins here, if it does. What it costs is either a few characters or made
/// good by the text that goes.
fn end(text: &str, start: usize, secret: &str) -> Option<usize> {
    let (mut ends, mut next) = (vec![start], Vec::new());
    for (agreed, c) in secret.chars().enumerate() {
        next.clear();
        for at in &ends {
            spellings(&text[*at..], c, |length| next.push(at + length));
        }
        next.sort_unstable();
        next.dedup();
        // Backslashes in a row can be read in many ways, of which the first and the last are consistent.
        if next.len() > READINGS {
            next.drain(READINGS / 2..next.len() - READINGS / 2);
        }
        if next.is_empty() {
            return (agreed > ENOUGH).then(|| ends.pop()).flatten();
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
fn spellings(text: &str, c: char, mut found: impl FnMut(usize)) {
    if text.starts_with(c) {
        found(c.len_utf8());
    }
    if text.chars().next().is_some_and(|other| is_alias(c, other)) {
        found(1);
    }
    let (mut bytes, mut units) = ([0; 4], [0; 2]);
    let bytes = c.encode_utf8(&mut bytes).bytes().map(u16::from);
    let units = c.encode_utf16(&mut units).iter().copied();
    let escapes = [
        escaped(text, bytes, percent),
        escaped(text, units, unicode),
        letter(text, c),
    ];
    escapes.into_iter().flatten().for_each(&mut found);
    // Each time that one stands in another, it grows.
    let nested: &[&str] = match c {
        '%' => &["%2525"],
        '\\' => &[r"\\", r"\\\\", r"\\\\\\\\"],
        _ => &[],
    };
    let nested = nested.iter().filter(|nested| text.starts_with(**nested));
    nested.map(|nested| nested.len()).for_each(found);
}

/// Whether one character is written for another: `+` for a space by forms, and a space for `+` by who reads as
/// a form what is none.
fn is_alias(c: char, other: char) -> bool {
    matches!((c, other), (' ', '+') | ('+', ' '))
}

/// How long the short escape of this character is (RFC 8259 §7), however often it was escaped again.
fn letter(text: &str, c: char) -> Option<usize> {
    let letter = match c {
        '"' | '/' => c,
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => return None,
    };
    let marked = slashed(text)?;
    let length = text.len() - marked.len() + 1;
    marked.starts_with(letter).then_some(length)
}

/// What follows a few backslashes.
fn slashed(text: &str) -> Option<&str> {
    let count = text
        .bytes()
        .take(MOST_SLASHES)
        .take_while(|byte| *byte == b'\\')
        .count();
    (count > 0).then(|| &text[count..])
}

/// How long these numbers are at the start of the text, each in this escape.
fn escaped(
    text: &str,
    numbers: impl Iterator<Item = u16>,
    escape: impl Fn(&str, u16) -> Option<&str>,
) -> Option<usize> {
    let mut rest = text;
    for number in numbers {
        rest = escape(rest, number)?;
    }
    Some(text.len() - rest.len())
}

/// What follows `%` and this number, where the mark may itself be written so: `%2525` is a `%` too.
fn percent(text: &str, number: u16) -> Option<&str> {
    let mut rest = text.strip_prefix('%')?;
    loop {
        match (hexadecimal(rest, 2, number), rest.strip_prefix("25")) {
            (Some(rest), _) => return Some(rest),
            (None, Some(inner)) => rest = inner,
            (None, None) => return None,
        }
    }
}

/// What follows `\u` and this number, however often the mark was escaped again.
fn unicode(text: &str, number: u16) -> Option<&str> {
    hexadecimal(slashed(text)?.strip_prefix('u')?, 4, number)
}

fn hexadecimal(text: &str, digits: usize, number: u16) -> Option<&str> {
    let found = text.get(..digits)?;
    let is_it = found.bytes().all(|byte| byte.is_ascii_hexdigit())
        && u16::from_str_radix(found, 16) == Ok(number);
    is_it.then(|| &text[digits..])
}

/// Fewer characters than a secret has, and more than agree by chance.
const ENOUGH: usize = 15;
const SHORT: usize = 4;
const READINGS: usize = 4;

/// JSON in JSON in JSON.
const MOST_SLASHES: usize = 8;

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
            assert!(!without(&echo, &[&secret], 99).contains(['\\', '%']));
        }
    }

    #[test]
    fn of_the_readings_of_backslashes_the_shortest_and_the_longest_are_tried() {
        let secret = "\\".repeat(10) + "x";
        for times in [1, 8] {
            let echo = "\\".repeat(10 * times) + "x";
            assert_eq!(without(&echo, &[&secret], 99), "[redacted]", "{times}");
        }
    }

    #[test]
    fn the_letter_of_an_escape_is_not_the_escape() {
        assert_eq!(without("abncd", &["ab\ncd"], 9), "abncd");
    }

    #[test]
    fn what_is_escaped_twice_is_found() {
        let secret = "p\"l\\a%n/t\n";
        for echo in [
            r#"p\\"l\\\\a%n\\/t\\n"#,
            r#"p\\\"l\\\\a%n/t\\n"#,
            r"p\\u0022l\\\\a%n/t\\u000a",
            "p%2522l%255Ca%2525n%252Ft%250A",
            "p%252522l%25255Ca%2525n%25252ft%25250a",
        ] {
            assert_eq!(without(echo, &[secret], 9), "[redacted]", "{echo}");
        }
    }

    #[test]
    fn a_space_and_a_plus_may_stand_for_each_other() {
        assert_eq!(without("a b/c", &["a+b/c"], 9), "[redacted]");
        assert_eq!(without("a+b/c", &["a b/c"], 9), "[redacted]");
    }

    #[test]
    fn most_of_a_secret_goes_too() {
        let secret = "0123456789abcdefghijkl";
        assert_eq!(without("a 0123456789abcdefg", &[secret], 9), "a [redacted]");
        assert_eq!(without("0123456789abcdef%", &[secret], 9), "[redacted]%");
        assert_eq!(without("0123456789abcde", &[secret], 9), "0123456789abcde");
    }

    // Were each place compared with all of the secret, this would take minutes.
    #[test]
    fn a_text_that_is_all_but_the_secret_costs_little() {
        for c in ["x", "\\", "%25", "+"] {
            let (text, secret) = (c.repeat(20_000), c.repeat(10_000) + "!");
            assert!(!without(&text, &[&secret], usize::MAX).contains(c));
            let secret = c.chars().cycle().take(ENOUGH).collect::<String>() + "!";
            assert_eq!(without(&text, &[&secret], usize::MAX), text);
        }
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
