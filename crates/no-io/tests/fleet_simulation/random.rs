//! Random numbers from a seed.

use crate::Time;

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x5DEE_CE66_D1CE_4E5B)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        let (one, other) = (self.next().to_be_bytes(), self.next().to_be_bytes());
        std::array::from_fn(|at| if at < 8 { one[at] } else { other[at - 8] })
    }

    /// Returns a number from `from` on, below `to`.
    pub(crate) fn between(&mut self, from: Time, to: Time) -> Time {
        from + self.next() % (to - from)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.next() % 100 < chance
    }
}
