//! Generates ids and keys, the same sequence for the same seed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

/// Derives one value after the other: the HMAC under the seed of the purpose and a counter.
pub(crate) struct Generator {
    key: hmac::Key,
    purpose: &'static str,
    count: u64,
}

impl Generator {
    /// Two generators of one seed with different purposes produce unrelated values.
    pub(crate) fn new(seed: u64, purpose: &'static str) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes()),
            purpose,
            count: 0,
        }
    }

    /// Returns an id of 32 digits, grouped as a UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let digits = hex(&self.next().as_ref()[..16]);
        let [a, b, c, d, e] = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
        format!("{a}-{b}-{c}-{d}-{e}")
    }

    /// Returns 43 characters that cannot be guessed without the seed.
    pub(crate) fn key(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.next())
    }

    fn next(&mut self) -> hmac::Tag {
        self.count += 1;
        let message = format!("{} {}", self.purpose, self.count);
        hmac::sign(&self.key, message.as_bytes())
    }
}

/// Returns lower-case hexadecimal digits, two for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seed_purpose_and_number_make_a_difference() {
        let first = |seed, purpose| Generator::new(seed, purpose).key();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert_ne!(first(1, "a"), first(2, "a"));
        assert_ne!(first(1, "a"), first(1, "b"));
        let mut generator = Generator::new(1, "a");
        assert_ne!(generator.key(), generator.key());
        assert_eq!(generator.key().len(), 43);
    }

    #[test]
    fn an_id_has_the_groups_of_a_uuid() {
        let id = Generator::new(1, "a").uuid();
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
    }
}
