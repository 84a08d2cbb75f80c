//! The lines that members write and the harness reads.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A fact about one member.
#[derive(Debug, PartialEq)]
pub(crate) enum Report {
    /// It waits for the start.
    Ready,
    /// A call returned a token after this many microseconds.
    Waited { was_cached: bool, micros: u64 },
    /// It was given an expired token.
    Expired,
    /// It was given a token that it had rejected.
    Rejected,
    /// A call returned an error.
    Error(String),
    /// A token request left.
    Requested,
    /// It holds the lease.
    Leased,
    /// It stored a token between these two readings of the wall clock, in microseconds.
    Saved {
        number: u64,
        from: u64,
        to: u64,
        accepted: bool,
    },
    /// The store failed.
    StoreFailed,
}

impl Report {
    fn line(&self) -> String {
        match self {
            Self::Ready => "ready".to_owned(),
            Self::Waited { was_cached, micros } => format!("waited {was_cached} {micros}"),
            Self::Expired => "expired".to_owned(),
            Self::Rejected => "rejected".to_owned(),
            Self::Error(text) => format!("error {text}"),
            Self::Requested => "requested".to_owned(),
            Self::Leased => "leased".to_owned(),
            Self::Saved {
                number,
                from,
                to,
                accepted,
            } => format!("saved {number} {from} {to} {accepted}"),
            Self::StoreFailed => "store-failed".to_owned(),
        }
    }

    /// Reads a line. Returns the member's number too.
    pub(crate) fn parse(line: &str) -> Option<(usize, Self)> {
        let (member, rest) = line.split_once(' ')?;
        let (kind, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let words: Vec<_> = rest.split(' ').collect();
        let report = match (kind, &words[..]) {
            ("ready", _) => Self::Ready,
            ("waited", [was_cached, micros]) => Self::Waited {
                was_cached: was_cached.parse().ok()?,
                micros: micros.parse().ok()?,
            },
            ("expired", _) => Self::Expired,
            ("rejected", _) => Self::Rejected,
            ("error", _) => Self::Error(rest.to_owned()),
            ("requested", _) => Self::Requested,
            ("leased", _) => Self::Leased,
            ("saved", [number, from, to, accepted]) => Self::Saved {
                number: number.parse().ok()?,
                from: from.parse().ok()?,
                to: to.parse().ok()?,
                accepted: accepted.parse().ok()?,
            },
            ("store-failed", _) => Self::StoreFailed,
            _ => return None,
        };
        Some((member.parse().ok()?, report))
    }

    /// Writes the report to standard output, which all members share: a short line arrives whole.
    pub(crate) fn send(&self) {
        let member = MEMBER.load(Ordering::Relaxed);
        let text = self.line().replace('\n', " ");
        let text: String = text.chars().take(LONGEST).collect();
        let line = format!("{member} {text}\n");
        // The harness may be gone, which ends the member elsewhere.
        let _ = std::io::stdout().lock().write_all(line.as_bytes());
    }
}

/// Sets the number that this process reports under.
pub(crate) fn set_member(number: usize) {
    MEMBER.store(number, Ordering::Relaxed);
}

static MEMBER: AtomicUsize = AtomicUsize::new(0);

/// In characters: well below what a pipe takes in one piece.
const LONGEST: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_is_read_as_it_was_written() {
        let saved = Report::Saved {
            number: 1,
            from: 2,
            to: 3,
            accepted: true,
        };
        for report in [Report::Ready, saved, Report::Error("two words".to_owned())] {
            let line = format!("7 {}", report.line());
            assert_eq!(Report::parse(&line), Some((7, report)));
        }
        assert_eq!(Report::parse("7 nonsense"), None);
    }
}
