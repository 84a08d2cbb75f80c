//! The report: texts that hold for any run, tables of one run, and verdicts that are computed from its figures.

use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::case::Case;
use crate::measure::{self, Spread};

/// The report of one run.
#[derive(Default)]
pub(crate) struct Report {
    text: String,
    /// The verdicts of the section so far, each with the case whose profile says why.
    verdicts: Vec<(Verdict, Option<&'static Case>)>,
    met: usize,
    short: Vec<String>,
}

/// A target, and the figure of this run.
struct Verdict {
    target: String,
    bound: &'static str,
    limit: f64,
    figure: f64,
    is_met: bool,
}

/// The counts and times of one row.
pub(crate) struct Counted {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
    pub(crate) time: Spread,
}

impl Report {
    /// Writes a text of `text/`, which holds for any run.
    pub(crate) fn text(&mut self, text: &str) {
        let _ = writeln!(self.text, "{}\n", text.trim_end());
    }

    /// Writes a table. Its first column is text.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
        self.text += &line(head);
        self.text += &format!("|---|{}\n", "---:|".repeat(head.len() - 1));
        for row in rows {
            self.text += &line(&row.iter().map(String::as_str).collect::<Vec<_>>());
        }
        self.text.push('\n');
    }

    /// Measures cases, which take turns, and writes a table. The ratios are to its first case.
    pub(crate) fn compare(&mut self, cases: &[&Case]) -> Vec<Counted> {
        let times = measure::time(cases);
        let rows: Vec<_> = cases
            .iter()
            .zip(times)
            .map(|(case, time)| Counted {
                instructions: or_nan(measure::instructions(case)),
                allocations: measure::allocations(case).0,
                time,
            })
            .collect();
        let first = &rows[0];
        let cells = |(case, row): (&&Case, &Counted)| {
            vec![
                case.name.to_owned(),
                number(row.instructions / first.instructions),
                number(row.time.least / first.time.least),
                whole(row.instructions),
                format!("{:.1}", row.allocations),
                whole(row.time.least),
                whole(row.time.median),
            ]
        };
        let cells: Vec<_> = cases.iter().zip(&rows).map(cells).collect();
        self.table(
            &[
                "library",
                RATIO,
                "time, ratio",
                INSTRUCTIONS,
                ALLOCATIONS,
                "ns, minimum",
                "ns, median",
            ],
            &cells,
        );
        rows
    }

    /// Sets a target: the figure may be this much. If it is short, the profile of the case says why.
    pub(crate) fn at_most(
        &mut self,
        target: impl Into<String>,
        limit: f64,
        figure: f64,
        why: Option<&'static Case>,
    ) {
        self.verdict(
            target.into(),
            "at most",
            limit,
            figure,
            figure <= limit,
            why,
        );
    }

    /// Sets a target: the figure is this much at least.
    pub(crate) fn at_least(
        &mut self,
        target: impl Into<String>,
        limit: f64,
        figure: f64,
        why: Option<&'static Case>,
    ) {
        self.verdict(
            target.into(),
            "at least",
            limit,
            figure,
            figure >= limit,
            why,
        );
    }

    fn verdict(
        &mut self,
        target: String,
        bound: &'static str,
        limit: f64,
        figure: f64,
        is_met: bool,
        why: Option<&'static Case>,
    ) {
        // As printed, so that no row says that 1.05 is more than 1.05.
        let is_met = is_met || number(figure) == number(limit);
        match is_met {
            true => self.met += 1,
            false => self.short.push(target.clone()),
        }
        self.verdicts.push((
            Verdict {
                target,
                bound,
                limit,
                figure,
                is_met,
            },
            why.filter(|_| !is_met),
        ));
    }

    /// Writes the verdicts of a section, and the profiles of the cases that are short.
    pub(crate) fn verdicts(&mut self) {
        let verdicts = std::mem::take(&mut self.verdicts);
        let rows: Vec<_> = verdicts
            .iter()
            .map(|(verdict, _)| {
                vec![
                    verdict.target.clone(),
                    format!("{} {}", verdict.bound, number(verdict.limit)),
                    number(verdict.figure),
                    (if verdict.is_met { "met" } else { "**short**" }).to_owned(),
                ]
            })
            .collect();
        self.table(&["target", "limit", "this run", "verdict"], &rows);
        let mut cases: Vec<_> = verdicts.iter().filter_map(|(_, case)| *case).collect();
        cases.sort_by_key(|case| case.id);
        cases.dedup_by_key(|case| case.id);
        for case in cases {
            let _ = writeln!(
                self.text,
                "Functions with most instructions of {}, of its own thread:\n",
                case.name
            );
            match measure::profile(case, 8) {
                Ok(shares) => {
                    for (share, function) in shares {
                        let _ = writeln!(self.text, "- {share:.0} % `{function}`");
                    }
                }
                Err(error) => {
                    let _ = writeln!(self.text, "- not measured: {error}");
                }
            }
            self.text.push('\n');
        }
    }

    /// Returns the report with its head, which lists the targets that are short.
    pub(crate) fn finish(self, machine: &str) -> String {
        let all = self.met + self.short.len();
        let mut head = format!(
            "{HEAD}\n{machine}\n\n{} of {all} targets are met.",
            self.met
        );
        if !self.short.is_empty() {
            head += " These are short; the verdict of each is in its section:\n";
        }
        for target in &self.short {
            let _ = write!(head, "\n- {target}");
        }
        format!("{head}\n\n{}\n", self.text.trim_end())
    }
}

/// Columns that `--short` reads again.
pub(crate) const INSTRUCTIONS: &str = "instructions";
pub(crate) const ALLOCATIONS: &str = "allocations";
pub(crate) const RATIO: &str = "instructions, ratio";

/// Returns the machine and the tools of this run.
pub(crate) fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "This run: {processors} processors, {model}; load when it began: {load}; {}.",
        compiler()
    )
}

/// Returns the version of the compiler, without which counts cannot be compared.
pub(crate) fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    version.unwrap_or_else(|_| "unknown compiler".to_owned())
}

/// A figure that could not be measured meets no target.
pub(crate) fn or_nan<E: std::fmt::Display>(figure: Result<f64, E>) -> f64 {
    figure.unwrap_or_else(|error| {
        eprintln!("not measured: {error}");
        f64::NAN
    })
}

/// Returns a figure with as many digits as it needs.
pub(crate) fn number(figure: f64) -> String {
    match figure {
        _ if figure.is_nan() => "not measured".to_owned(),
        _ if figure.fract() == 0.0 || figure.abs() >= 100.0 => format!("{figure:.0}"),
        _ => format!("{figure:.2}"),
    }
}

pub(crate) fn whole(figure: f64) -> String {
    number(figure.round())
}

const HEAD: &str = include_str!("text/head.md");
