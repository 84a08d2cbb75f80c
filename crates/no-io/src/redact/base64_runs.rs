//! Finds and decodes base64 in a text.

use std::iter;

use crate::redact::spelling::{MIXED, classes};
use crate::secret::Wiped;

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
        let (groups, start) = (run.chunks_exact(4), out.len());
        let rest = groups.remainder();
        out.resize(start + groups.len() * 3, 0);
        for (group, bytes) in groups.zip(out[start..].chunks_exact_mut(3)) {
            bytes.copy_from_slice(&join(group).to_be_bytes()[1..]);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::spelling::classes_of_text;

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
        for (cut, expected) in [
            ("aWQ6czNjcmV0PT8", "id:s3cret=? "),
            ("aWQ6czNjcmV0PT", "id:s3cret= "),
            ("aWQ6czNjcmV0P", "id:s3cret "),
        ] {
            assert_eq!(decoded(cut, 0).as_deref(), Some(expected));
        }
        for word in ["Unauthorized", "short/Text", "client_grants", ""] {
            assert_eq!(decoded(word, 0), None, "{word}");
        }
    }

    // fault: echo-in-base64
    #[test]
    fn text_is_decoded_only_if_its_classes_say_so() {
        let (mut state, mut skipped) = (1_u64, 0);
        for _ in 0..50_000 {
            let mut text = Vec::new();
            for _ in 0..30 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                text.push(b"aaaaaaaaaaaaa/_ .A1"[(state >> 33) as usize % 19]);
            }
            if classes_of_text(&text) & MIXED == 0 {
                skipped += 1;
                assert!((0..4).all(|phase| from_base64(&text, phase, 8).is_none()));
            }
        }
        assert!(skipped > 1000, "{skipped}");
    }
}
