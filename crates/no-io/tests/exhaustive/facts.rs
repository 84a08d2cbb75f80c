//! The parts of a world: facts, acquisitions, callers and tokens.

use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Acquisition, Caller, Claim, Place};

use crate::clocks::Nanos;

/// The facts that a new configuration voids.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    /// The acquisitions in a row that had no outcome.
    pub(crate) lost: u32,
    pub(crate) lost_in: Option<Place>,
    /// When the latest one was lost, by the monotonic clock.
    pub(crate) lost_at: Duration,
    /// When the backoff that was told is over.
    pub(crate) until: Option<Nanos>,
    pub(crate) is_permanent: bool,
    pub(crate) permanent: u32,
    pub(crate) transient: u32,
    pub(crate) has_failed: bool,
    /// The latest failure is a timeout.
    pub(crate) is_timeout: bool,
    /// The failures of all time that are no timeouts, as of the latest one since the last token.
    pub(crate) failed: Option<u64>,
    pub(crate) failures: u64,
    /// When the latest outcome came, by the monotonic clock.
    pub(crate) outcome_at: Duration,
    /// When the acquisition of the latest token was handed out, by the monotonic clock.
    pub(crate) token_started: Option<Duration>,
    pub(crate) rejections: u32,
}

pub(crate) struct Flight {
    pub(crate) acquisition: Acquisition,
    pub(crate) state: State,
    pub(crate) order: u64,
    /// When its time is over, by the monotonic clock.
    pub(crate) ends: Duration,
    /// When the request or the latest claim left.
    pub(crate) sent: Option<Nanos>,
    pub(crate) started: Duration,
    /// When it was handed out, and how often the wall clock was set back before. A set-back hides a sleep from an
    /// acquisition that saw neither, so the token then counts as old as this.
    pub(crate) handed_out: (Nanos, u32),
    pub(crate) lease: Option<u64>,
    pub(crate) claims: u32,
    /// The claims since the last pause.
    pub(crate) claims_in_a_row: u32,
    /// An entry of the store has to be valid for longer; `None` if none is of use.
    pub(crate) need: Option<Duration>,
    pub(crate) is_disowned: bool,
}

pub(crate) enum State {
    /// It is to run in the background, and has not begun.
    Queued,
    Claiming(Claim),
    Pausing(Duration),
    Sent,
}

/// The kind of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asks {
    Patiently,
    InHaste,
    Never,
    ForNew,
    ForLong,
}

pub(crate) struct Waiting {
    pub(crate) caller: Caller,
    pub(crate) asks: Asks,
    pub(crate) began: Nanos,
    pub(crate) failures: u64,
}

/// A token that the keeper got.
pub(crate) struct Known {
    pub(crate) token: AccessToken,
    pub(crate) order: u64,
    pub(crate) sent: Nanos,
    /// When its request left at the earliest, as far as the acquisition can tell: see [`Flight::handed_out`].
    pub(crate) sent_at_the_earliest: Nanos,
    pub(crate) lifetime: Duration,
    /// The first one after a start or an outage.
    pub(crate) is_first: bool,
    pub(crate) is_cached: bool,
    pub(crate) is_dropped: bool,
}

impl Known {
    /// Returns when it is no longer handed out.
    pub(crate) fn expires(&self) -> Nanos {
        self.sent + self.usable()
    }

    /// Returns until when it has to be handed out.
    pub(crate) fn lasts_until(&self) -> Nanos {
        self.sent_at_the_earliest + self.usable()
    }

    fn usable(&self) -> Nanos {
        let margin = (self.lifetime / 10).min(Duration::from_secs(30));
        (self.lifetime - margin).as_nanos()
    }
}
