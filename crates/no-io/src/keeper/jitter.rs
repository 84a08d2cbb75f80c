//! Jitter from a seed: spread among clients, repeatable in a test.

use std::time::Duration;

/// SplitMix64. Spreads points in time; nothing secret depends on it.
#[derive(Clone, Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Makes what follows depend on `entropy` too.
    pub(crate) fn mix(&mut self, entropy: u64) {
        self.0 ^= entropy.rotate_left(32);
        self.next();
    }

    /// Returns a duration from zero to `most`, each about as likely.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let fraction = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        most.mul_f64(fraction)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that other implementations of SplitMix64 have for this seed.
    #[test]
    fn seed_returns_the_same_numbers_in_all_versions() {
        let mut jitter = Jitter::new(1_234_567);
        let numbers = [(); 5].map(|()| jitter.next());
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }
}
