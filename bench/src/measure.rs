//! The three ways to measure a case: instructions, allocations and time.

use std::process::Command;
use std::sync::Arc;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, hint};

use rustix::time::{ClockId, clock_gettime};

use crate::case::{Case, Run};

/// Returns the instructions of the calling thread for each call.
pub(crate) fn instructions(case: &Case) -> Result<f64, String> {
    let arguments = ["--collect-atstart=no", "--toggle-collect=*measure*counted*"];
    Ok(collected(case, case.repeat, &arguments)? / case.repeat as f64)
}

/// Returns the instructions of all threads for each call.
pub(crate) fn process_instructions(case: &Case) -> Result<f64, String> {
    let (once, twice) = (
        collected(case, case.repeat, &[])?,
        collected(case, 2 * case.repeat, &[])?,
    );
    Ok((twice - once) / case.repeat as f64)
}

/// Runs this program again under callgrind. Returns the instructions of so many calls.
fn collected(case: &Case, times: u64, arguments: &[&str]) -> Result<f64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(arguments)
        .arg(program)
        .args(["count", case.id, &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, count)| count.split_whitespace().next()?.parse::<f64>().ok());
    match collected {
        Some(count) if output.status.success() && count > 0.0 => Ok(count),
        _ => Err(format!("{}: {log}", case.id)),
    }
}

/// The function that callgrind counts, without the code around it.
#[inline(never)]
pub(crate) fn counted(run: &Run, times: u64) {
    run(hint::black_box(times));
}

/// Returns the allocations of the calling thread for each call.
pub(crate) fn allocations(case: &Case) -> f64 {
    let run = (case.make)();
    run(WARM_UP);
    let info = allocation_counter::measure(|| run(case.repeat));
    info.count_total as f64 / case.repeat as f64
}

/// The minimum and the median of samples.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
}

impl Spread {
    pub(crate) fn from_samples(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self {
            least: samples[0],
            median: samples[samples.len() / 2],
        }
    }
}

/// Returns the nanoseconds of each call on one thread. The cases take turns.
pub(crate) fn time(cases: &[&Case], rounds: usize) -> Vec<Spread> {
    concurrent(cases, 1, rounds)
        .into_iter()
        .map(|figures| figures.wall)
        .collect()
}

/// Nanoseconds of each call.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    /// Processor time of all processors together.
    pub(crate) cpu: Spread,
    /// Time from the start of the first call to the end of the last one, divided by the number of calls.
    pub(crate) wall: Spread,
}

/// Returns the nanoseconds of each call by several threads at once, all on one source.
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
            // The first round fills the threads' caches.
            if round > 0 {
                cpu.push(spent.as_nanos() as f64 / calls);
                wall.push(took.as_nanos() as f64 / calls);
            }
        }
    }
    samples
        .into_iter()
        .map(|(cpu, wall)| Figures {
            cpu: Spread::from_samples(cpu),
            wall: Spread::from_samples(wall),
        })
        .collect()
}

/// Returns the number of calls that take about the time of one sample.
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

/// Returns the processor time and the time that passed for `times` calls by each thread.
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

/// Enough calls to make the values that a thread caches.
const WARM_UP: u64 = 16;

/// The approximate duration of one sample of a case.
const SAMPLE: Duration = Duration::from_millis(20);
