//! Measures edge-oauth beside other libraries, and writes one report.
//!
//! | argument | result |
//! |---|---|
//! | none | measures everything, and writes `docs/performance.md` |
//! | names of sections, such as `cached call` | measures these, and prints them |
//! | `--short` | checks the counts of the small operations, also against the report |
//!
//! A harness of the field serves a part of this, and none serves the report, which compares rows of several libraries by
//! counts and by times:
//!
//! - gungraun (once iai-callgrind) counts instructions by the same tool. It needs a runner of the same version on each
//!   machine, a macro for each case, and a baseline on disk. Here a case is a function, one run of valgrind counts it, and
//!   the committed report is the baseline: 30 lines in `measure.rs`.
//! - criterion and divan measure one case after the other, so a busy minute falls on one row and not on its neighbour.
//!   Here the rows of a table take turns.
//! - None of them counts threads, shared cache lines, whole processes or builds.

mod added;
mod cached;
mod call;
mod case;
mod cold;
mod endpoint;
mod herd;
mod huskarl_source;
mod latency;
mod limits;
mod local_edge;
mod measure;
mod pools;
mod program;
mod report;
mod request;
mod sample;
mod scale;
mod sharing;
mod single_flight;
mod token_response;
mod tree;

use std::process::ExitCode;
use std::{env, fs};

use case::Case;
use report::Report;

type Section = (&'static str, fn(&mut Report));

/// In the order of the report.
const SECTIONS: [Section; 14] = [
    ("cached", cached::section),
    ("request", request::section),
    ("response", token_response::section),
    ("cold", cold::section),
    ("call", call::section),
    ("single-flight", single_flight::section),
    ("herd", herd::section),
    ("program", program::section),
    ("tree", tree::section),
    ("added", added::section),
    ("scale", scale::section),
    ("pools", pools::section),
    ("latency", latency::section),
    ("local-edge", local_edge::section),
];

fn main() -> ExitCode {
    // One of the other libraries uses the process's TLS provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = env::args().skip(1).collect();
    let outcome = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--short"] => limits::hold(),
        // The process that runs under callgrind.
        ["count", id, times] => times
            .parse()
            .map_err(|_| "not a number".to_owned())
            .and_then(|times| {
                run(id, |run| {
                    measure::counted(run, times);
                    Ok(())
                })
            }),
        // The process that runs under lackey.
        ["share", id] => run(id, sharing::take_turns),
        // The process whose API is called, and the process that calls the local Edge.
        ["endpoint"] => done(call::serve()),
        ["load", address] => done(local_edge::load(address)),
        // The process that runs a program and prints its costs.
        ["launch", program, ..] => program::launch(program, &args[2..]),
        ref names => report(names),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the sections with these names. Without names, writes all sections as `docs/performance.md`.
fn report(names: &[&str]) -> Result<bool, String> {
    if let Some(unknown) = names
        .iter()
        .find(|name| SECTIONS.iter().all(|section| section.0 != **name))
    {
        return Err(format!(
            "no section {unknown}; usage: edge-oauth-bench [SECTION ... | --short]"
        ));
    }
    let (machine, mut report) = (report::machine(), Report::default());
    for (name, section) in SECTIONS {
        if names.is_empty() || names.contains(&name) {
            eprintln!("measuring: {name}");
            section(&mut report);
        }
    }
    let text = report.finish(&machine);
    if !names.is_empty() {
        println!("{text}");
        return Ok(true);
    }
    done(fs::write(limits::report_file(), text))
}

fn done(outcome: std::io::Result<()>) -> Result<bool, String> {
    outcome.map(|()| true).map_err(|error| error.to_string())
}

/// Runs a case by its id, and ends the process.
fn run(id: &str, with: impl FnOnce(&case::Run) -> std::io::Result<()>) -> Result<bool, String> {
    let case = cases()
        .into_iter()
        .find(|case| case.id == id)
        .ok_or("no such case")?;
    let run = (case.make)();
    run(measure::WARM_UP);
    done(with(&run))?;
    // The threads of endpoints never end.
    std::process::exit(0)
}

fn cases() -> Vec<&'static Case> {
    let mut all = vec![&cached::FLOOR];
    for cases in [
        &cached::OURS[..],
        &cached::CONTROLS,
        &cached::NEIGHBOURS,
        &request::BODY,
        &request::BASIC,
        &token_response::TOKEN,
        &token_response::ERROR_RESPONSE,
        &token_response::LONG_ERROR_RESPONSE,
        &cold::UREQ,
        &cold::REQWEST,
        &cold::SURF,
        &call::UREQ,
        &call::REQWEST,
    ] {
        all.extend(cases);
    }
    all
}
