//! The ways to measure a case: instructions, allocations, threads and time.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, hint};

use rustix::time::{ClockId, clock_gettime};
use tempfile::NamedTempFile;

use crate::case::{Case, Run};

/// Rounds of each timing.
pub(crate) const ROUNDS: usize = 15;

const THIS_THREAD: [&str; 2] = ["--collect-atstart=no", "--toggle-collect=*measure*counted*"];

/// Returns the instructions of the calling thread for each call.
pub(crate) fn instructions(case: &Case) -> Result<f64, String> {
    Ok(collected(case, case.repeat, &THIS_THREAD)? / case.repeat as f64)
}

/// Returns the instructions of all threads for each call.
pub(crate) fn process_instructions(case: &Case) -> Result<f64, String> {
    let (once, twice) = (
        collected(case, case.repeat, &[])?,
        collected(case, 2 * case.repeat, &[])?,
    );
    Ok((twice - once) / case.repeat as f64)
}

/// Returns the functions that take most instructions of the calling thread, each with its share.
pub(crate) fn profile(case: &Case, most: usize) -> Result<Vec<(f64, String)>, String> {
    let file = NamedTempFile::new().map_err(|error| error.to_string())?;
    let out = format!("--callgrind-out-file={}", file.path().display());
    callgrind(
        case,
        case.repeat,
        &[&[out.as_str()], &THIS_THREAD[..]].concat(),
    )?;
    let annotated = Command::new("callgrind_annotate")
        .args(["--threshold=100", "--auto=no", "--tree=none"])
        .arg(file.path())
        .output()
        .map_err(|error| format!("callgrind_annotate: {error}"))?;
    let mut shares: BTreeMap<String, f64> = BTreeMap::new();
    for line in String::from_utf8_lossy(&annotated.stdout).lines() {
        // `1,234 (5.6%)  FILE:FUNCTION [OBJECT]`: a function has a line for each file that is inlined into it.
        let share = line.split_once("%)  ").and_then(|(count, place)| {
            let share: f64 = count.rsplit_once('(')?.1.trim().parse().ok()?;
            Some((share, place.split_once(':')?.1.split(" [").next()?))
        });
        let Some((share, function)) = share else {
            continue;
        };
        *shares.entry(function.to_owned()).or_default() += share;
    }
    let mut shares: Vec<_> = shares
        .into_iter()
        .map(|(name, share)| (share, name))
        .collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    shares.truncate(most);
    Ok(shares)
}

/// Runs this program again under callgrind. Returns the instructions of so many calls.
fn collected(case: &Case, times: u64, arguments: &[&str]) -> Result<f64, String> {
    let arguments = [&["--callgrind-out-file=/dev/null"], arguments].concat();
    let output = callgrind(case, times, &arguments)?;
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, count)| count.split_whitespace().next()?.parse::<f64>().ok());
    collected
        .filter(|count| *count > 0.0)
        .ok_or_else(|| format!("{}: {log}", case.id))
}

fn callgrind(case: &Case, times: u64, arguments: &[&str]) -> Result<Output, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(arguments)
        .arg(program)
        .args(["count", case.id, &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    match output.status.success() {
        true => Ok(output),
        false => Err(format!(
            "{}: {}",
            case.id,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// The function that callgrind counts, without the code around it.
#[inline(never)]
pub(crate) fn counted(run: &Run, times: u64) {
    run(hint::black_box(times));
}

/// Returns the allocations of the calling thread for each call, and their bytes. An allocation now and then is none of each
/// call: the count is a tenth at the finest, as tables show it.
pub(crate) fn allocations(case: &Case) -> (f64, f64) {
    let run = (case.make)();
    run(WARM_UP);
    let info = allocation_counter::measure(|| run(case.repeat));
    let each = |total: u64| total as f64 / case.repeat as f64;
    (tenth(each(info.count_total)), each(info.bytes_total))
}

/// Rounds a count for each call as tables show it, so that a verdict is of the figure that they show.
pub(crate) fn tenth(count: f64) -> f64 {
    (count * 10.0).round() / 10.0
}

/// Returns the threads that are started for each call.
pub(crate) fn threads(case: &Case) -> f64 {
    let run = (case.make)();
    run(WARM_UP);
    let before = started_threads();
    run(case.repeat);
    (started_threads() - before - 1.0) / case.repeat as f64
}

/// Starts a thread, and returns its number: the standard library counts the threads that it starts.
fn started_threads() -> f64 {
    let id = thread::spawn(|| format!("{:?}", thread::current().id())).join();
    let digits = id
        .unwrap_or_default()
        .replace(|c: char| !c.is_ascii_digit(), "");
    digits.parse().unwrap_or(f64::NAN)
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
pub(crate) fn time(cases: &[&Case]) -> Vec<Spread> {
    let runs: Vec<_> = cases.iter().map(|case| (case.make)()).collect();
    let times: Vec<u64> = runs.iter().map(paced).collect();
    let mut samples = vec![Vec::new(); runs.len()];
    for _ in 0..ROUNDS {
        for ((run, times), samples) in runs.iter().zip(&times).zip(&mut samples) {
            let start = Instant::now();
            run(*times);
            samples.push(start.elapsed().as_nanos() as f64 / *times as f64);
        }
    }
    samples.into_iter().map(Spread::from_samples).collect()
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

/// Returns the CPU time of this process.
pub(crate) fn cpu_time() -> Duration {
    read(ClockId::ProcessCPUTime)
}

/// Returns the CPU time of this thread.
pub(crate) fn thread_time() -> Duration {
    read(ClockId::ThreadCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Enough calls to make the values that a thread caches, of each of 64 sources.
pub(crate) const WARM_UP: u64 = 80;

/// The approximate duration of one sample of a case.
const SAMPLE: Duration = Duration::from_millis(20);
