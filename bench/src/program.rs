//! `edge-oauth token` as a whole process, beside `curl` and beside an empty program.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, slice};

use tempfile::TempDir;
use wait4::Wait4;

use crate::endpoint::Endpoint;
use crate::measure::{ROUNDS, Spread};
use crate::report::{Report, number};
use crate::{cold, sample};

/// The tables, and the size of the program in bytes.
struct Tables {
    tables: Vec<Vec<Row>>,
    size: u64,
}

/// One program.
struct Row {
    name: &'static str,
    /// The costs, or the reason why the program did not run.
    used: Result<Used, String>,
}

/// The times of a program's runs in milliseconds, and their peak memory in megabytes.
struct Used {
    wall: Spread,
    cpu: Spread,
    peak: Spread,
}

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/program.md"));
    let measured = match measure(ROUNDS) {
        Ok(measured) => measured,
        Err(error) => return report.text(&format!("Not measured: {error}.")),
    };
    report.text(&format!(
        "The program has {:.1} MB.",
        measured.size as f64 / 1e6
    ));
    for (rows, limits) in
        measured
            .tables
            .iter()
            .zip([[0.5; 3], [0.5; 3], [2.5, 2.5, f64::INFINITY]])
    {
        let figures: Vec<_> = rows
            .iter()
            .map(|row| match &row.used {
                Ok(used) => [
                    used.wall.least,
                    used.wall.median,
                    used.cpu.least,
                    used.cpu.median,
                    used.peak.median,
                ],
                Err(error) => {
                    eprintln!("{}: {error}", row.name);
                    [f64::NAN; 5]
                }
            })
            .collect();
        let first = figures[0];
        let ratios = |figures: &[f64; 5]| [0, 2, 4].map(|at| figures[at] / first[at]);
        let cells = rows.iter().zip(&figures).map(|(row, figures)| {
            let mut cells = vec![row.name.to_owned()];
            cells.extend(ratios(figures).map(number));
            cells.extend(figures.map(|figure| format!("{figure:.1}")));
            cells
        });
        report.table(
            &[
                "program",
                "ms, ratio",
                "CPU, ratio",
                "memory, ratio",
                "ms, minimum",
                "ms, median",
                "CPU ms, minimum",
                "CPU ms, median",
                "peak MB",
            ],
            &cells.collect::<Vec<_>>(),
        );
        for ((what, limit), ratio) in ["time", "CPU", "memory"]
            .into_iter()
            .zip(limits)
            .zip(ratios(&figures[1]))
        {
            if limit.is_finite() {
                report.at_most(
                    format!("{}: {what} to {}", rows[1].name, rows[0].name),
                    limit,
                    ratio,
                    None,
                );
            }
        }
    }
    report.verdicts();
}

/// Runs each program `rounds` times. The programs of one table take turns.
fn measure(rounds: usize) -> Result<Tables, String> {
    let folder = TempDir::new().map_err(|error| error.to_string())?;
    let ours = ours()?;
    let empty = empty(folder.path())?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let body = format!("@{}", path("body"));
    fs::write(path("body"), cold::body()).map_err(|error| error.to_string())?;
    let http = Endpoint::start("200 OK", sample::response().to_owned(), Duration::ZERO).url();
    let (https, certificate) = Endpoint::start_tls(sample::response().to_owned());
    fs::write(path("ca.pem"), certificate).map_err(|error| error.to_string())?;
    let (https, ca) = (https.url(), ["--cacert".to_owned(), path("ca.pem")]);

    let curl = |url: &str, more: &[String]| {
        let mut args = vec!["curl".to_owned(), "-sf".to_owned()];
        args.extend(["--data".to_owned(), body.clone(), url.to_owned()]);
        args.extend_from_slice(more);
        args
    };
    let token = |url: &str, more: &[String]| {
        let mut args = vec![ours.display().to_string(), "token".to_owned()];
        for (name, value) in [
            ("--endpoint", url),
            ("--client-id", sample::ID),
            ("--audience", sample::AUDIENCE),
        ] {
            args.extend([name.to_owned(), value.to_owned()]);
        }
        args.extend_from_slice(more);
        args
    };
    let no_cache = "--no-cache".to_owned();
    let empty = || vec![empty.display().to_string()];
    let tables = [
        vec![
            ("curl, http", curl(&http, &[])),
            (
                "`edge-oauth token --no-cache`, http",
                token(&http, slice::from_ref(&no_cache)),
            ),
        ],
        vec![
            ("curl, https", curl(&https, &ca)),
            (
                "`edge-oauth token --no-cache`, https",
                token(&https, &[&ca[..], &[no_cache]].concat()),
            ),
        ],
        vec![
            ("an empty Rust program", empty()),
            ("`edge-oauth token`, cached token", token(&http, &[])),
        ],
    ];
    let tables = tables.into_iter();
    Ok(Tables {
        tables: tables
            .map(|programs| in_turns(&programs, rounds, folder.path()))
            .collect(),
        size: fs::metadata(&ours).map_or(0, |data| data.len()),
    })
}

