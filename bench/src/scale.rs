//! Cost by the number of callers and of configurations, and a fleet's refreshes over a day.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hint::black_box;
use std::time::{Duration, Instant};

use edge_oauth_driver::{TokenSourcePool, blocking};
use edge_oauth_no_io::{Completion, Config, Keeper, Moment, Policy, SecretBytes, Step};
use http::Response;
use tokio::runtime::Builder;

use crate::cached::ours::{Bare, Canned};
use crate::measure::cpu_time;
use crate::report::{Report, number, whole};
use crate::sample;

type Source = blocking::TokenSource;

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/scale.md"));
    let rows = configurations();
    let cells = rows.iter().map(|row| {
        vec![
            row.count.to_string(),
            number(row.lookup / row.hash_map),
            whole(row.memory),
            whole(row.lookup),
            whole(row.hash_map),
            whole(row.refreshes),
        ]
    });
    report.table(
        &[
            "configurations",
            "lookup, ratio",
            "bytes each",
            "lookup ns",
            "`HashMap` ns",
            "requests an hour",
        ],
        &cells.collect::<Vec<_>>(),
    );
    let last = &rows[rows.len() - 1];
    report.at_most(
        format!("{} idle sources: bytes each", last.count),
        2560.0,
        last.memory,
        None,
    );
    let ratio = rows
        .iter()
        .map(|row| row.lookup / row.hash_map)
        .fold(0.0, f64::max);
    report.at_most("lookup to a `HashMap`, the highest ratio", 2.0, ratio, None);
    report.verdicts();

    report.text(include_str!("text/tasks.md"));
    let tasks = tasks();
    let cells = tasks
        .iter()
        .map(|(count, cost)| vec![count.to_string(), number(cost / tasks[0].1), whole(*cost)]);
    report.table(
        &["tasks", "CPU, ratio to one", "CPU ns per call"],
        &cells.collect::<Vec<_>>(),
    );

    report.text(include_str!("text/fleet.md"));
    let fleets = [900, 3600, 86_400].map(fleet);
    let cells = fleets.iter().map(|fleet| {
        let mut cells = vec![
            fleet.life.to_string(),
            number(fleet.mean),
            fleet.window.to_string(),
        ];
        cells.extend(fleet.busiest.map(|(_, busiest)| number(busiest)));
        cells
    });
    report.table(
        &[
            "lifetime, s",
            "mean a second",
            "window, s",
            "all day",
            "from hour 1",
            "from hour 6",
            "from hour 23",
        ],
        &cells.collect::<Vec<_>>(),
    );
    for fleet in &fleets[..2] {
        report.at_most(
            format!("lifetime of {} s: busiest window to the mean", fleet.life),
            2.5,
            fleet.busiest[0].1,
            None,
        );
    }
    report.verdicts();
}

struct Configurations {
    count: usize,
    /// Bytes of each source with a cached token, without the bytes of the token.
    memory: f64,
    /// In nanoseconds.
    lookup: f64,
    hash_map: f64,
    /// Token requests in an hour.
    refreshes: f64,
}

fn configurations() -> Vec<Configurations> {
    [1, 10, 100, 1000, 10_000, 100_000].map(of_so_many).into()
}

fn of_so_many(count: usize) -> Configurations {
    let configs: Vec<Config> = (0..count)
        .map(|i| {
            sample::config(sample::ENDPOINT)
                .to_builder()
                .scope(&format!("tenant:{i}"))
                .build()
                .expect("it is valid")
        })
        .collect();
    let mut made = Vec::with_capacity(count);
    let info = allocation_counter::measure(|| {
        for config in &configs {
            // Each source has its own configuration, as if a caller had read it.
            let config = config
                .clone()
                .to_builder()
                .body_format(Default::default())
                .build()
                .unwrap();
            let source = Source::new(Canned, config);
            source.token().expect("the response is a token");
            made.push(source);
        }
    });
    let memory = info.bytes_current as f64 / count as f64 - sample::token().len() as f64;

    let sources = TokenSourcePool::new(count.try_into().expect("there is one at least"));
    let mut map = HashMap::new();
    for (config, source) in configs.iter().zip(made) {
        map.insert(config.cache_key(), source.clone());
        sources.get_or_insert(config.clone(), |_| source);
    }
    let rounds = (200_000 / count).max(2);
    let lookup = best(rounds, &configs, |config| {
        black_box(sources.get(config.cache_key()));
    });
    let hash_map = best(rounds, &configs, |config| {
        black_box(map.get(&config.cache_key()).cloned());
    });
    Configurations {
        count,
        memory,
        lookup,
        hash_map,
        refreshes: count as f64 * 3600.0 / (900.0 * 0.82),
    }
}

