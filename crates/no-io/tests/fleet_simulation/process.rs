//! One process: a keeper, its callers, and the acquisitions in flight.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Caller, Config, Event, Keeper, Moment, Policy, TokenError,
    TransportErrorKind,
};

use crate::bugs::Bug;
use crate::server::Server;
use crate::{START, Time, wall};

pub(crate) struct Process {
    pub keeper: Keeper,
    pub bug: Option<Bug>,
    /// A restart makes another one: events of the one before are void.
    pub incarnation: u32,
    pub is_alive: bool,
    pub born: Time,
    /// The wall clock against true time, in microseconds.
    pub skew: i64,
    /// How long the monotonic clock stood, as it does while a machine sleeps.
    pub slept: Time,
    /// Nothing of it runs until then.
    pub stopped_until: Time,
    pub reaches_store: bool,
    pub reaches_server: bool,
    pub waiting: Vec<Waiting>,
    pub flights: Vec<Flight>,
    pub next_number: u64,
    /// The token that it obtained last, and did not reject.
    pub holds: Option<usize>,
    /// Its last request failed.
    pub has_failed: bool,
    /// The server asked it to wait until then.
    pub not_before: Time,
    /// When its last request failed for another reason than a timeout, unless one succeeded since.
    pub told_at: Option<Time>,
    /// For its bugs: the error of its last request, and the token that it rejected last.
    pub last_error: Option<TokenError>,
    pub rejected: Option<AccessToken>,
}

pub(crate) struct Waiting {
    pub number: u64,
    pub caller: Caller,
    pub since: Time,
    pub wish: Wish,
}

/// The wishes of a caller.
#[derive(Clone, Copy)]
pub(crate) struct Wish {
    pub min_remaining: Time,
    pub refresh: bool,
    pub never_waits: bool,
    pub max_wait: Time,
}

impl Wish {
    /// Returns whether any valid token will do.
    pub(crate) fn is_plain(self) -> bool {
        self.min_remaining == 0 && !self.refresh
    }
}

pub(crate) struct Flight {
    pub number: u64,
    pub acquisition: Acquisition,
    /// The place in the store, and the credential of the request.
    pub secret: String,
    /// The number of the call that the acquisition waits for; the first completion counts.
    pub asked: u64,
    /// When the transport gives up.
    pub ends: Time,
    /// When the store gave the lease.
    pub leased: Option<Time>,
    /// How long the response asks to wait.
    pub wait: Time,
    /// Its request left, and nothing came back so far.
    pub is_sent: bool,
    /// Nothing of it runs until then, while its process goes on.
    pub frozen_until: Time,
}

impl Process {
    pub(crate) fn new(config: Config, policy: Policy, seed: u64) -> Self {
        Self {
            keeper: Keeper::new(config, policy, seed).with_store(),
            bug: None,
            incarnation: 0,
            is_alive: true,
            born: 0,
            skew: 0,
            slept: 0,
            stopped_until: 0,
            reaches_store: true,
            reaches_server: true,
            waiting: Vec::new(),
            flights: Vec::new(),
            next_number: 0,
            holds: None,
            has_failed: false,
            not_before: 0,
            told_at: None,
            last_error: None,
            rejected: None,
        }
    }

    /// Returns the readings of its clocks.
    pub(crate) fn moment(&self, now: Time) -> Moment {
        let lived = now - self.born - self.slept;
        Moment {
            monotonic: START.monotonic + Duration::from_micros(lived),
            wall: wall(now, self.skew),
        }
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    pub(crate) fn flight(&mut self, number: u64) -> Option<&mut Flight> {
        self.flights
            .iter_mut()
            .find(|flight| flight.number == number)
    }

    /// Returns the token that it has, as long as its age is below this part of its lifetime, in percent.
    pub(crate) fn held(&self, server: &Server, percent: Time, now: Time) -> Option<usize> {
        let token = &server.issued[self.holds?];
        (now - token.counts_from < token.lifetime * percent / 100).then_some(self.holds?)
    }

    /// A clock of it is set, or its configuration is new: the server's wait ends at another time, or at once.
    pub(crate) fn forget_wait(&mut self) {
        self.not_before = 0;
    }

    pub(crate) fn note_outcome<T>(&mut self, outcome: &Result<T, TokenError>, now: Time) {
        self.has_failed = outcome.is_err();
        self.last_error = outcome.as_ref().err().cloned();
        match outcome {
            Ok(_) => self.told_at = None,
            Err(error) if !is_timeout(error) => self.told_at = Some(now),
            Err(_) => {}
        }
    }

    /// Returns whether the keeper told of such an event since the last call.
    pub(crate) fn told(&mut self, is_it: impl Fn(&Event) -> bool) -> bool {
        let events = std::iter::from_fn(|| self.keeper.poll_event());
        events.filter(is_it).count() > 0
    }
}

pub(crate) fn is_timeout(error: &TokenError) -> bool {
    matches!(error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout)
}

/// A token's number, which its name has.
pub(crate) fn number_of(token: &str) -> usize {
    let number = token
        .strip_prefix('t')
        .and_then(|number| number.parse().ok());
    number.expect("the server names its tokens so")
}
