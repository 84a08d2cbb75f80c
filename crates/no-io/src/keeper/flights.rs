//! The acquisition in flight, and when the next one may start.

use std::time::Duration;

use crate::acquisition::place::Place;
use crate::keeper::backoff::Backoff;
use crate::keeper::policy::{MIN_BACKOFF, MIN_INTERVAL};

/// Acquisitions by their number, one in flight at most.
#[derive(Debug)]
pub(super) struct Flights {
    flight: Option<Flight>,
    next_number: u64,
    /// The start of the newest acquisition, by the monotonic clock.
    started: Duration,
    /// Acquisitions before this one are of an earlier configuration.
    first_number: u64,
    /// The acquisition that ended last with an outcome.
    finished: Option<u64>,
    /// Acquisitions in a row that came back without an outcome, or lapsed.
    lost: u32,
    lost_in: Option<Place>,
    /// The earliest start of the next acquisition, by the monotonic clock alone.
    earliest: Duration,
    /// The same for a caller that asks for a refresh, which no failure delays.
    earliest_refresh: Duration,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    place: Place,
    /// A time of the monotonic clock.
    lapses: Duration,
    served_meanwhile: bool,
}

impl Flights {
    pub(super) fn new() -> Self {
        Self {
            flight: None,
            next_number: 1,
            started: Duration::ZERO,
            first_number: 1,
            finished: None,
            lost: 0,
            lost_in: None,
            earliest: Duration::ZERO,
            earliest_refresh: Duration::ZERO,
        }
    }

    /// Starts an acquisition and returns its number.
    pub(super) fn start(&mut self, place: Place, timeout: Duration, monotonic: Duration) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        self.started = monotonic;
        self.flight = Some(Flight {
            number,
            place,
            lapses: monotonic.saturating_add(timeout).saturating_add(GRACE),
            served_meanwhile: false,
        });
        number
    }

    /// Ends the acquisition of this number, and returns whether it was in flight.
    pub(super) fn end(&mut self, number: u64) -> bool {
        let ended = self.flight.take_if(|flight| flight.number == number);
        ended.is_some()
    }

    /// Gives up the acquisition in flight if its time is over, and returns whether it was.
    pub(super) fn lapse(&mut self, monotonic: Duration) -> bool {
        let lapsed = self.flight.take_if(|flight| monotonic >= flight.lapses);
        if let Some(flight) = &lapsed {
            self.count_as_lost(flight.place, flight.lapses);
        }
        lapsed.is_some()
    }

    pub(super) fn is_any(&self) -> bool {
        self.flight.is_some()
    }

    /// Returns when the acquisition in flight lapses, by the monotonic clock.
    pub(super) fn lapses(&self) -> Option<Duration> {
        self.flight.as_ref().map(|flight| flight.lapses)
    }

    /// Returns the number of the acquisition that a caller who comes now waits for.
    pub(super) fn joinable(&self) -> u64 {
        let flight = self.flight.as_ref();
        flight.map_or(self.next_number, |flight| flight.number)
    }

    pub(super) fn has_started_any(&self) -> bool {
        self.next_number > 1
    }

    /// Returns when the newest acquisition started, by the monotonic clock.
    pub(super) fn started(&self) -> Duration {
        self.started
    }

    /// Returns whether no later acquisition has started.
    pub(super) fn is_newest(&self, number: u64) -> bool {
        number + 1 == self.next_number
    }

    pub(super) fn is_of_earlier_config(&self, number: u64) -> bool {
        number < self.first_number
    }

    /// Returns whether this acquisition or a later one has an outcome.
    pub(super) fn has_finished(&self, number: u64) -> bool {
        self.finished.is_some_and(|finished| finished >= number)
    }

    pub(super) fn note_outcome(&mut self, number: u64) {
        self.finished = self.finished.max(Some(number));
    }

    /// Returns whether this is the first time that a caller is served beside the acquisition in flight.
    pub(super) fn is_first_served_meanwhile(&mut self) -> bool {
        let flight = self.flight.as_mut();
        flight.is_some_and(|flight| !std::mem::replace(&mut flight.served_meanwhile, true))
    }

    /// Returns the number of acquisitions in a row that came to nothing.
    pub(super) fn lost(&self) -> u32 {
        self.lost
    }

    /// Returns where the last acquisition was lost, if none had an outcome since.
    pub(super) fn lost_in(&self) -> Option<Place> {
        self.lost_in
    }

    /// The first that is lost may be tried again at once; more in a row are spaced out.
    pub(super) fn count_as_lost(&mut self, place: Place, since: Duration) {
        self.hold_until(since.saturating_add(self.spacing()));
        self.lost = self.lost.saturating_add(1);
        self.lost_in = Some(place);
    }

    /// Returns the time until the next attempt after an acquisition that is lost.
    pub(super) fn spacing(&self) -> Duration {
        match self.lost {
            0 => Duration::ZERO,
            n => LOST.after(n),
        }
    }

    pub(super) fn forget_lost(&mut self) {
        (self.lost, self.lost_in) = (0, None);
    }

    /// Returns the time of the monotonic clock before which no acquisition starts.
    pub(super) fn earliest(&self, refresh: bool) -> Duration {
        match refresh {
            true => self.earliest_refresh,
            false => self.earliest,
        }
    }

    /// Lets no acquisition start before this time. A caller that asks for a refresh is exempt.
    pub(super) fn hold_until(&mut self, earliest: Duration) {
        self.earliest = self.earliest.max(earliest);
    }

    /// Lets no acquisition start before this time.
    pub(super) fn hold_all_until(&mut self, earliest: Duration) {
        self.hold_until(earliest);
        self.earliest_refresh = self.earliest_refresh.max(earliest);
    }

    /// Drops the delays by failures and losses.
    pub(super) fn lift_delays(&mut self) {
        self.earliest = self.earliest_refresh;
    }

    /// Disowns every acquisition so far, and every delay.
    pub(super) fn disown(&mut self) {
        *self = Self {
            next_number: self.next_number,
            first_number: self.next_number,
            ..Self::new()
        };
    }
}

/// Between an acquisition's timeout and its lapse, for the outcome to arrive in.
const GRACE: Duration = Duration::from_secs(1);

/// Between acquisitions that are all lost.
const LOST: Backoff = Backoff {
    initial: MIN_BACKOFF,
    max: MIN_INTERVAL,
};
