//! Starts members, signals them, and collects their reports.

use std::error::Error;
use std::io::{BufRead, BufReader, PipeWriter, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_local::LocalEdge;
use rustix::process::{Pid, Signal, kill_process};

use crate::member;
use crate::report::Report;
use crate::tally::Tally;

/// Members with one configuration and one store. They end with it.
pub(crate) struct Fleet<'e> {
    edge: &'e LocalEdge,
    store: String,
    pause: Duration,
    members: Vec<Child>,
    output: PipeWriter,
    tally: Arc<Mutex<Tally>>,
    /// Each member that got the lease.
    pub(crate) holders: Receiver<usize>,
}

impl<'e> Fleet<'e> {
    /// Starts members, and returns when all of them wait for the start.
    pub(crate) fn start(
        edge: &'e LocalEdge,
        store: &str,
        processes: usize,
    ) -> Result<Self, Box<dyn Error>> {
        let (input, output) = std::io::pipe()?;
        let tally = Arc::new(Mutex::new(Tally::default()));
        let (sender, holders) = mpsc::channel();
        let shared = Arc::clone(&tally);
        thread::spawn(move || {
            for line in BufReader::new(input).lines().map_while(Result::ok) {
                let Some((member, report)) = Report::parse(&line) else {
                    eprintln!("no report: {line}");
                    continue;
                };
                if report == Report::Leased {
                    // Most scenarios do not ask.
                    let _ = sender.send(member);
                }
                locked(&shared).add(member, report);
            }
        });
        let mut fleet = Self {
            edge,
            store: store.to_owned(),
            // A machine with few cores spends most of its time on the calls of 256 members otherwise.
            pause: Duration::from_millis(u64::try_from(processes)?.clamp(10, 200)),
            members: Vec::new(),
            output,
            tally,
            holders,
        };
        for number in 0..processes {
            let member = fleet.member(number)?;
            fleet.members.push(member);
        }
        fleet.wait_until_ready(processes)?;
        Ok(fleet)
    }

    /// Lets all members begin.
    pub(crate) fn go(&mut self) -> Result<(), Box<dyn Error>> {
        (0..self.members.len()).try_for_each(|number| self.tell(number))
    }

    /// Lets one member begin, or has it reject its token if it has begun.
    pub(crate) fn tell(&mut self, number: usize) -> Result<(), Box<dyn Error>> {
        let input = self.members[number].stdin.as_mut();
        Ok(input.ok_or("no standard input")?.write_all(b"\n")?)
    }

    /// Kills a member, and starts another in its place.
    pub(crate) fn replace(&mut self, number: usize) -> Result<(), Box<dyn Error>> {
        let member = &mut self.members[number];
        member.kill()?;
        member.wait()?;
        let ready = self.tally().ready + 1;
        self.members[number] = self.member(number)?;
        self.wait_until_ready(ready)?;
        self.tell(number)
    }

    pub(crate) fn signal(&self, number: usize, signal: Signal) -> Result<(), Box<dyn Error>> {
        Ok(kill_process(
            Pid::from_child(&self.members[number]),
            signal,
        )?)
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        locked(&self.tally)
    }

    /// Waits until a member that was told to begin has a token.
    pub(crate) fn wait_for_tokens(&self, count: usize) -> Result<(), Box<dyn Error>> {
        wait_until(|| self.tally().cold.len() >= count, "a member has no token")
    }

    fn wait_until_ready(&self, count: usize) -> Result<(), Box<dyn Error>> {
        wait_until(|| self.tally().ready >= count, "a member did not start")
    }

    fn member(&self, number: usize) -> Result<Child, Box<dyn Error>> {
        let program = std::env::current_exe()?;
        let arguments = member::arguments(number, self.edge, &self.store, self.pause);
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped());
        Ok(command.stdout(self.output.try_clone()?).spawn()?)
    }
}

impl Drop for Fleet<'_> {
    fn drop(&mut self) {
        for member in &mut self.members {
            let _ = member.kill();
        }
        for member in &mut self.members {
            let _ = member.wait();
        }
    }
}

fn locked(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait_until(mut done: impl FnMut() -> bool, otherwise: &str) -> Result<(), Box<dyn Error>> {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        if Instant::now() > end {
            return Err(otherwise.into());
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}
