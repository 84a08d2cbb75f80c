//! The runs of eight characters that texts have in common.

use zeroize::Zeroizing;

/// So many characters in a row are in two texts not by chance.
pub(super) const WINDOW: usize = 8;

/// All windows of some texts, compared without case.
pub(super) struct Windows {
    /// A bit for each pair of neighbours in the texts.
    pairs: Bits<64>,
    /// A bit for some windows together; most other windows are not looked up at all.
    some: Bits<256>,
    sorted: Zeroizing<Vec<u64>>,
}

impl Windows {
    pub(super) fn of<'t>(texts: impl IntoIterator<Item = &'t [u8], IntoIter: Clone>) -> Self {
        let texts = texts.into_iter();
        let (mut pairs, mut some) = (Bits([0; 64]), Bits([0; 256]));
        for pair in texts.clone().flat_map(|text| text.windows(2)) {
            pairs.set(u64::from(u16::from_le_bytes([
                pair[0] | CASE,
                pair[1] | CASE,
            ])));
        }
        let starts = texts.flat_map(|text| text.windows(WINDOW));
        let starts = starts.filter_map(|window| window.first_chunk());
        // Counted first, since a buffer that grows leaves a copy behind.
        let mut sorted = Zeroizing::new(Vec::with_capacity(starts.clone().count()));
        sorted.extend(starts.map(folded));
        sorted.iter().for_each(|window| some.set(*window));
        sorted.sort_unstable();
        Self {
            pairs,
            some,
            sorted,
        }
    }

    /// Looks from the end of each window, as Boyer and Moore do: a pair of characters that is not in the texts rules
    /// out all windows that contain it.
    pub(super) fn has_one_of(&self, text: &[u8]) -> bool {
        let mut rest = text;
        while let Some(window) = rest.first_chunk() {
            let window = folded(window);
            let step = match window {
                _ if !self.pairs.has(window >> 48) => 7,
                _ if !self.pairs.has(window >> 32 & 0xffff) => 5,
                _ if !self.some.has(window) => 1,
                _ if self.sorted.binary_search(&window).is_ok() => return true,
                _ => 1,
            };
            rest = &rest[step..];
        }
        false
    }
}

fn folded(window: &[u8; WINDOW]) -> u64 {
    u64::from_le_bytes(*window) | u64::from_le_bytes([CASE; WINDOW])
}

/// A set of numbers that may have some more than were put in.
struct Bits<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Bits<WORDS> {
    fn set(&mut self, number: u64) {
        let bit = Self::bit(number);
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn has(&self, number: u64) -> bool {
        let bit = Self::bit(number);
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }

    fn bit(number: u64) -> usize {
        let bits = 64 * WORDS as u64;
        (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - bits.ilog2())) as usize
    }
}

/// The bit that tells upper from lower case in ASCII.
const CASE: u8 = 0x20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_is_found_wherever_it_begins() {
        let windows = Windows::of([b"0123456789abcdef".as_slice(), b"ABCDEFGHIJKLM"]);
        for text in ["456789ab", "CdEfGhIj"] {
            for before in 0..20 {
                let text = "7a".repeat(before) + text + "x";
                assert!(windows.has_one_of(text.as_bytes()), "{text}");
            }
        }
        for text in [
            "",
            "0123456",
            "456789a-456789ab".split_at(8).0,
            "9abcdefABC",
            "0123456A2345678",
        ] {
            assert!(!windows.has_one_of(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn text_shorter_than_a_window_has_none() {
        assert!(!Windows::of([b"0123456".as_slice()]).has_one_of(b"01234567"));
        assert!(!Windows::of([]).has_one_of(b"01234567"));
    }
}
