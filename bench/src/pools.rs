//! The longest that a call of `TokenSourcePool` takes, and so the longest that it may hold a lock.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_driver::{Endpoints, PooledSource, TokenSourcePool};
use edge_oauth_no_io::Config;

use crate::measure::{Spread, thread_time};
use crate::report::{Report, number, whole};
use crate::sample;

/// Calls of each kind in a pool at its bound.
const CALLS: usize = 2000;

/// A source that costs nothing, so that all memory and time are the pool's.
#[derive(Clone)]
struct Nothing(#[expect(dead_code, reason = "cloned and dropped as a source is")] Arc<()>);

impl PooledSource for Nothing {
    fn replace_config(&self, _: Config) {}

    fn share_endpoints(&self, _: &Endpoints) {}
}

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/pools.md"));
    let mut rows = Vec::new();
    for count in [100_000, 1_000_000] {
        for (call, micros) in calls(count) {
            let longest = micros.iter().copied().fold(0.0, f64::max);
            let spread = Spread::from_samples(micros);
            rows.push(vec![
                format!("{call}, {count} sources"),
                number(spread.median),
                whole(longest),
            ]);
            report.at_most(
                format!("{call}, {count} sources: longest, µs"),
                50.0,
                longest,
                None,
            );
        }
    }
    report.table(&["call", "CPU µs, median", "CPU µs, longest"], &rows);
    report.verdicts();
}

/// Returns the microseconds of the calls in a pool of so many sources.
fn calls(count: usize) -> [(&'static str, Vec<f64>); 4] {
    let pool = TokenSourcePool::new(count.try_into().expect("there is one at least"));
    let insert = |config: Config| {
        let source = Nothing(Arc::new(()));
        timed(|| drop(pool.get_or_insert(config, |_| source)))
    };
    let fill = (0..count).map(|number| insert(config(number))).collect();
    let evict = (count..count + CALLS)
        .map(|number| insert(config(number)))
        .collect();
    // The newest are there, whichever was evicted.
    let newest: Vec<_> = (count..count + CALLS).map(config).collect();
    let look = newest
        .iter()
        .map(|config| timed(|| drop(black_box(pool.get(config.cache_key())))))
        .collect();
    let remove = newest
        .iter()
        .map(|config| timed(|| drop(black_box(pool.remove(config.cache_key())))))
        .collect();
    [
        ("`get_or_insert` while it fills", fill),
        ("`get_or_insert` at the bound, which evicts", evict),
        ("`get`", look),
        ("`remove`", remove),
    ]
}

/// Returns the microseconds of this thread: another program that has the processor does not count.
fn timed(call: impl FnOnce()) -> f64 {
    let start = thread_time();
    call();
    let took: Duration = thread_time() - start;
    took.as_nanos() as f64 / 1e3
}

fn config(number: usize) -> Config {
    let builder = sample::config(sample::ENDPOINT).to_builder();
    builder
        .scope(&format!("tenant:{number}"))
        .build()
        .expect("it is valid")
}
