//! The floor, which is the least work of any library, and the controls, which contend.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use edge_oauth_driver::system_time;
use edge_oauth_no_io::Moment;
use http::HeaderValue;

use crate::case::Run;
use crate::sample;

struct Kept {
    generation: u64,
    until: Moment,
    value: HeaderValue,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// Reads both clocks, since either may say that a token is expired, and clones a value that no other thread uses.
pub(crate) fn per_thread() -> Run {
    let generation = Arc::new(AtomicU64::new(1));
    let until = system_time().after(Duration::from_secs(3600));
    Arc::new(move |times| {
        for _ in 0..times {
            let now = system_time();
            let current = generation.load(Ordering::Acquire);
            let value = KEPT.with_borrow_mut(|kept| match kept {
                Some(kept) if kept.generation == current && !now.has_reached(kept.until) => {
                    kept.value.clone()
                }
                _ => {
                    let value = value();
                    *kept = Some(Kept {
                        generation: current,
                        until,
                        value: value.clone(),
                    });
                    value
                }
            });
            black_box(value);
        }
    })
}

/// Clones one value that all threads share, with one reference count.
pub(crate) fn arc_swap() -> Run {
    let until = system_time().after(Duration::from_secs(3600));
    let shared = ArcSwap::from_pointee((value(), until));
    Arc::new(move |times| {
        for _ in 0..times {
            let now = system_time();
            let shared = shared.load();
            if !now.has_reached(shared.1) {
                black_box(shared.0.clone());
            }
        }
    })
}

/// Clones one value that all threads share, under a lock.
pub(crate) fn mutex() -> Run {
    let until = system_time().after(Duration::from_secs(3600));
    let shared = Mutex::new((value(), until));
    Arc::new(move |times| {
        for _ in 0..times {
            let now = system_time();
            let shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if !now.has_reached(shared.1) {
                let value = shared.0.clone();
                drop(shared);
                black_box(value);
            }
        }
    })
}

fn value() -> HeaderValue {
    let bytes = format!("Bearer {}", sample::token()).into_bytes();
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from_owner(bytes)).expect("it is printable");
    value.set_sensitive(true);
    value
}
