//! Measures edge-oauth beside other libraries, and writes one report.
//!
//! Without arguments it measures everything and writes `docs/performance.md`. With `--short` it checks the counts that do
//! not vary.

mod cached;
mod call;
mod case;
mod chart;
mod cold;
mod endpoint;
mod huskarl_source;
mod latency;
mod limits;
mod measure;
mod program;
mod report;
mod request;
mod sample;
mod scale;
mod single_flight;
mod token_response;
mod tree;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use case::Case;

fn main() -> ExitCode {
    // One of the other libraries uses the process's TLS provider.
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
        // The process that runs under callgrind.
        ["count", id, times] => count(id, times),
        // The process whose API is called.
        ["endpoint"] => call::serve()
            .map(|()| true)
            .map_err(|error| error.to_string()),
        // The process that runs a program and prints its costs.
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
    // The threads of endpoints never end.
    std::process::exit(0)
}

fn cases() -> Vec<&'static Case> {
    let mut all = vec![&cached::FLOOR, &cached::CONTROL];
    for cases in [
        &cached::OURS[..],
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
