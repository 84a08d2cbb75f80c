//! A program as a whole: the seam for `edge-oauth token` beside `curl`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What one run of a program took.
pub(crate) struct Process {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// The most memory that it had, in bytes.
    pub(crate) peak: u64,
}

/// Runs a program to its end, its output thrown away. `None` where it cannot be run, or says that it failed.
pub(crate) fn run(program: &str, args: &[&str]) -> Option<Process> {
    let start = Instant::now();
    let child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let used = child.wait4().ok()?;
    let wall = start.elapsed();
    used.status.success().then_some(Process {
        wall,
        cpu: used.rusage.utime + used.rusage.stime,
        peak: used.rusage.maxrss,
    })
}
