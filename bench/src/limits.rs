//! The short form: counts that do not vary, beside their limits and beside the committed report.

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::report::{ALLOCATIONS, INSTRUCTIONS, RATIO, compiler, number};
use crate::{cached, call, measure, request, token_response};

/// The limits of instructions and of allocations for each call.
const LIMITS: [(&Case, f64, f64); 9] = [
    (&cached::TIMELESS, 150.0, 0.0),
    (&request::BODY[1], 1490.0, 2.0),
    (&request::BASIC[1], 1620.0, 2.0),
    (&token_response::TOKEN[1], 8800.0, 3.0),
    (&token_response::ERROR_RESPONSE[1], 3000.0, 1.0),
    (&token_response::ERROR_RESPONSE[3], 4200.0, 1.0),
    // These read clocks by code of the kernel, so only their allocations are compared with the report.
    (&cached::OURS[0], 390.0, 0.0),
    (&cached::SHARED, 390.0, 0.0),
    (&cached::OURS[1], 400.0, 0.0),
];
const WITHOUT_CLOCKS: usize = 6;

/// Prints each count beside its limit and beside the report. Returns whether all hold.
pub(crate) fn hold() -> Result<bool, String> {
    let report =
        fs::read_to_string(report_file()).map_err(|error| format!("the report: {error}"))?;
    // Another compiler makes other counts of the same code.
    let compiler = compiler();
    let is_same = report.contains(&compiler);
    let slack = |same| if is_same { same } else { ELSEWHERE };
    let mut checks = Checks {
        report,
        grown: 0,
        off: 0,
    };
    println!(
        "| case | count | this code | at most | in the report | |\n|---|---|---:|---:|---:|---|"
    );
    for (row, (case, instructions, allocations)) in LIMITS.iter().enumerate() {
        let compared = (row < WITHOUT_CLOCKS).then(|| slack(0.02));
        checks.check(
            case,
            INSTRUCTIONS,
            measure::instructions(case)?,
            *instructions,
            compared,
        );
        let figure = measure::allocations(case).0;
        checks.check(case, ALLOCATIONS, figure, *allocations, Some(0.0));
    }
    let [words, worst] = &token_response::LONG_ERROR_RESPONSE;
    let times = measure::instructions(worst)? / measure::instructions(words)?;
    checks.check(
        worst,
        "times the instructions of letters",
        times,
        18.0,
        None,
    );
    for (cases, most) in [(&call::UREQ[..2], 1.1), (&call::REQWEST[..2], 1.09)] {
        let times =
            measure::process_instructions(&cases[1])? / measure::process_instructions(&cases[0])?;
        checks.check(&cases[1], RATIO, times, most, Some(slack(0.05)));
    }
    println!(
        "\nCounts above their limits: {}. Counts that differ from the report: {}.",
        checks.grown, checks.off
    );
    if checks.off > 0 {
        println!(
            "docs/performance.md is of other code, or of another compiler than {compiler}. This writes it again:"
        );
        println!("cargo run --release --manifest-path bench/Cargo.toml");
    }
    Ok(checks.grown == 0 && checks.off == 0)
}

struct Checks {
    report: String,
    grown: usize,
    off: usize,
}

impl Checks {
    /// Compares a count with its limit, and with the report if a difference is given that it may have.
    fn check(&mut self, case: &Case, count: &str, figure: f64, limit: f64, slack: Option<f64>) {
        let reported = slack.and(reported(&self.report, count, case.name));
        let is_off = slack.is_some_and(|slack| {
            !reported.is_some_and(|reported| (figure - reported).abs() <= slack * reported)
        });
        let is_grown = figure > limit;
        println!(
            "| {} | {count} | {} | {} | {} |{}{} |",
            case.name,
            number(figure),
            number(limit),
            reported.map_or("-".to_owned(), number),
            if is_grown { " **too many**" } else { "" },
            if is_off {
                " **not as in the report**"
            } else {
                ""
            },
        );
        self.grown += usize::from(is_grown);
        self.off += usize::from(is_off);
    }
}

/// Returns a figure of the report, from the first table that has this column and this row.
fn reported(report: &str, column: &str, row: &str) -> Option<f64> {
    let lines: Vec<Vec<_>> = report
        .lines()
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let mut at = None;
    for (number, line) in lines.iter().enumerate() {
        let next = lines.get(number + 1).and_then(|next| next.get(1));
        if next.is_some_and(|cell| cell.starts_with("---")) {
            at = line.iter().position(|cell| *cell == column);
        } else if let (Some(at), Some(name)) = (at, line.get(1))
            && *name == row
        {
            return line.get(at)?.parse().ok();
        }
    }
    None
}

pub(crate) fn report_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.md")
}

/// The part by which counts of another compiler than that of the report may differ.
const ELSEWHERE: f64 = 0.1;
