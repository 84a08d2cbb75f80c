//! Entries and leases as bytes.
//!
//! ```text
//! ID.token   sealed response │ number 8 │ expires 8
//! ID.lease   number 8 │ began 8 │ ends 8 │ flags 1 │ sealed error response
//! ```
//!
//! Times are in microseconds since the Unix epoch.

use std::time::Duration;

use edge_oauth_no_io::{StoreEntry, StoreLease};

pub(super) fn entry_to_bytes(entry: &StoreEntry<Vec<u8>>) -> Vec<u8> {
    let sealed = entry.response.as_deref().unwrap_or_default();
    [
        sealed,
        &entry.number.to_be_bytes(),
        &micros(entry.expires).to_be_bytes(),
    ]
    .concat()
}

/// Returns the entry; `None` if no store wrote these bytes.
pub(super) fn entry_from_bytes(bytes: &[u8]) -> Option<StoreEntry<Vec<u8>>> {
    let (rest, expires) = bytes.split_last_chunk()?;
    let (sealed, number) = rest.split_last_chunk()?;
    Some(StoreEntry {
        number: number_from(*number)?,
        response: Some(sealed.to_vec()),
        expires: time_from(*expires),
    })
}

pub(super) fn lease_to_bytes(lease: &StoreLease<Vec<u8>>, has_holder: bool) -> Vec<u8> {
    let error_response = lease.error_response.as_deref();
    let flags = if has_holder { HAS_HOLDER } else { 0 }
        | if error_response.is_some() {
            HAS_ERROR
        } else {
            0
        };
    [
        &lease.number.to_be_bytes()[..],
        &micros(lease.began).to_be_bytes(),
        &micros(lease.ends).to_be_bytes(),
        &[flags],
        error_response.unwrap_or_default(),
    ]
    .concat()
}

/// Returns the lease, and whether its holder has a lock; `None` if no store wrote these bytes.
pub(super) fn lease_from_bytes(bytes: &[u8]) -> Option<(StoreLease<Vec<u8>>, bool)> {
    let (number, rest) = bytes.split_first_chunk()?;
    let (began, rest) = rest.split_first_chunk()?;
    let (ends, rest) = rest.split_first_chunk()?;
    let (flags, error_response) = rest.split_first()?;
    let lease = StoreLease {
        number: number_from(*number)?,
        began: time_from(*began),
        ends: time_from(*ends),
        error_response: (flags & HAS_ERROR != 0).then(|| error_response.to_vec()),
    };
    Some((lease, flags & HAS_HOLDER != 0))
}

/// A number near the end of the range would leave none for the entries to come.
fn number_from(bytes: [u8; 8]) -> Option<u64> {
    let number = u64::from_be_bytes(bytes);
    (number < NUMBER_LIMIT).then_some(number)
}

fn time_from(bytes: [u8; 8]) -> Duration {
    Duration::from_micros(u64::from_be_bytes(bytes))
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

const NUMBER_LIMIT: u64 = 1 << 53;
const HAS_HOLDER: u8 = 1;
const HAS_ERROR: u8 = 2;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn records_are_read_as_written(
            number in 0..NUMBER_LIMIT, times in any::<(u64, u64)>(), bytes in any::<Vec<u8>>(), flags in any::<(bool, bool)>()
        ) {
            let (began, ends) = (Duration::from_micros(times.0), Duration::from_micros(times.1));
            let entry = StoreEntry { number, response: Some(bytes.clone()), expires: ends };
            prop_assert_eq!(entry_from_bytes(&entry_to_bytes(&entry)), Some(entry));
            let error_response = flags.1.then_some(bytes);
            let lease = StoreLease { number, began, ends, error_response };
            prop_assert_eq!(lease_from_bytes(&lease_to_bytes(&lease, flags.0)), Some((lease, flags.0)));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in any::<Vec<u8>>()) {
            let _ = entry_from_bytes(&bytes);
            let _ = lease_from_bytes(&bytes);
        }
    }

    #[test]
    fn number_without_a_successor_is_no_entry() {
        for number in [NUMBER_LIMIT, u64::MAX] {
            let entry = StoreEntry {
                number,
                response: Some(Vec::new()),
                expires: Duration::MAX,
            };
            assert_eq!(entry_from_bytes(&entry_to_bytes(&entry)), None);
        }
    }
}
