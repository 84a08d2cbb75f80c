//! A quota header is read as far as it can be, and is read the same after it was written again.

use std::time::Duration;

use edge_oauth_no_io::{MAX_WAIT, Quota, RateLimits};
use http::{HeaderMap, HeaderValue};

/// Reads the bytes as the value of both quota headers.
pub fn quota(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let limits = read(&value);
    assert_eq!(limits.client_quotas, limits.organization_quotas);
    assert!(limits.client_quotas.len() <= 8, "P23: too many buckets");
    for quota in &limits.client_quotas {
        assert!(quota.bucket.len() <= 35, "P23: {:?}", quota.bucket);
        assert!(!quota.bucket.contains(char::is_control), "P23");
    }
    let is_used_up = |quota: &Quota| {
        quota.remaining == Some(0) && quota.reset.is_some_and(|reset| reset <= MAX_WAIT)
    };
    match limits.earliest() {
        Some(earliest) => {
            let longest = limits
                .client_quotas
                .iter()
                .filter(|quota| is_used_up(quota));
            let longest = longest.filter_map(|quota| quota.reset).max();
            let wait = earliest.wait(Duration::ZERO);
            assert_eq!(Some(wait), longest);
        }
        None => assert!(!limits.client_quotas.iter().any(is_used_up)),
    }

    let written = limits.client_quotas.iter().map(write).collect::<Vec<_>>();
    let again = HeaderValue::from_str(&written.join(",")).expect("printable text");
    assert_eq!(read(&again).client_quotas, limits.client_quotas);
}

fn read(value: &HeaderValue) -> RateLimits {
    let mut headers = HeaderMap::new();
    for name in ["auth0-client-quota-limit", "auth0-organization-quota-limit"] {
        headers.insert(name, value.clone());
    }
    RateLimits::read(&headers)
}

fn write(quota: &Quota) -> String {
    let item = |name, number: Option<u64>| {
        number.map_or(String::new(), |number| format!(";{name}={number}"))
    };
    let reset = quota.reset.map(|reset| reset.as_secs());
    ["b=", &quota.bucket].concat()
        + &item("q", quota.quota)
        + &item("r", quota.remaining)
        + &item("t", reset)
}
