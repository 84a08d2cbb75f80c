//! A fleet in quiet: token requests by the number of processes, with and without a store.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::fleet::Fleet;
use crate::stage::{SHORT, Stage};
use crate::tally::ms;

/// Prints a table.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    println!(
        "| processes | store | requests at the start | requests per lifetime | longest wait at the start | \
         longest wait later | expired tokens | errors | store failures at the start |\n\
         |---:|---|---:|---:|---:|---:|---:|---:|---:|"
    );
    let sizes = match arguments.processes {
        Some(processes) => vec![processes],
        None => (0..=8).map(|power| 1 << power).collect(),
    };
    for processes in sizes {
        for store in ["none", "redis", "file"] {
            let by_default = store != "file" || processes == 16;
            if arguments.wants(store) && (by_default || arguments.processes.is_some()) {
                println!("{}", row(processes, store)?);
            }
        }
    }
    Ok(())
}

fn row(processes: usize, store: &str) -> Result<String, Box<dyn Error>> {
    let stage = Stage::new(SHORT, Duration::ZERO)?;
    let mut fleet = Fleet::start(&stage.edge, &stage.store(store), processes)?;
    fleet.go()?;
    fleet.wait_for_tokens(processes)?;
    let at_start = stage.requests();
    // The first refresh comes early, so that fleets that start at once fall out of step.
    thread::sleep(SHORT);
    let start = fleet.tally().take();
    let (before, began) = (stage.requests(), Instant::now());
    thread::sleep(stage.used() * 4);
    let requests = stage.requests() - before;
    let rate = requests as f64 / stage.lifetimes(began.elapsed());
    let later = fleet.tally().take();
    Ok(format!(
        "| {processes} | {store} | {at_start} | {rate:.2} | {} | {} | {} | {} |",
        ms(start.longest_cold()),
        ms(later.cached.max(later.longest_cold())),
        later.wrong(),
        start.store_failures,
    ))
}
