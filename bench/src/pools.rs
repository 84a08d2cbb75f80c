//! The time of calls of `TokenSourcePool`, and so the longest that it holds a lock.

use std::array;
use std::hint::black_box;
use std::sync::Arc;

use edge_oauth_driver::{Endpoints, PooledSource, TokenSourcePool};
use edge_oauth_no_io::Config;

use crate::measure::thread_time;
use crate::report::{Report, number, whole};
use crate::sample;

/// Calls of each kind in a pool at its bound.
const CALLS: usize = 10_000;

/// Pools of each size, one after the other.
const POOLS: usize = 5;

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
        // They outlive the pools: the end of a configuration is the allocator's time, beside the lock.
        let configs: Vec<_> = (0..count + CALLS).map(config).collect();
        let mut least = [[f64::MAX; 3]; NAMES.len()];
        for _ in 0..POOLS {
            for (least, micros) in least.iter_mut().zip(calls(&configs)) {
                let spread = spread(micros);
                *least = array::from_fn(|column| f64::min(least[column], spread[column]));
            }
        }
        for (name, [median, most, longest]) in NAMES.into_iter().zip(least) {
            let call = format!("{name}, {count} sources");
            if name != CONTROL {
                report.at_most(format!("{call}: longest, µs"), 50.0, longest, None);
            }
            rows.push(vec![call, number(median), number(most), whole(longest)]);
        }
    }
    report.table(
        &[
            "call",
            "CPU µs, median",
            "CPU µs, all but 0.1 %",
            "CPU µs, longest",
        ],
        &rows,
    );
    report.verdicts();
}

const CONTROL: &str = "control: a loop without a lock";

const NAMES: [&str; 5] = [
    "`get_or_insert` while it fills",
    "`get_or_insert` at the bound, which evicts",
    "`get`",
    "`remove`",
    CONTROL,
];

/// Returns the microseconds of the calls in a pool. All but the last `CALLS` configurations fill it.
fn calls(configs: &[Config]) -> [Vec<f64>; NAMES.len()] {
    let (first, newest) = configs.split_at(configs.len() - CALLS);
    let pool = TokenSourcePool::new(first.len().try_into().expect("there is one at least"));
    let insert = |config: &Config| {
        let (config, source) = (config.clone(), Nothing(Arc::new(())));
        timed(|| pool.get_or_insert(config, |_| source))
    };
    // The newest are there, whichever was evicted.
    let get = |config: &Config| timed(|| pool.get(config.cache_key()));
    let remove = |config: &Config| timed(|| pool.remove(config.cache_key()));
    [
        first.iter().map(insert).collect(),
        newest.iter().map(insert).collect(),
        newest.iter().map(get).collect(),
        newest.iter().map(remove).collect(),
        first.iter().map(|_| timed(count_up)).collect(),
    ]
}

/// Returns the median, the longest but one in a thousand, and the longest.
fn spread(mut micros: Vec<f64>) -> [f64; 3] {
    micros.sort_by(f64::total_cmp);
    let last = micros.len() - 1;
    [last / 2, last - micros.len() / 1000, last].map(|place| micros[place])
}

/// Takes about as long as a call.
fn count_up() -> u64 {
    (0..500).fold(0, |sum, number| black_box(sum + number))
}

/// Returns the microseconds of this thread: another program that has the processor does not count, and neither does the end
/// of a result, which is beside the lock.
fn timed<R>(call: impl FnOnce() -> R) -> f64 {
    let start = thread_time();
    let result = call();
    let took = thread_time() - start;
    black_box(result);
    took.as_nanos() as f64 / 1e3
}

fn config(number: usize) -> Config {
    let builder = sample::config(sample::ENDPOINT).to_builder();
    builder
        .scope(&format!("tenant:{number}"))
        .build()
        .expect("it is valid")
}
