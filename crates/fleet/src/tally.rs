//! The sums of what members report.

use std::collections::HashSet;

use crate::report::Report;

/// The actions of one fleet since the last reading.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) ready: usize,
    /// Microseconds of each call that found no cached token.
    pub(crate) cold: Vec<u64>,
    /// The longest call with a cached token.
    pub(crate) cached: u64,
    pub(crate) expired: u64,
    pub(crate) rejected: u64,
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
    /// Token requests of each member.
    pub(crate) requests: Vec<u64>,
    pub(crate) saved: u64,
    pub(crate) refused: u64,
    pub(crate) stale: u64,
    pub(crate) store_failures: u64,
    /// Members that were stopped, and reported no wait since.
    pub(crate) stopped: HashSet<usize>,
    history: Vec<Saved>,
}

#[derive(Clone, Debug)]
struct Saved {
    number: u64,
    to: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, member: usize, report: Report) {
        match report {
            Report::Ready => self.ready += 1,
            // Its stop is a part of this wait.
            Report::Waited { .. } if self.stopped.remove(&member) => {}
            Report::Waited {
                was_cached: true,
                micros,
            } => self.cached = self.cached.max(micros),
            Report::Waited { micros, .. } => self.cold.push(micros),
            Report::Expired => self.expired += 1,
            Report::Rejected => self.rejected += 1,
            Report::Error(text) => {
                self.errors += 1;
                self.first_error.get_or_insert(text);
            }
            Report::Requested => {
                let length = self.requests.len().max(member + 1);
                self.requests.resize(length, 0);
                self.requests[member] += 1;
            }
            Report::Leased => {}
            Report::Saved {
                accepted: false, ..
            } => self.refused += 1,
            Report::Saved {
                number, from, to, ..
            } => {
                self.saved += 1;
                // A newer token was there before this save began.
                let is_stale = |earlier: &Saved| earlier.number > number && earlier.to < from;
                self.stale += u64::from(self.history.iter().any(is_stale));
                self.history.push(Saved { number, to });
            }
            Report::StoreFailed => self.store_failures += 1,
        }
    }

    /// Returns the sums, and begins again.
    pub(crate) fn take(&mut self) -> Self {
        let next = Self {
            ready: self.ready,
            history: self.history.clone(),
            stopped: self.stopped.clone(),
            ..Self::default()
        };
        std::mem::replace(self, next)
    }

    /// Forgets the tokens that the store forgot before this time, in microseconds.
    pub(crate) fn cleared(&mut self, at: u64) {
        self.history.retain(|saved| saved.to > at);
    }

    pub(crate) fn longest_cold(&self) -> u64 {
        self.cold.iter().copied().max().unwrap_or(0)
    }

    pub(crate) fn median_cold(&self) -> u64 {
        let mut sorted = self.cold.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or(0)
    }

    pub(crate) fn most_of_one(&self) -> u64 {
        self.requests.iter().copied().max().unwrap_or(0)
    }

    /// Returns expired and rejected tokens, and errors, for the cells of a row.
    pub(crate) fn wrong(&self) -> String {
        if let Some(error) = &self.first_error {
            eprintln!("an error: {error}");
        }
        let bad = self.expired + self.rejected;
        format!("{bad} | {}", self.errors)
    }
}

/// Returns microseconds as milliseconds.
pub(crate) fn ms(micros: u64) -> String {
    if micros < 10_000 {
        let tenths = micros.div_ceil(100);
        return format!("{}.{} ms", tenths / 10, tenths % 10);
    }
    format!("{} ms", micros.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(number: u64, from: u64, to: u64) -> Report {
        Report::Saved {
            number,
            from,
            to,
            accepted: true,
        }
    }

    #[test]
    fn save_of_an_older_token_after_a_newer_one_is_stale() {
        let mut tally = Tally::default();
        tally.add(0, saved(5, 10, 20));
        tally.add(1, saved(6, 30, 40));
        assert_eq!(tally.stale, 0);
        tally.add(2, saved(4, 15, 16)); // while the first was on its way
        assert_eq!(tally.stale, 0);
        tally.add(2, saved(5, 50, 60));
        assert_eq!(tally.stale, 1);
    }

    #[test]
    fn store_that_forgot_all_accepts_any_token() {
        let mut tally = Tally::default();
        tally.add(0, saved(5, 10, 20));
        tally.cleared(25);
        tally.add(1, saved(4, 30, 40));
        assert_eq!(tally.stale, 0);
    }
}
