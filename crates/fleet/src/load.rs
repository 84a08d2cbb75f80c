//! Measures the load of many processes on one Redis server, at the start and later.

use std::error::Error;
use std::time::{Duration, Instant};
use std::{fmt, thread};

use edge_oauth_redis::redis::{Connection, cmd};

use crate::arguments::Arguments;
use crate::fleet::Fleet;
use crate::stage::{SHORT, Stage};
use crate::tally::ms;

/// Prints a table.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    println!(
        "| processes | phase | seconds | token requests | store calls | calls per second | most in 100 ms, per second | \
         commands per second, those of the scripts included | CPU of Redis | longest wait | errors |\n\
         |---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    );
    let processes = arguments.processes.unwrap_or(256);
    // Long enough that all of them wait for one holder.
    let stage = Stage::new(SHORT, Duration::from_millis(300))?;
    let mut fleet = Fleet::start(&stage.edge, &stage.store("redis"), processes)?;
    let mut redis = stage.redis.connection()?;

    let (before, watch) = (stage.requests(), Watch::start(&mut redis)?);
    fleet.go()?;
    let cold = watch.until(&mut redis, |_| fleet.tally().cold.len() >= processes)?;
    let requests = stage.requests() - before;
    let start = fleet.tally().take();
    let longest = ms(start.longest_cold());
    println!(
        "| {processes} | cold | {cold} | {longest} | {} |",
        start.errors,
        cold = cold.cells(requests)
    );

    thread::sleep(SHORT);
    fleet.tally().take();
    let (before, watch) = (stage.requests(), Watch::start(&mut redis)?);
    let warm = watch.until(&mut redis, |elapsed| elapsed > stage.used() * 4)?;
    let requests = stage.requests() - before;
    let later = fleet.tally().take();
    let longest = ms(later.cached.max(later.longest_cold()));
    println!(
        "| {processes} | warm | {warm} | {longest} | {} |",
        later.errors,
        warm = warm.cells(requests)
    );
    Ok(())
}

/// The counters of a Redis server.
#[derive(Clone, Copy)]
struct Counters {
    calls: f64,
    commands: f64,
    cpu: f64,
}

impl Counters {
    fn read(redis: &mut Connection) -> Result<Self, Box<dyn Error>> {
        let info: String = cmd("INFO").arg("everything").query(redis)?;
        let after = |name: &str| {
            let (_, rest) = info.split_once(name)?;
            let end = rest.find([',', '\r', '\n'])?;
            rest[..end].parse::<f64>().ok()
        };
        let missing = "a counter of Redis is missing";
        Ok(Self {
            // Missing until the first call.
            calls: after("cmdstat_evalsha:calls=").unwrap_or(0.0),
            commands: after("total_commands_processed:").ok_or(missing)?,
            cpu: after("used_cpu_user:").ok_or(missing)? + after("used_cpu_sys:").ok_or(missing)?,
        })
    }
}

struct Watch {
    began: Instant,
    first: Counters,
}

struct Seen {
    time: Duration,
    first: Counters,
    last: Counters,
    most: f64,
}

impl Watch {
    fn start(redis: &mut Connection) -> Result<Self, Box<dyn Error>> {
        let first = Counters::read(redis)?;
        let began = Instant::now();
        Ok(Self { began, first })
    }

    /// Reads the counters ten times a second until it is over.
    fn until(
        self,
        redis: &mut Connection,
        is_over: impl Fn(Duration) -> bool,
    ) -> Result<Seen, Box<dyn Error>> {
        let (mut last, mut read, mut most) = (self.first, self.began, 0.0_f64);
        loop {
            thread::sleep(Duration::from_millis(100));
            let (next, now) = (Counters::read(redis)?, Instant::now());
            most = most.max((next.calls - last.calls) / (now - read).as_secs_f64());
            (last, read) = (next, now);
            let time = self.began.elapsed();
            if is_over(time) {
                let first = self.first;
                return Ok(Seen {
                    time,
                    first,
                    last,
                    most,
                });
            }
        }
    }
}

impl Seen {
    fn cells(&self, requests: u64) -> impl fmt::Display {
        let seconds = self.time.as_secs_f64();
        let calls = self.last.calls - self.first.calls;
        let commands = (self.last.commands - self.first.commands) / seconds;
        let cpu = (self.last.cpu - self.first.cpu) / seconds * 100.0;
        format!(
            "{seconds:.1} | {requests} | {calls:.0} | {:.0} | {:.0} | {commands:.0} | {cpu:.1} %",
            calls / seconds,
            self.most
        )
    }
}
