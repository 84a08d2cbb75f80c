//! The runs of eight characters that texts have in common.

use zeroize::Zeroizing;

/// So many characters in a row are in two texts not by chance.
pub(super) const WINDOW: usize = 8;

/// All windows of some texts, compared without case.
///
/// In one buffer, whose size follows that of the texts: a bit for each pair of neighbours in the texts, a bit for some
/// windows together, so that most other windows are not looked up at all, and the windows in order.
pub(super) struct Windows {
    words: Zeroizing<Vec<u64>>,
    pairs: usize,
    some: usize,
}

impl Windows {
    pub(super) fn of<'t>(texts: impl IntoIterator<Item = &'t [u8], IntoIter: Clone>) -> Self {
        let texts = texts.into_iter();
        let starts = texts.clone().flat_map(|text| text.windows(WINDOW));
        let starts = starts.filter_map(|window| window.first_chunk());
        // Counted first, since a buffer that grows leaves a copy behind.
        let count = starts.clone().count();
        // At least sixteen bits for each window.
        let words = count.div_ceil(4).next_power_of_two();
        let (pairs, some) = (words.clamp(2, 64), words.clamp(2, 256));
        let mut words = Zeroizing::new(Vec::with_capacity(pairs + some + count));
        words.resize(pairs + some, 0);
        let mut bits = Bits::new(&mut words[..pairs]);
        for pair in texts.flat_map(|text| text.windows(2)) {
            bits.set(u64::from(u16::from_le_bytes([
                pair[0] | CASE,
                pair[1] | CASE,
            ])));
        }
        let mut bits = Bits::new(&mut words[pairs..]);
        starts.clone().for_each(|window| bits.set(folded(window)));
        words.extend(starts.map(folded));
        words[pairs + some..].sort_unstable();
        Self { words, pairs, some }
    }

    /// Looks from the end of each window, as Boyer and Moore do: a pair of characters that is not in the texts rules
    /// out all windows that contain it.
    pub(super) fn has_one_of(&self, text: &[u8]) -> bool {
        let (pairs, rest) = self.words.split_at(self.pairs);
        let (some, sorted) = rest.split_at(self.some);
        let (pairs, some) = (Bits::new(pairs), Bits::new(some));
        let mut rest = text;
        while let Some(window) = rest.first_chunk() {
            let window = folded(window);
            let step = match window {
                _ if !pairs.has(window >> 48) => 7,
                _ if !pairs.has(window >> 32 & 0xffff) => 5,
                _ if !some.has(window) => 1,
                _ if sorted.binary_search(&window).is_ok() => return true,
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
struct Bits<W> {
    words: W,
    shift: u32,
}

impl<W: AsRef<[u64]>> Bits<W> {
    /// The number of words is a power of two, and not one.
    fn new(words: W) -> Self {
        let shift = 58 - words.as_ref().len().ilog2();
        Self { words, shift }
    }

    #[inline]
    fn bit(&self, number: u64) -> usize {
        (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    #[inline]
    fn has(&self, number: u64) -> bool {
        let bit = self.bit(number);
        self.words.as_ref()[bit / 64] >> (bit % 64) & 1 == 1
    }
}

impl Bits<&mut [u64]> {
    fn set(&mut self, number: u64) {
        let bit = self.bit(number);
        self.words[bit / 64] |= 1 << (bit % 64);
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