/// Returns the minimum nanoseconds of a lookup over many rounds. Each round reads all configurations in a scattered order.
fn best(rounds: usize, configs: &[Config], look: impl Fn(&Config)) -> f64 {
    let step = (configs.len() * 7 / 11) | 1;
    let mut best = f64::INFINITY;
    for _ in 0..rounds.min(50) {
        let start = Instant::now();
        let mut at = 0;
        let times = configs.len().max(1000);
        for _ in 0..times {
            look(&configs[at]);
            at = (at + step) % configs.len();
        }
        best = best.min(start.elapsed().as_nanos() as f64 / times as f64);
    }
    best
}

/// Returns the nanoseconds of processor time of each call, by `count` tasks on one source.
fn tasks() -> Vec<(usize, f64)> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime of two threads");
    let source = edge_oauth_driver::nonblocking::TokenSource::<Bare>::new(
        Canned,
        sample::config(sample::ENDPOINT),
    );
    [1, 10, 100, 1000, 10_000]
        .map(|count| {
            let calls = 2_000_000 / count;
            let mut samples: Vec<f64> = (0..7)
                .map(|_| {
                    runtime.block_on(async {
                        let start = cpu_time();
                        let tasks: Vec<_> = (0..count)
                            .map(|_| {
                                let source = source.clone();
                                tokio::spawn(async move {
                                    for call in 0..calls {
                                        black_box(source.authorization().await.is_ok());
                                        if call % 100 == 99 {
                                            tokio::task::yield_now().await;
                                        }
                                    }
                                })
                            })
                            .collect();
                        for task in tasks {
                            task.await.expect("a caller does not panic");
                        }
                        (cpu_time() - start).as_nanos() as f64 / (calls * count) as f64
                    })
                })
                .collect();
            samples.sort_by(f64::total_cmp);
            (count, samples[samples.len() / 2])
        })
        .into()
}

struct Fleet {
    life: u64,
    /// Mean refreshes in a second, over the day.
    mean: f64,
    /// Seconds of a window: ten, or as many as have a mean of 30 refreshes.
    window: usize,
    /// The refreshes in the busiest window, as a multiple of the mean, from each of these hours on.
    busiest: [(usize, f64); 4],
}

/// Simulates a day of ten thousand keepers that start in one second.
fn fleet(life: u64) -> Fleet {
    let moment = |millis: u64| Moment {
        monotonic: Duration::from_millis(millis),
        wall: Duration::from_millis(1_800_000_000_000 + millis),
    };
    let body = format!(r#"{{"access_token":"t","expires_in":{life}}}"#);
    let body = SecretBytes::new(body.into_bytes());
    let config = sample::config(sample::ENDPOINT);
    let mut keepers: Vec<Keeper> = (0..KEEPERS)
        .map(|seed| {
            Keeper::new(
                config.clone(),
                Policy::default(),
                seed.wrapping_mul(0x9E37_79B9),
            )
        })
        .collect();
    let mut seconds = vec![0u64; DAY as usize];
    let mut due: BinaryHeap<_> = (0..keepers.len()).map(|i| Reverse((0u64, i))).collect();
    while let Some(Reverse((at, i))) = due.pop() {
        if at >= DAY * 1000 {
            break;
        }
        let keeper = &mut keepers[i];
        if let Step::Send(mut acquisition)
        | Step::Refresh {
            mut acquisition, ..
        } = keeper.poll(moment(at))
        {
            seconds[(at / 1000) as usize] += 1;
            let _ = acquisition.poll(moment(at), [0; 16]);
            let response = Response::new(body.clone());
            acquisition.handle(Completion::Response(response), moment(at + 200));
            keeper.finish(acquisition, moment(at + 200));
        }
        let next = keeper
            .poll_timeout()
            .map_or(u64::MAX, |next| next.as_millis() as u64 + 1);
        due.push(Reverse((next.max(at + 1), i)));
    }
    // The first request is not a refresh.
    seconds[0] = 0;
    let mean = seconds.iter().sum::<u64>() as f64 / DAY as f64;
    let window = (30.0 / mean).ceil().max(10.0) as usize;
    let busiest = [0, 1, 6, 23].map(|hour| {
        let windows = seconds[hour * 3600..].windows(window);
        let most = windows
            .map(|window| window.iter().sum())
            .max()
            .unwrap_or(0u64);
        (hour, most as f64 / (mean * window as f64))
    });
    Fleet {
        life,
        mean,
        window,
        busiest,
    }
}

const KEEPERS: u64 = 10_000;
const DAY: u64 = 86_400;