fn in_turns(programs: &[(&'static str, Vec<String>)], rounds: usize, home: &Path) -> Vec<Row> {
    let mut samples: Vec<Result<[Vec<f64>; 3], String>> =
        vec![Ok(Default::default()); programs.len()];
    for round in 0..=rounds {
        for ((_, command), samples) in programs.iter().zip(&mut samples) {
            let Ok([walls, cpus, peaks]) = samples else {
                continue;
            };
            match run(command, home) {
                Err(error) => *samples = Err(error),
                // The first round fills the caches.
                Ok(_) if round == 0 => {}
                Ok([wall, cpu, peak]) => {
                    walls.push(wall);
                    cpus.push(cpu);
                    peaks.push(peak);
                }
            }
        }
    }
    let rows = programs.iter().zip(samples);
    rows.map(|((name, _), samples)| Row {
        name,
        used: samples.map(|[wall, cpu, peak]| Used {
            wall: Spread::from_samples(wall),
            cpu: Spread::from_samples(cpu),
            peak: Spread::from_samples(peak),
        }),
    })
    .collect()
}

/// Runs a program from a new process, since its peak memory starts at the peak of the process that starts it.
fn run(command: &[String], home: &Path) -> Result<[f64; 3], String> {
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(this)
        .arg("launch")
        .args(command)
        .env("SITECORE_CLIENT_SECRET", sample::SECRET)
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    <[f64; 3]>::try_from(figures).map_err(|_| "does not run".to_owned())
}

/// Runs a program to its end without its output. Prints its milliseconds, its processor milliseconds and its megabytes.
/// Returns false if the program failed.
pub(crate) fn launch(program: &str, args: &[String]) -> Result<bool, String> {
    let start = Instant::now();
    let child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // With a user, even the same one, the library forks. The child shares the memory of this process until it
        // executes the program, and its peak would include that memory.
        .uid(rustix::process::getuid().as_raw())
        .spawn()
        .map_err(|error| error.to_string())?;
    let used = child.wait4().map_err(|error| error.to_string())?;
    let wall = start.elapsed();
    let cpu = used.rusage.utime + used.rusage.stime;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    if used.status.success() {
        let peak = used.rusage.maxrss as f64 / 1e6;
        println!("{} {} {peak}", millis(wall), millis(cpu));
    }
    Ok(used.status.success())
}

/// Returns the release program: the one that the environment names, or a new build.
fn ours() -> Result<PathBuf, String> {
    if let Some(told) = env::var_os("EDGE_OAUTH_PROGRAM") {
        return Ok(told.into());
    }
    let built = Command::new("cargo")
        .args(["build", "--release", "--locked"])
        .args(["--package", "edge-oauth-cli", "--message-format=json"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let text = String::from_utf8_lossy(&built.stdout);
    let mut programs = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|line| Some(PathBuf::from(line.get("executable")?.as_str()?)));
    programs
        .find(|program| program.file_stem().is_some_and(|name| name == "edge-oauth"))
        .ok_or_else(|| "the program could not be built".to_owned())
}

/// Builds an empty program with the same settings.
fn empty(folder: &Path) -> Result<PathBuf, String> {
    let (source, program) = (folder.join("empty.rs"), folder.join("empty"));
    fs::write(&source, "fn main() {}").map_err(|error| error.to_string())?;
    let status = Command::new("rustc")
        .args(["-O", "-C", "panic=abort", "-C", "strip=symbols", "-o"])
        .args([&program, &source])
        .status()
        .map_err(|error| format!("rustc: {error}"))?;
    match status.success() {
        true => Ok(program),
        false => Err("rustc failed".to_owned()),
    }
}
