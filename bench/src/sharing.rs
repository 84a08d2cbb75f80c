//! Cache lines that threads share: valgrind's lackey traces every access of two live threads that take turns.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::{env, io, thread};

use crate::case::{Case, Run};
use crate::measure::{WARM_UP, tenth};

/// The places whose writes show in the trace that a turn of the first or the second thread begins, or that it ends.
static MARKS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// Turns of each thread, and calls in a turn.
const TURNS: usize = 4;
const CALLS: u64 = 64;

type Marks = [u64; 3];

/// Returns the writes of each call to cache lines that the other thread reads or writes.
pub(crate) fn shared_writes(case: &Case) -> Result<f64, String> {
    let traced = trace(case).map_err(|error| format!("{}: {error}", case.id))?;
    let writes = traced.each_ref().map(|one| &one.writes);
    let shared = |writes: &[u64], other: &Traced| {
        writes
            .iter()
            .filter(|line| other.touched.contains(line))
            .count()
    };
    let count = shared(writes[0], &traced[1]) + shared(writes[1], &traced[0]);
    match traced[0].touched.is_empty() || traced[1].touched.is_empty() {
        true => Err(format!("{}: no access was traced", case.id)),
        false => Ok(tenth(count as f64 / (2 * TURNS as u64 * CALLS) as f64)),
    }
}

/// The cache lines that a thread used in its turns.
#[derive(Default)]
struct Traced {
    touched: BTreeSet<u64>,
    /// One for each write.
    writes: Vec<u64>,
}

fn trace(case: &Case) -> io::Result<[Traced; 2]> {
    let mut child = Command::new("valgrind")
        .args(["--tool=lackey", "--trace-mem=yes"])
        .arg(env::current_exe()?)
        .args(["share", case.id])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (Some(mut input), Some(output), Some(trace)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let marks = Arc::new(OnceLock::new());
    let known = Arc::clone(&marks);
    let reader = thread::spawn(move || read(trace, &known));
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let places: Vec<u64> = line
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let places = Marks::try_from(places).map_err(|_| io::ErrorKind::UnexpectedEof)?;
    marks.get_or_init(|| places);
    // The threads begin when the marks are known.
    writeln!(input)?;
    let traced = reader.join().map_err(|_| io::ErrorKind::Other)?;
    child.wait()?;
    traced
}

/// Reads lines such as ` S 1ffeff,8`: a load, a store, or a modification that is both.
fn read(trace: ChildStderr, marks: &OnceLock<Marks>) -> io::Result<[Traced; 2]> {
    let mut traced = [Traced::default(), Traced::default()];
    let mut turn = None;
    let mut trace = BufReader::with_capacity(1 << 20, trace);
    let mut line = Vec::new();
    while {
        line.clear();
        trace.read_until(b'\n', &mut line)?
    } > 0
    {
        let [b' ', kind @ (b'L' | b'S' | b'M'), b' ', access @ ..] = &line[..] else {
            continue;
        };
        let Some(marks) = marks.get() else { continue };
        let access = String::from_utf8_lossy(access);
        let Some((place, size)) = access.trim_end().split_once(',') else {
            continue;
        };
        let (Ok(place), Ok(size)) = (u64::from_str_radix(place, 16), size.parse::<u64>()) else {
            continue;
        };
        if let Some(mark) = marks.iter().position(|mark| *mark == place) {
            turn = (mark < 2).then_some(mark);
        } else if let Some(turn) = turn {
            let one: &mut Traced = &mut traced[turn];
            for cache_line in place / LINE..=(place + size - 1) / LINE {
                one.touched.insert(cache_line);
                if *kind != b'L' {
                    one.writes.push(cache_line);
                }
            }
        }
    }
    Ok(traced)
}

/// Runs the case on two threads that take turns, in the process that is traced.
pub(crate) fn take_turns(run: &Run) -> io::Result<()> {
    let places = MARKS.each_ref().map(|mark| mark.as_ptr() as u64);
    println!("{} {} {}", places[0], places[1], places[2]);
    io::stdin().read_line(&mut String::new())?;
    let turn = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (me, mark) in MARKS[..2].iter().enumerate() {
            let turn = &turn;
            scope.spawn(move || {
                let wait = |for_turn| {
                    while turn.load(Ordering::Acquire) != for_turn {
                        thread::yield_now();
                    }
                };
                // In turns too, so that neither is in the middle of it when the other one begins to count.
                wait(me);
                run(WARM_UP);
                turn.store(me + 1, Ordering::Release);
                for number in 1..=TURNS {
                    wait(2 * number + me);
                    mark.store(1, Ordering::Relaxed);
                    run(CALLS);
                    MARKS[2].store(1, Ordering::Relaxed);
                    turn.store(2 * number + me + 1, Ordering::Release);
                }
            });
        }
    });
    Ok(())
}

/// Bytes of a cache line.
const LINE: u64 = 64;
