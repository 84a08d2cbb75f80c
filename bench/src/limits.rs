//! Limits of the counts that do not vary. The short form checks these only.

use crate::case::Case;
use crate::{cached, call, measure, request, token_response};

/// The limits of instructions and of allocations for each call.
const LIMITS: [(&Case, f64, f64); 9] = [
    (&cached::TIMELESS, 150.0, 0.0),
    (&cached::OURS[0], 390.0, 0.0),
    (&cached::SHARED, 390.0, 0.0),
    (&cached::OURS[1], 400.0, 0.0),
    (&request::BODY[1], 1300.0, 2.0),
    (&request::BASIC[1], 1400.0, 2.0),
    (&token_response::TOKEN[1], 9000.0, 3.0),
    (&token_response::ERROR_RESPONSE[1], 3700.0, 2.0),
    (&token_response::ERROR_RESPONSE[3], 5400.0, 2.0),
];

/// Prints each figure beside its limit. Returns whether all are within their limits.
pub(crate) fn hold() -> Result<bool, String> {
    let mut all = true;
    println!(
        "| case | instructions | at most | allocations | at most |\n|---|---:|---:|---:|---:|"
    );
    for (case, most_instructions, most_allocations) in LIMITS {
        let instructions = measure::instructions(case)?;
        let allocations = measure::allocations(case);
        let holds = instructions <= most_instructions && allocations <= most_allocations + SLACK;
        let mark = if holds { "" } else { " **too many**" };
        println!(
            "| {}{mark} | {instructions:.0} | {most_instructions:.0} | {allocations:.2} | {most_allocations:.0} |",
            case.name
        );
        all &= holds;
    }
    let [words, worst] = &token_response::LONG_ERROR_RESPONSE;
    let times = measure::instructions(worst)? / measure::instructions(words)?;
    let holds = times <= MOST_TIMES;
    let mark = if holds { "" } else { " **too many**" };
    println!(
        "\n{}{mark}: {times:.1} times the instructions of {}; at most {MOST_TIMES:.0}",
        worst.name, words.name
    );
    all &= holds;
    for ([by_hand, ours], most) in [(&call::UREQ, 1.3), (&call::REQWEST, 1.2)] {
        let times = measure::process_instructions(ours)? / measure::process_instructions(by_hand)?;
        let holds = times <= most;
        let mark = if holds { "" } else { " **too many**" };
        println!(
            "{}{mark}: {times:.2} times the instructions of {}; at most {most:.2}",
            ours.name, by_hand.name
        );
        all &= holds;
    }
    Ok(all)
}

/// The worst error of one size, beside an ordinary one.
const MOST_TIMES: f64 = 20.0;

/// Allows an allocation once in a hundred calls.
const SLACK: f64 = 0.01;
