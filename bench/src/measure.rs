//! The three ways to measure a case: instructions, allocations and time.

use std::process::Command;
use std::sync::Arc;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, hint};

use rustix::time::{ClockId, clock_gettime};

use crate::case::{Case, Run};

/// Per call, by callgrind, of what the calling thread does. Runs this program again under valgrind.
pub(crate) fn instructions(case: &Case) -> Result<f64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--collect-atstart=no", "--toggle-collect=*measure*counted*"])
        .arg(program)
        .args(["count", case.id, &case.repeat.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, count)| count.split_whitespace().next()?.parse::<f64>().ok());
    match collected {
        Some(count) if output.status.success() && count > 0.0 => Ok(count / case.repeat as f64),
        _ => Err(format!("{}: {log}", case.id)),
    }
}

/// What callgrind counts, and nothing around it.
#[inline(never)]
pub(crate) fn counted(run: &Run, times: u64) {
    run(hint::black_box(times));
}

/// Per call, of what the calling thread does.
pub(crate) fn allocations(case: &Case) -> f64 {
    let run = (case.make)();
    run(WARM_UP);
    let info = allocation_counter::measure(|| run(case.repeat));
    info.count_total as f64 / case.repeat as f64
}

/// The least and the median.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
}

impl Spread {
    pub(crate) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self {
            least: samples[0],
            median: samples[samples.len() / 2],
        }
    }
}

/// Nanoseconds per call on one thread, the cases taking turns.
pub(crate) fn time(cases: &[&Case], rounds: usize) -> Vec<Spread> {
    concurrent(cases, 1, rounds)
        .into_iter()
        .map(|figures| figures.wall)
        .collect()
}

/// Nanoseconds per call.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    /// Of all processors together.
    pub(crate) cpu: Spread,
    /// From the first call's begin to the last one's end, divided by the number of calls.
    pub(crate) wall: Spread,
}

/// The same by so many threads at once, all on one source.
pub(crate) fn concurrent(cases: &[&Case], threads: usize, rounds: usize) -> Vec<Figures> {
    let runs: Vec<_> = cases.iter().map(|case| (case.make)()).collect();
    let times: Vec<u64> = runs
        .iter()
        .map(|run| (paced(run) / threads as u64).max(1))
        .collect();
    let mut samples = vec![(Vec::new(), Vec::new()); runs.len()];
    for round in 0..=rounds {
        for ((run, times), (cpu, wall)) in runs.iter().zip(&times).zip(&mut samples) {
            let (spent, took) = together(run, threads, *times);
            let calls = (threads as u64 * times) as f64;
            // The first round warms the threads' caches up.
            if round > 0 {
                cpu.push(spent.as_nanos() as f64 / calls);
                wall.push(took.as_nanos() as f64 / calls);
            }
        }
    }
    samples
        .into_iter()
        .map(|(cpu, wall)| Figures {
            cpu: Spread::of(cpu),
            wall: Spread::of(wall),
        })
        .collect()
}

/// As many calls as take about the time that one sample has.
fn paced(run: &Run) -> u64 {
    run(WARM_UP);
    let mut times = 1;
    loop {
        let start = Instant::now();
        run(times);
        let took = start.elapsed();
        if took > SAMPLE / 4 {
            let scale = SAMPLE.as_secs_f64() / took.as_secs_f64();
            return ((times as f64 * scale) as u64).max(1);
        }
        times *= 2;
    }
}

/// What the process's processors and the wall clock say of so many calls by each of the threads.
fn together(run: &Run, threads: usize, times: u64) -> (Duration, Duration) {
    if threads == 1 {
        let (cpu, start) = (cpu_time(), Instant::now());
        run(times);
        return (cpu_time() - cpu, start.elapsed());
    }
    let gates = Arc::new([
        Barrier::new(threads + 1),
        Barrier::new(threads + 1),
        Barrier::new(threads + 1),
    ]);
    thread::scope(|scope| {
        for _ in 0..threads {
            let gates = Arc::clone(&gates);
            scope.spawn(move || {
                run(WARM_UP);
                gates[0].wait();
                gates[1].wait();
                run(times);
                gates[2].wait();
            });
        }
        gates[0].wait();
        let (cpu, start) = (cpu_time(), Instant::now());
        gates[1].wait();
        gates[2].wait();
        (cpu_time() - cpu, start.elapsed())
    })
}

pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Enough for a thread to have what it keeps.
const WARM_UP: u64 = 16;

/// How long one sample of a case takes, about.
const SAMPLE: Duration = Duration::from_millis(20);
