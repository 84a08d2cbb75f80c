//! The used assertions, which may not be used again.

use std::collections::HashMap;
use std::time::Duration;

use ring::digest::{SHA256, digest};

/// The ids of at most [`MAX_ENTRIES`] used assertions, each until its assertion expires.
#[derive(Default)]
pub(crate) struct UsedAssertions {
    until: HashMap<[u8; 32], Duration>,
}

impl UsedAssertions {
    /// Stores an id, and returns false if it is known already.
    pub(crate) fn insert(
        &mut self,
        client: usize,
        id: &str,
        until: Duration,
        now: Duration,
    ) -> bool {
        self.until.retain(|_, until| *until > now);
        let key = digest(&SHA256, format!("{client} {id}").as_bytes());
        let key = key.as_ref().try_into().expect("SHA-256 has 32 bytes");
        if self.until.contains_key(&key) {
            return false;
        }
        if self.until.len() == MAX_ENTRIES {
            let soonest = self.until.iter().min_by_key(|(_, until)| **until);
            let soonest = soonest.map(|(key, _)| *key);
            soonest.and_then(|key| self.until.remove(&key));
        }
        self.until.insert(key, until);
        true
    }
}

/// More than a test uses in an hour; takes 200 KiB.
const MAX_ENTRIES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn id_is_spent_once_for_each_client_until_it_expires() {
        let mut used = UsedAssertions::default();
        assert!(used.insert(0, "a", at(10), at(0)));
        assert!(!used.insert(0, "a", at(20), at(9)));
        assert!(used.insert(1, "a", at(10), at(9)));
        assert!(used.insert(0, "a", at(20), at(10)));
    }

    #[test]
    fn memory_is_bounded_and_the_id_that_expires_first_makes_room() {
        let mut used = UsedAssertions::default();
        for number in 0..=MAX_ENTRIES as u64 {
            assert!(used.insert(0, &number.to_string(), at(100 + number), at(0)));
        }
        assert_eq!(used.until.len(), MAX_ENTRIES);
        assert!(!used.insert(0, "1", at(100), at(0)));
        assert!(used.insert(0, "0", at(100), at(0)));
    }
}
