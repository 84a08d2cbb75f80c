//! Holders of the lease that are killed or stopped, and tokens that every process rejects.

use std::error::Error;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::arguments::Arguments;
use crate::fleet::Fleet;
use crate::stage::Stage;
use crate::tally::ms;

/// Prints a table.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    print_head();
    let processes = arguments.processes.unwrap_or(16);
    let seed = arguments.seed.unwrap_or(1);
    let rows = ["kill", "stop", "reject"].map(|how| ["redis", "file"].map(|store| (how, store)));
    // At once, since each takes minutes and its processes do little.
    thread::scope(|scope| {
        let wanted = rows.into_iter().flatten();
        let running: Vec<_> = wanted
            .filter(|(how, _)| arguments.wants(how))
            .map(|(how, store)| {
                let row = move || row(how, store, processes, seed);
                scope.spawn(move || row().map_err(|error| error.to_string()))
            })
            .collect();
        for row in running {
            println!("{}", row.join().map_err(|_| "a row panicked")??);
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    Ok(())
}

/// Prints the same table of a large fleet with short-lived tokens.
pub(crate) fn run_random(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    print_head();
    for store in ["redis", "file"] {
        if arguments.wants(store) {
            let processes = arguments.processes.unwrap_or(64);
            println!(
                "{}",
                row("random", store, processes, arguments.seed.unwrap_or(1))?
            );
        }
    }
    Ok(())
}

fn print_head() {
    println!(
        "| disturbance | store | processes | times | lifetimes | token requests | at most | saves, of which stale | \
         late saves refused | longest wait without a token | longest wait with one | expired or rejected tokens | \
         errors | store failures |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
}

fn row(
    disturbance: &str,
    store: &str,
    processes: usize,
    seed: u64,
) -> Result<String, Box<dyn Error>> {
    let (lifetime, takes) = match disturbance {
        "random" => (SHORTEST, Duration::from_secs(120)),
        _ => (LIFETIME, LIFETIME * 153 / 200 * 6),
    };
    // Holders are met while they wait for the server.
    let stage = Stage::new(lifetime, Duration::from_millis(300))?;
    let mut fleet = Fleet::start(&stage.edge, &stage.store(store), processes)?;
    fleet.go()?;
    fleet.wait_for_tokens(processes)?;
    while fleet.holders.try_recv().is_ok() {}
    fleet.tally().take();
    let (before, began) = (stage.requests(), Instant::now());
    let end = began + takes;
    let times = match disturbance {
        "reject" => reject(&mut fleet, processes, end, stage.used() * 3 / 5)?,
        _ => disturb(&mut fleet, disturbance, seed, end)?,
    };
    let requests = stage.requests() - before;
    let lifetimes = stage.lifetimes(began.elapsed());
    let tally = fleet.tally().take();
    Ok(format!(
        "| {disturbance} | {store} | {processes} | {times} | {lifetimes:.1} | {requests} | {:.0} | {}, {} | {} | {} \
         | {} | {} | {} |",
        lifetimes.ceil() + times as f64,
        tally.saved,
        tally.stale,
        tally.refused,
        ms(tally.longest_cold()),
        ms(tally.cached),
        tally.wrong(),
        tally.store_failures,
    ))
}

/// Kills or stops two of three holders, each at a random moment of its request. At random, it kills a quarter of them and
/// stops a quarter. Returns how many.
fn disturb(
    fleet: &mut Fleet<'_>,
    how: &str,
    seed: u64,
    end: Instant,
) -> Result<u32, Box<dyn Error>> {
    let (mut times, mut holders, mut random) = (0, 0_u32, seed);
    let mut stopped: Vec<(Instant, usize)> = Vec::new();
    while Instant::now() < end {
        for (_, member) in stopped.extract_if(.., |(until, _)| *until <= Instant::now()) {
            fleet.tally().stopped.insert(member);
            fleet.signal(member, Signal::CONT)?;
        }
        let holder = match fleet.holders.recv_timeout(Duration::from_millis(20)) {
            Ok(holder) => holder,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return Err("the fleet ended".into()),
        };
        holders += 1;
        // The generator of PCG, of which the high bits are random.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let moment = random >> 33;
        let how = match (how, random >> 62, holders % 3) {
            ("random", 0, _) => "kill",
            ("random", 1, _) => "stop",
            ("random", ..) | (_, _, 0) => continue,
            _ => how,
        };
        times += 1;
        if how == "kill" {
            thread::sleep(Duration::from_millis(moment % 250));
            fleet.replace(holder)?;
        } else {
            fleet.signal(holder, Signal::STOP)?;
            // Shorter and longer than a lease of 3 s.
            let stop = Duration::from_millis(1000 + moment % 5000);
            stopped.push((Instant::now() + stop, holder));
        }
    }
    for (_, member) in stopped {
        fleet.signal(member, Signal::CONT)?;
    }
    Ok(times)
}

/// Has every process reject its token, four times. Returns how often. A fifth new token in a row that is rejected at that
/// age would stay cached for a while, since the tokens are not at fault.
fn reject(
    fleet: &mut Fleet<'_>,
    processes: usize,
    end: Instant,
    every: Duration,
) -> Result<u32, Box<dyn Error>> {
    let mut times = 0;
    while times < 4 && Instant::now() + every < end {
        thread::sleep(every);
        (0..processes).try_for_each(|member| fleet.tell(member))?;
        times += 1;
    }
    thread::sleep(end.saturating_duration_since(Instant::now()));
    Ok(times)
}

/// A token of 120 s is cached for 15 s after its refresh is due: for longer than three leases of 3 s.
const LIFETIME: Duration = Duration::from_secs(120);

/// A token of 5 s is cached for 0.7 s after its refresh is due: for less than a lease.
const SHORTEST: Duration = Duration::from_secs(5);
