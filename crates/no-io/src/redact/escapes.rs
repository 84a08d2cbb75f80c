//! Escapes of URLs, JSON and HTML, decoded at the end of a text that grows.

/// Adds a byte. If it ends an escape, the escape goes, and the byte that it stands for is returned.
pub(super) fn push(out: &mut Vec<u8>, byte: u8) -> Option<u8> {
    let last = out.last().copied();
    let is_escaped = matches!(last, Some(b'\\' | DECODED));
    match byte {
        b'\\' if last == Some(b'\\') => return None,
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

/// A backslash that an escape stood for. It is none of UTF-8's bytes. Backslashes in a row count as one, since each level
/// of escapes doubles them; this one begins an escape of another level than a backslash beside it.
pub(super) const DECODED: u8 = 0xf8;
/// In bytes. Other escapes are shorter.
pub(super) const LONGEST_ENTITY: usize = 10;

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
const NONE: u8 = u8::MAX;
