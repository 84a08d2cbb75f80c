//! The report: every table from one run.

mod whole;

use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

use crate::case::Case;
use crate::measure::{Figures, Spread};
use crate::{
    cached, call, chart, cold, latency, measure, request, scale, single_flight, token_response,
};

/// Rounds of each timing.
const ROUNDS: usize = 15;
const THREADS: [usize; 4] = [1, 2, 8, 64];

/// Measures everything, and writes the report and its chart into this folder.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut out = String::from(HEAD);
    let _ = writeln!(out, "{}", machine());
    cached_section(&mut out);
    let threads = concurrent_section(&mut out);
    counted_section(
        &mut out,
        "2. Building the token request",
        REQUEST,
        &[&request::BODY, &request::BASIC],
    );
    counted_section(
        &mut out,
        "3. Reading the token response",
        TOKEN_RESPONSE,
        &[
            &token_response::TOKEN,
            &token_response::ERROR_RESPONSE[..2],
            &token_response::ERROR_RESPONSE[2..],
        ],
    );
    counted_section(
        &mut out,
        "4. One token request over the loopback",
        COLD,
        &[&cold::UREQ, &cold::REQWEST, &cold::SURF],
    );
    call_section(&mut out);
    single_flight_section(&mut out);
    whole::program_section(&mut out, ROUNDS);
    whole::tree_section(&mut out);
    scale_section(&mut out, folder, &threads);
    latency_section(&mut out);
    fs::write(folder.join("performance.md"), out)
}

fn cached_section(out: &mut String) {
    let _ = write!(out, "{CACHED}");
    let mut cases = vec![&cached::FLOOR, &cached::CONTROL];
    cases.extend(&cached::OURS);
    cases.extend(&cached::NEIGHBOURS);
    table(out, &cases);
}

/// Writes one table. The ratios are to its first case.
fn table(out: &mut String, cases: &[&Case]) {
    progress(cases[0].id);
    let times = measure::time(cases, ROUNDS);
    let counts: Vec<_> = cases
        .iter()
        .map(|case| (measure::instructions(case), measure::allocations(case)))
        .collect();
    let _ = writeln!(
        out,
        "| library | instructions, ratio | time, ratio | instructions | allocations | ns, minimum | ns, median |\n\
         |---|---:|---:|---:|---:|---:|---:|"
    );
    let first = counts[0].0.clone().unwrap_or(f64::NAN);
    for ((case, Spread { least, median }), (instructions, allocations)) in
        cases.iter().zip(&times).zip(&counts)
    {
        let (ratio, instructions) = match instructions {
            Ok(count) => (format!("{:.2}", count / first), format!("{count:.0}")),
            Err(_) => ("?".to_owned(), "not counted".to_owned()),
        };
        let _ = writeln!(
            out,
            "| {} | {ratio} | {:.2} | {instructions} | {allocations:.1} | {least:.0} | {median:.0} |",
            case.name,
            median / times[0].median,
        );
    }
    out.push('\n');
}

fn counted_section(out: &mut String, title: &str, text: &str, tables: &[&[Case]]) {
    let _ = write!(out, "## {title}\n\n{text}\n");
    for cases in tables {
        table(out, &cases.iter().collect::<Vec<_>>());
    }
}

fn call_section(out: &mut String) {
    let _ = write!(out, "{CALL}");
    for cases in [&call::UREQ, &call::REQWEST] {
        progress(cases[0].id);
        let _ = writeln!(
            out,
            "| client | instructions of the process, ratio | time, ratio | instructions of the process | ns, minimum | ns, median |\n\
             |---|---:|---:|---:|---:|---:|"
        );
        let times = measure::time(&cases.iter().collect::<Vec<_>>(), ROUNDS);
        let counts = cases.each_ref().map(measure::process_instructions);
        let first = counts[0].clone().unwrap_or(f64::NAN);
        for ((case, Spread { least, median }), count) in cases.iter().zip(&times).zip(counts) {
            let count = count.unwrap_or(f64::NAN);
            let _ = writeln!(
                out,
                "| {} | {:.2} | {:.2} | {count:.0} | {least:.0} | {median:.0} |",
                case.name,
                count / first,
                median / times[0].median,
            );
        }
        out.push('\n');
    }
}

