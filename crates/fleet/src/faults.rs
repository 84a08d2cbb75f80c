//! Counts what a fleet does while a Redis server is gone, hangs, rejects calls or sends nonsense, and afterwards.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::fleet::Fleet;
use crate::proxy::{Mode, Proxy};
use crate::redis_server::RedisServer;
use crate::stage::{SHORT, Stage};
use crate::tally::{Tally, ms};
use crate::watched::micros;

const FAULTS: [&str; 7] = [
    "gone",
    "restarted every 3 s",
    "flushed every 2 s",
    "read-only",
    "out of memory",
    "hanging",
    "nonsense",
];

/// Prints a table.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    println!(
        "| Redis is | processes | requests per lifetime | of one process, lifetimes | longest wait with a token | \
         cold start, median and longest | without a store | expired tokens | errors | requests per lifetime \
         afterwards |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    for fault in FAULTS {
        if arguments.wants(fault) {
            println!("{}", row(fault, arguments.processes.unwrap_or(16))?);
        }
    }
    Ok(())
}

fn row(fault: &str, processes: usize) -> Result<String, Box<dyn Error>> {
    let mut stage = Stage::new(SHORT, Duration::ZERO)?;
    let proxy = Proxy::start(stage.redis.socket())?;
    let edge = edge_oauth_local::LocalEdge::start()?; // for the cold starts, which are not counted
    let mut fleet = Fleet::start(&stage.edge, proxy.url(), processes)?;
    fleet.go()?;
    fleet.wait_for_tokens(processes)?;
    thread::sleep(SHORT);
    fleet.tally().take();

    let (before, began) = (stage.requests(), Instant::now());
    let end = began + stage.used() * 3;
    begin(fault, &mut stage.redis, &proxy)?;
    let mut last = began;
    let mut with = Tally::default();
    let mut without = Tally::default();
    while Instant::now() < end {
        thread::sleep(Duration::from_millis(500));
        repeat(fault, &mut stage.redis, &fleet, &mut last)?;
        // One at a time: the machine has few cores, and the figure is of the store's part.
        cold_start(&edge, proxy.url(), &mut with)?;
        cold_start(&edge, "none", &mut without)?;
    }
    let elapsed = stage.lifetimes(began.elapsed());
    let requests = stage.requests() - before;
    let during = fleet.tally().take();

    end_of(fault, &mut stage.redis, &proxy)?;
    fleet.tally().cleared(micros());
    thread::sleep(SHORT);
    let (before, began) = (stage.requests(), Instant::now());
    thread::sleep(stage.used() * 2);
    let afterwards = (stage.requests() - before) as f64 / stage.lifetimes(began.elapsed());
    let mut all = fleet.tally().take();
    all.errors += during.errors + with.errors;
    all.expired += during.expired + with.expired;
    all.first_error = all.first_error.or(during.first_error.clone());
    assert_eq!(all.stale + during.stale, 0, "a stale token was accepted");
    Ok(format!(
        "| {fault} | {processes} | {:.2} | {}, {elapsed:.1} | {} | {}, {} | {}, {} | {} | {afterwards:.2} |",
        requests as f64 / elapsed,
        during.most_of_one(),
        ms(during.cached.max(during.longest_cold())),
        ms(with.median_cold()),
        ms(with.longest_cold()),
        ms(without.median_cold()),
        ms(without.longest_cold()),
        all.wrong(),
    ))
}

fn begin(fault: &str, redis: &mut RedisServer, proxy: &Proxy) -> Result<(), Box<dyn Error>> {
    match fault {
        "gone" => redis.kill()?,
        "read-only" => redis.run("REPLICAOF 127.0.0.1 1")?,
        "out of memory" => redis.run("CONFIG SET maxmemory 1")?,
        "hanging" => proxy.set(Mode::Drop),
        "nonsense" => proxy.set(Mode::Nonsense),
        _ => {}
    }
    Ok(())
}

/// Repeats a fault that happens more than once, if it is time.
fn repeat(
    fault: &str,
    redis: &mut RedisServer,
    fleet: &Fleet<'_>,
    last: &mut Instant,
) -> Result<(), Box<dyn Error>> {
    let seconds = last.elapsed().as_secs();
    match fault {
        "restarted every 3 s" if seconds >= 3 => {
            redis.kill()?;
            redis.start_again()?;
        }
        "flushed every 2 s" if seconds >= 2 => redis.run("FLUSHALL")?,
        _ => return Ok(()),
    }
    *last = Instant::now();
    fleet.tally().cleared(micros());
    Ok(())
}

fn end_of(fault: &str, redis: &mut RedisServer, proxy: &Proxy) -> Result<(), Box<dyn Error>> {
    match fault {
        "gone" => redis.start_again()?,
        "read-only" => redis.run("REPLICAOF NO ONE")?,
        "out of memory" => redis.run("CONFIG SET maxmemory 0")?,
        _ => proxy.set(Mode::Forward),
    }
    Ok(())
}

/// Starts a process that has no token, and adds what it reports.
fn cold_start(
    edge: &edge_oauth_local::LocalEdge,
    store: &str,
    sums: &mut Tally,
) -> Result<(), Box<dyn Error>> {
    let mut one = Fleet::start(edge, store, 1)?;
    one.go()?;
    one.wait_for_tokens(1)?;
    let tally = one.tally().take();
    sums.cold.extend(tally.cold);
    sums.errors += tally.errors;
    sums.expired += tally.expired;
    Ok(())
}
