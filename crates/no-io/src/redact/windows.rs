//! The runs of eight characters that texts have in common.

use zeroize::Zeroizing;

/// So many characters in a row are in two texts not by chance.
pub(super) const WINDOW: usize = 8;

/// The pairs of neighbours in some texts, compared without case: a bit for each, of at least sixteen for each window.
pub(super) struct Pairs(Zeroizing<Box<[u64]>>);

impl Pairs {
    fn of<'t>(texts: impl Iterator<Item = &'t [u8]>, size: usize) -> Self {
        let mut words = Zeroizing::new(vec![0; size.clamp(2, 64)].into_boxed_slice());
        let mut bits = Bits::new(&mut words[..]);
        for pair in texts.flat_map(|text| text.windows(2)) {
            bits.set(u64::from(u16::from_le_bytes([
                pair[0] | CASE,
                pair[1] | CASE,
            ])));
        }
        Self(words)
    }

    /// Cheap pre-check: returns false if `text` has no window in common with the texts.
    #[inline]
    pub(super) fn may_have_one_of(&self, text: &[u8]) -> bool {
        self.has(text, |pairs, window| {
            pairs.has(window >> 16 & 0xffff) && pairs.has(window & 0xffff)
        })
    }

    /// Looks from the end of each window, as Boyer and Moore do: a pair of characters that is not in the texts rules
    /// out all windows that contain it. Returns whether `is_it` accepts one of the others.
    #[inline]
    fn has(&self, text: &[u8], is_it: impl Fn(&Bits<&[u64]>, u64) -> bool) -> bool {
        let pairs = Bits::new(&self.0[..]);
        let mut rest = text;
        while let Some(window) = rest.first_chunk() {
            let window = folded(window);
            let step = match window {
                _ if !pairs.has(window >> 48) => 7,
                _ if !pairs.has(window >> 32 & 0xffff) => 5,
                _ if is_it(&pairs, window) => return true,
                _ => 1,
            };
            rest = &rest[step..];
        }
        false
    }
}

/// All windows of some texts, compared without case.
pub(super) struct Windows {
    pub(super) pairs: Pairs,
    /// A bit for some windows together, so that most other windows are not looked up at all, and then the windows in
    /// order.
    words: Zeroizing<Vec<u64>>,
    some: usize,
}

impl Windows {
    pub(super) fn of<'t>(texts: impl IntoIterator<Item = &'t [u8], IntoIter: Clone>) -> Self {
        let texts = texts.into_iter();
        let starts = texts.clone().flat_map(|text| text.windows(WINDOW));
        let starts = starts.filter_map(|window| window.first_chunk());
        // Counted first, since a buffer that grows leaves a copy behind.
        let count = starts.clone().count();
        let size = count.div_ceil(4).next_power_of_two();
        let some = size.clamp(2, 256);
        let mut words = Zeroizing::new(Vec::with_capacity(some + count));
        words.resize(some, 0);
        let mut bits = Bits::new(&mut words[..]);
        starts.clone().for_each(|window| bits.set(folded(window)));
        words.extend(starts.map(folded));
        words[some..].sort_unstable();
        let pairs = Pairs::of(texts, size);
        Self { pairs, words, some }
    }

    pub(super) fn has_one_of(&self, text: &[u8]) -> bool {
        let (some, sorted) = self.words.split_at(self.some);
        let some = Bits::new(some);
        self.pairs.has(text, |_, window| {
            some.has(window) && sorted.binary_search(&window).is_ok()
        })
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
    fn pairs_rule_out_no_window_that_is_there() {
        let text = "Zo5_U2v9-qkBq0Wm6mJm1vZk";
        let pairs = Windows::of([text.as_bytes()]).pairs;
        for start in 0..=text.len() - WINDOW {
            let text = format!("no such text {} here", &text[start..start + WINDOW]);
            assert!(pairs.may_have_one_of(text.as_bytes()), "{text}");
        }
        assert!(!pairs.may_have_one_of(b"a text that has nothing to do with it"));
    }

    #[test]
    fn text_shorter_than_a_window_has_none() {
        assert!(!Windows::of([b"0123456".as_slice()]).has_one_of(b"01234567"));
        assert!(!Windows::of([]).has_one_of(b"01234567"));
    }
}