/// Returns the median CPU time of edge-oauth and of the control by threads, for the chart.
fn concurrent_section(out: &mut String) -> Vec<(usize, f64, f64)> {
    let _ = write!(out, "{CONCURRENT}");
    let mut cases = vec![
        &cached::OURS[0],
        &cached::OURS[1],
        &cached::OURS[2],
        &cached::CONTROL,
        &cached::FLOOR,
    ];
    cases.extend(&cached::NEIGHBOURS);
    let by_threads: Vec<Vec<Figures>> = THREADS
        .iter()
        .map(|threads| {
            progress(&format!("{threads} threads"));
            measure::concurrent(&cases, *threads, ROUNDS)
        })
        .collect();
    let head: String = THREADS
        .iter()
        .map(|threads| format!(" {threads} CPU | {threads} wall |"))
        .collect();
    let _ = writeln!(
        out,
        "| library | 2 to 1 | 8 to 1 | 64 to 1 |{head}\n|---|---:|---:|---:|{}",
        "---:|".repeat(2 * THREADS.len())
    );
    for (row, case) in cases.iter().enumerate() {
        let one = by_threads[0][row].cpu.median;
        let _ = write!(out, "| {} |", case.name);
        for figures in &by_threads[1..] {
            let _ = write!(out, " {:.2} |", figures[row].cpu.median / one);
        }
        for figures in &by_threads {
            let _ = write!(
                out,
                " {:.0} | {:.0} |",
                figures[row].cpu.median, figures[row].wall.median
            );
        }
        out.push('\n');
    }
    out.push('\n');
    let control = cases
        .iter()
        .position(|case| case.id == cached::CONTROL.id)
        .unwrap_or_default();
    let figures = by_threads.iter().zip(THREADS);
    figures
        .map(|(figures, threads)| (threads, figures[0].cpu.median, figures[control].cpu.median))
        .collect()
}

fn single_flight_section(out: &mut String) {
    progress("a thousand callers");
    let _ = write!(out, "{SINGLE_FLIGHT}");
    for row in single_flight::measure() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {:.2} |",
            row.situation, row.client, row.requests, row.last
        );
    }
    out.push('\n');
}

fn scale_section(out: &mut String, folder: &Path, threads: &[(usize, f64, f64)]) {
    progress("scale");
    let _ = write!(out, "{SCALE}");
    let configurations = scale::configurations();
    for row in &configurations {
        let _ = writeln!(
            out,
            "| {} | {:.2} | {:.0} | {:.0} | {:.0} | {:.0} |",
            row.count,
            row.lookup / row.hash_map,
            row.memory,
            row.lookup,
            row.hash_map,
            row.refreshes
        );
    }
    let tasks = scale::tasks();
    let _ = write!(out, "\n{TASKS}");
    for (count, cost) in &tasks {
        let _ = writeln!(out, "| {count} | {:.2} | {cost:.0} |", cost / tasks[0].1);
    }
    if let Err(error) = chart::draw(&folder.join("scale.svg"), threads, &tasks, &configurations) {
        let _ = writeln!(out, "\nThe chart could not be drawn: {error}.");
    }
    let _ = write!(out, "\n{FLEET}");
    for lifetime in [900, 3600, 86_400] {
        let fleet = scale::fleet(lifetime);
        let _ = write!(out, "| {} | {:.2} |", fleet.life, fleet.mean);
        for (_, busiest) in fleet.busiest {
            let _ = write!(out, " {:.1} |", busiest as f64 / fleet.mean);
        }
        out.push('\n');
    }
    out.push('\n');
}

fn latency_section(out: &mut String) {
    progress("latency");
    let _ = write!(out, "{LATENCY}");
    for row in latency::measure(20) {
        let [p50, p99, p999, worst] = row.percentiles;
        let _ = writeln!(
            out,
            "| {} | {} | {} | {p50:.1} | {p99:.1} | {p999:.1} | {worst:.1} |",
            row.name, row.refreshes, row.calls
        );
    }
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("This run: {processors} processors, {model}; load when it began: {load}.\n")
}

#[allow(clippy::print_stderr, reason = "a run takes minutes")]
fn progress(what: &str) {
    eprintln!("measuring: {what}");
}

const HEAD: &str = include_str!("text/head.md");
const CACHED: &str = include_str!("text/cached.md");
const CONCURRENT: &str = include_str!("text/concurrent.md");
const REQUEST: &str = include_str!("text/request.md");
const TOKEN_RESPONSE: &str = include_str!("text/token_response.md");
const COLD: &str = include_str!("text/cold.md");
const CALL: &str = include_str!("text/call.md");
const SINGLE_FLIGHT: &str = include_str!("text/single_flight.md");
const SCALE: &str = include_str!("text/scale.md");
const TASKS: &str = include_str!("text/tasks.md");
const FLEET: &str = include_str!("text/fleet.md");
const LATENCY: &str = include_str!("text/latency.md");
