//! The progress of a job: a line that moves on a terminal, and a line for each change elsewhere.

use std::time::Duration;

use experience_edge_api::Job;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::commands::publish::describe;
use crate::output::terminal;

/// Shows the state of a job.
pub(super) struct Reporter {
    /// Hidden if standard error is no terminal.
    bar: ProgressBar,
    /// The last line.
    last: String,
}

impl Reporter {
    pub(super) fn new() -> Self {
        // The details of `-v` would tear the line that moves.
        let target = match terminal::is_verbose() {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(None, target).with_style(style(COUNTING));
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self {
            bar,
            last: String::new(),
        }
    }

    pub(super) fn show(&mut self, job: &Job) {
        let text = describe::progress(job);
        let line = format!("{}: {text}", describe::id(job));
        if line == self.last {
            return;
        }
        if self.bar.is_hidden() {
            terminal::note(&line);
        } else {
            let numbers = job.statistics();
            let length = numbers.total_count.or(numbers.items_sent);
            if let (Some(length), Some(done)) = (length, numbers.items_processed) {
                self.bar.set_style(style(KNOWN_LENGTH));
                self.bar.set_length(length);
                self.bar.set_position(done);
            }
            self.bar.set_message(text);
        }
        self.last = line;
    }

    /// Writes a message beside the progress.
    pub(super) fn warn(&self, message: &str) {
        self.bar.suspend(|| terminal::warning(message));
    }
}

/// The line that moves ends as the last line of the other form.
impl Drop for Reporter {
    fn drop(&mut self) {
        if !self.bar.is_hidden() {
            self.bar.finish_and_clear();
            if !self.last.is_empty() {
                terminal::note(&self.last);
            }
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is a constant")
}

const COUNTING: &str = "{spinner} {msg} [{elapsed}]";
const KNOWN_LENGTH: &str = "{spinner} {bar:24} {msg} [{elapsed}]";
const TICK: Duration = Duration::from_millis(120);
