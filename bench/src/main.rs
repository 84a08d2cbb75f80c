//! Measures edge-oauth beside its neighbours, and writes one report.
//!
//! Without arguments it measures everything and writes `docs/performance.md`; with `--short` it checks
//! the counts that do not jitter.

mod answer;
mod blocks;
mod cached;
mod case;
mod chart;
mod cold;
mod endpoint;
mod herd;
mod latency;
mod limits;
mod measure;
mod program;
mod report;
mod request;
mod sample;
mod scale;
mod tree;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use case::Case;

fn main() -> ExitCode {
    // One of the neighbours takes its TLS from the process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = env::args().skip(1).collect();
    let outcome = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
            report::write(&docs)
                .map(|()| true)
                .map_err(|error| error.to_string())
        }
        ["--short"] => limits::hold(),
        // What runs under callgrind.
        ["count", id, times] => count(id, times),
        // What runs a program and says what it took.
        ["launch", program, ..] => program::launch(program, &args[2..]),
        _ => Err("usage: edge-oauth-bench [--short]".to_owned()),
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

fn count(id: &str, times: &str) -> Result<bool, String> {
    let case = cases()
        .into_iter()
        .find(|case| case.id == id)
        .ok_or("no such case")?;
    let times = times.parse().map_err(|_| "not a number")?;
    let run = (case.make)();
    run(16);
    measure::counted(&run, times);
    // Threads that serve go on for ever.
    std::process::exit(0)
}

fn cases() -> Vec<&'static Case> {
    let mut all = vec![&cached::FLOOR, &cached::CONTROL];
    for cases in [
        &cached::OURS[..],
        &cached::NEIGHBOURS,
        &request::BODY,
        &request::BASIC,
        &answer::TOKEN,
        &answer::REFUSAL,
        &answer::LONG_REFUSAL,
        &cold::UREQ,
        &cold::REQWEST,
        &cold::SURF,
    ] {
        all.extend(cases);
    }
    all
}
