//! Random numbers without a crate: the keys of the standard hash maps are random, and there is one pair per call.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sync::random;

/// Returns a number that spreads what depends on it. It is not for keys.
pub(crate) fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    random(|| {
        // The process and the count keep the two sides of a `fork` and the calls of one thread apart.
        let count = NEXT.fetch_add(1, Ordering::Relaxed);
        RandomState::new().hash_one((process(), mixed(), count))
    })
}

/// Returns 16 bytes that are never repeated, for the `jti` of an assertion.
pub(crate) fn unique() -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number().to_le_bytes());
    bytes[8..].copy_from_slice(&number().to_le_bytes());
    bytes
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) use browser::{mix, mixed, process};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use system::{mixed, process};

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod system {
    /// Returns the number of the process, which a `fork` changes.
    pub(crate) fn process() -> u32 {
        std::process::id()
    }

    /// Returns nothing: the keys of the hash maps are random.
    pub(crate) fn mixed() {}
}

/// In a browser the keys of the hash maps are always the same, and there are no processes.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod browser {
    use std::sync::{Mutex, PoisonError};

    static MIXED: Mutex<[u8; 16]> = Mutex::new([0; 16]);

    pub(crate) fn process() -> u32 {
        0
    }

    /// Makes the numbers from now on depend on these random bits.
    pub(crate) fn mix(random: [u8; 16]) {
        let mut mixed = MIXED.lock().unwrap_or_else(PoisonError::into_inner);
        mixed
            .iter_mut()
            .zip(random)
            .for_each(|(mixed, random)| *mixed ^= random);
    }

    /// Returns all random bits so far.
    pub(crate) fn mixed() -> [u8; 16] {
        *MIXED.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn process_is_told_by_its_number() {
        assert_eq!(process(), std::process::id());
    }

    #[test]
    fn million_values_are_all_different() {
        let values: HashSet<_> = (0..1_000_000).map(|_| unique()).collect();
        assert_eq!(values.len(), 1_000_000);
    }
}
