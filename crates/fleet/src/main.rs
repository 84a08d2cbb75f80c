//! Starts real processes with one configuration on one shared store, disturbs them, and counts.
//!
//! ```text
//! harness ──▶ local Edge: tokens of 10 s      ◀── token requests, counted there
//!    │    ──▶ redis-server, or a folder       ◀── claims and saves, reported by each member
//!    └──────▶ member, member, ...             ◀── waits, errors and tokens, reported by each member
//! ```
//!
//! ```sh
//! cargo run --release -p edge-oauth-fleet -- scale      # 1 to 256 processes, with and without a store
//! cargo run --release -p edge-oauth-fleet -- holders    # kill -9, SIGSTOP, rejected tokens
//! cargo run --release -p edge-oauth-fleet -- random     # 64 processes, tokens of 5 s, kill -9 and SIGSTOP at random
//! cargo run --release -p edge-oauth-fleet -- faults     # Redis gone, hanging, read-only, ...
//! cargo run --release -p edge-oauth-fleet -- load       # 256 processes, and what Redis has to do for them
//! cargo run --release -p edge-oauth-fleet -- endure --minutes 10 --seed 7 --with tasks|threads
//! ```
//!
//! `--processes N` takes another number of processes, `--only NAME` one row, `--seed N` other holders. It needs `redis-server` or
//! `valkey-server`.
//!
//! `endure` is of one process with many threads or tasks, against a server of its own that fails, and needs no Redis.
#![cfg_attr(
    unix,
    allow(
        clippy::print_stdout,
        clippy::print_stderr,
        reason = "its tables are its purpose"
    )
)]

#[cfg(unix)]
mod arguments;
#[cfg(unix)]
mod endure;
#[cfg(unix)]
mod faults;
#[cfg(unix)]
mod fleet;
#[cfg(unix)]
mod holders;
#[cfg(unix)]
mod load;
#[cfg(unix)]
mod member;
#[cfg(unix)]
mod proxy;
#[cfg(unix)]
mod redis_server;
#[cfg(unix)]
mod report;
#[cfg(unix)]
mod scale;
#[cfg(unix)]
mod stage;
#[cfg(unix)]
mod tally;
#[cfg(unix)]
mod watched;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((first, rest)) if first == "member" => member::run(rest),
        Some((first, rest)) => {
            let arguments = arguments::Arguments::parse(rest)?;
            match first.as_str() {
                "scale" => scale::run(&arguments),
                "holders" => holders::run(&arguments),
                "random" => holders::run_random(&arguments),
                "faults" => faults::run(&arguments),
                "load" => load::run(&arguments),
                "endure" => endure::run(&arguments),
                _ => Err(arguments::USAGE.into()),
            }
        }
        None => Err(arguments::USAGE.into()),
    }
}

#[cfg(not(unix))]
fn main() {}
