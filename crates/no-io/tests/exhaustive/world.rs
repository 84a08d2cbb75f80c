//! A keeper with its callers, its acquisition and its clocks, and the facts that the promises are judged by.

use std::hash::DefaultHasher;
use std::time::Duration;

use edge_oauth_no_io::{Event, Place, StoredToken};

use crate::call::Call;
use crate::clocks::{Clocks, Nanos};
use crate::facts::{Asks, Facts, Flight, Known, Waiting};
use crate::promise::{Bug, Promise};
use crate::subject::{Store, Subject};

/// The state after some calls. It knows true time and nothing of how the keeper decides.
pub(crate) struct World {
    pub(crate) subject: Subject,
    pub(crate) store: Store,
    pub(crate) bug: Option<Bug>,
    pub(crate) is_steady: bool,
    pub(crate) clocks: Clocks,
    pub(crate) flight: Option<Flight>,
    /// The acquisitions that lapsed or have an earlier configuration.
    pub(crate) late: Vec<Flight>,
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) tokens: Vec<Known>,
    /// The token that has to be cached, as long as it is valid.
    pub(crate) current: Option<usize>,
    pub(crate) stored: Option<(StoredToken, usize)>,
    pub(crate) version: u64,
    pub(crate) facts: Facts,
    pub(crate) set_backs: u32,
    /// The number of acquisitions.
    pub(crate) started: u64,
    /// The latest number that the store gave.
    pub(crate) number: u64,
    /// The lease of another process, and its end.
    pub(crate) foreign: Option<(u64, Nanos)>,
    /// The one assertion that judges; `None` for all.
    pub(crate) judge: Option<Promise>,
    pub(crate) violation: Option<(Promise, String)>,
    /// The outputs since a fingerprint began.
    pub(crate) trace: Option<DefaultHasher>,
}

impl World {
    pub(crate) fn new(store: Store, bug: Option<Bug>, is_steady: bool) -> Self {
        let mut clocks = Clocks::new();
        // So that a token may be older than the process.
        clocks.elapsed = Duration::from_secs(1_000_000).as_nanos();
        Self {
            subject: Subject::new(store, 0, bug, is_steady, clocks.now),
            store,
            bug,
            is_steady,
            clocks,
            flight: None,
            late: Vec::new(),
            waiting: Vec::new(),
            tokens: Vec::new(),
            current: None,
            stored: None,
            version: 0,
            facts: Facts::default(),
            set_backs: 0,
            started: 0,
            number: 0,
            foreign: None,
            judge: None,
            violation: None,
            trace: None,
        }
    }

    pub(crate) fn lived(&self) -> Nanos {
        self.clocks.elapsed
    }

    /// Notes the first promise that is broken.
    pub(crate) fn check(&mut self, promise: Promise, holds: bool, why: impl FnOnce() -> String) {
        let judges = self.judge.is_none_or(|judge| judge == promise);
        if !holds && judges && self.violation.is_none() {
            self.violation = Some((promise, why()));
        }
    }

    /// Returns the token that has to be cached and is valid.
    pub(crate) fn valid(&self) -> Option<&Known> {
        let known = &self.tokens[self.current?];
        (self.lived() < known.lasts_until()).then_some(known)
    }

    /// Makes a call. Returns false if it cannot be made in this state, which is then unchanged.
    pub(crate) fn make(&mut self, call: Call) -> bool {
        let made = match call {
            Call::Poll => self.poll(Asks::Patiently),
            Call::PollInHaste => self.poll(Asks::InHaste),
            Call::Look => self.poll(Asks::Never),
            Call::PollToRefresh => self.poll(Asks::ForNew),
            // Without a token it is as any other.
            Call::PollForLong => self.current.is_some() && self.poll(Asks::ForLong),
            Call::PollAgain => self.poll_again(),
            Call::Run => self.run_queued(),
            Call::Token | Call::ShortToken | Call::BriefToken => self.token(call),
            Call::Fault
            | Call::TimedOut
            | Call::Busy
            | Call::Denied
            | Call::RetryAfter
            | Call::Quota => self.failure(call),
            Call::Cancel => self.cancel(),
            Call::LateToken | Call::LateFault | Call::LateCancel => self.late(call),
            Call::Reject => self.reject(0),
            Call::RejectOlder => self.reject(1),
            Call::SameConfig => self.replace(self.version),
            Call::NewSecret => self.replace(self.version ^ 1),
            Call::NewAudience => self.replace(self.version ^ 2),
            Call::Export => self.export(),
            Call::Restore => self.restore(),
            Call::Restart => self.restart(),
            Call::ToTimeout
            | Call::ToExpiry
            | Call::ToLapse
            | Call::Second
            | Call::Sleep
            | Call::SetBack
            | Call::WallStands => self.started > 0 && self.pass(call),
            Call::Found
            | Call::FoundOld
            | Call::Lease
            | Call::Held
            | Call::HeldError
            | Call::StoreFails
            | Call::TooLate => self.claimed(call),
        };
        if made {
            self.subject.observe(self.clocks.now);
            self.events();
        }
        made
    }

    /// Returns the events, and takes note of a lapse, which any call may find.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        let events = self.subject.events();
        for event in &events {
            self.trace_event(event);
            match event {
                Event::Lapsed => {
                    if let Some(flight) = self.flight.take() {
                        self.note_loss(flight.acquisition.place());
                        self.note_late(flight);
                    }
                }
                Event::Failed { backoff, error, .. } => {
                    self.facts.until = Some(self.lived() + backoff.as_nanos());
                    self.facts.is_permanent = !error.is_transient();
                }
                _ => {}
            }
        }
        events
    }

    /// In a search of merged states one may be late, and the others never come back.
    pub(crate) fn note_late(&mut self, flight: Flight) {
        if self.is_steady {
            self.late.clear();
        }
        self.late.push(flight);
    }

    pub(crate) fn note_loss(&mut self, place: Place) {
        self.facts.lost += 1;
        self.facts.lost_in = Some(place);
        self.facts.lost_at = self.clocks.now.monotonic;
    }
}
