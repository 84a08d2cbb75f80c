//! The outcomes of acquisitions: tokens, errors, cancellation, and late ones of each.

use std::time::Duration;

use edge_oauth_no_io::{Completion, Event, Share, TokenError};

use crate::call::Call;
use crate::facts::{Facts, Flight, Known, State};
use crate::promise::Promise;
use crate::server;
use crate::world::World;

impl World {
    pub(crate) fn token(&mut self, call: Call) -> bool {
        self.respond(call)
    }

    pub(crate) fn failure(&mut self, call: Call) -> bool {
        self.respond(call)
    }

    pub(crate) fn cancel(&mut self) -> bool {
        let Some(flight) = self.flight.take() else {
            return false;
        };
        self.finish(flight, None);
        true
    }

    fn respond(&mut self, call: Call) -> bool {
        // An acquisition that has to ask the store, or waits for it, gets no response yet.
        let is_queued = |flight: &Flight| matches!(flight.state, State::Queued);
        if self.store == crate::subject::Store::None && self.flight.as_ref().is_some_and(is_queued)
        {
            self.run_queued();
        }
        let is_sent = |flight: &mut Flight| matches!(flight.state, State::Sent);
        let Some(mut flight) = self.flight.take_if(is_sent) else {
            return false;
        };
        let completion = self.completion(call);
        let now = self.clocks.now;
        self.subject
            .handle(&mut flight.acquisition, completion, now);
        self.finish(flight, Some(call));
        true
    }

    pub(crate) fn late(&mut self, call: Call) -> bool {
        if self.late.is_empty() {
            return false;
        }
        let mut flight = self.late.remove(0);
        let now = self.clocks.now;
        if !matches!(flight.state, State::Sent) {
            let action = self.subject.act(&mut flight.acquisition, now);
            let sends = matches!(action, edge_oauth_no_io::Action::Send(..));
            let in_time = now.monotonic < flight.ends;
            self.check(Promise::NotSentLate, !sends || in_time, || {
                "its time is over".into()
            });
            if sends {
                flight.sent = Some(self.lived());
                flight.state = State::Sent;
            }
        }
        let call = match call {
            Call::LateToken => Some(Call::Token),
            Call::LateFault => Some(Call::Fault),
            _ => None,
        };
        let call = call.filter(|_| matches!(flight.state, State::Sent));
        if let Some(call) = call {
            let completion = self.completion(call);
            self.subject
                .handle(&mut flight.acquisition, completion, now);
        }
        self.end(flight, call, false);
        true
    }

    fn completion(&self, call: Call) -> Completion {
        match call {
            Call::Fault => server::fault(),
            Call::TimedOut => server::timed_out(),
            Call::Busy => server::busy(),
            Call::Denied => server::denied(),
            Call::RetryAfter => server::retry_after(WAIT),
            Call::Quota => server::quota(self.clocks.now.wall.as_secs() + RESET),
            _ => server::token(self.tokens.len(), lifetime(call).as_secs()),
        }
    }

    /// Hands an acquisition in flight back, after this completion.
    pub(crate) fn finish(&mut self, flight: Flight, call: Option<Call>) {
        self.end(flight, call, true);
    }

    fn end(&mut self, flight: Flight, call: Option<Call>, was_in_flight: bool) {
        let (place, lease, is_disowned) =
            (flight.acquisition.place(), flight.lease, flight.is_disowned);
        let is_newest = self.flight.is_none() && flight.order == self.started;
        let is_current = !is_disowned && (was_in_flight || is_newest);
        let (order, sent, started) = (flight.order, flight.sent, flight.started);
        let (handed_out, set_backs) = flight.handed_out;
        let handed_out = Some(handed_out).filter(|_| set_backs != self.set_backs);
        let outcome = self.subject.finish(flight.acquisition, self.clocks.now);
        let events = self.events();
        if outcome.is_some() {
            self.facts.outcome_at = self.clocks.now.monotonic;
        }
        self.check_end_of_lease(lease, call.filter(|_| !is_disowned));
        match outcome {
            None if was_in_flight && !is_disowned => self.note_loss(place),
            None => {}
            Some(Ok(token)) => {
                let sent = sent.expect("it was sent, or another process did");
                let sent_at_the_earliest = handed_out.unwrap_or(sent).min(sent);
                let known = Known {
                    token,
                    order,
                    sent,
                    sent_at_the_earliest,
                    lifetime: call.map_or(Duration::from_secs(900), lifetime),
                    is_first: false,
                    is_cached: false,
                    is_dropped: false,
                };
                self.keep(known, started, is_current, &events);
            }
            Some(Err(error)) if is_current => self.check_failure(&error, call, &events),
            Some(Err(_)) => {}
        }
        self.wake_all();
    }

    fn keep(&mut self, mut known: Known, started: Duration, is_current: bool, events: &[Event]) {
        let is_adopted = events
            .iter()
            .any(|event| matches!(event, Event::Adopted { .. }));
        let is_older = self
            .valid()
            .is_some_and(|cached| cached.order > known.order);
        known.is_first = !is_adopted && (self.valid().is_none() || self.facts.has_failed);
        let is_valid = self.lived() < known.lasts_until();
        known.is_cached = known.lifetime > Duration::from_secs(1) && is_valid && !is_older;
        if known.is_cached {
            self.current = Some(self.tokens.len());
        }
        if !is_older {
            self.facts.token_started = Some(started).filter(|_| !is_adopted);
        }
        if is_current {
            self.facts = Facts {
                failures: self.facts.failures,
                outcome_at: self.facts.outcome_at,
                token_started: self.facts.token_started,
                rejections: self.facts.rejections,
                ..Facts::default()
            };
        }
        self.tokens.push(known);
    }

    fn check_failure(&mut self, error: &TokenError, call: Option<Call>, events: &[Event]) {
        (self.facts.lost, self.facts.lost_in) = (0, None);
        let told = events.iter().find_map(|event| match event {
            Event::Failed {
                backoff, serving, ..
            } => Some((*backoff, *serving)),
            _ => None,
        });
        // An error of another process that was told before.
        let Some((backoff, serving)) = told else {
            return;
        };
        self.facts.has_failed = true;
        self.facts.is_timeout = call == Some(Call::TimedOut);
        if !self.facts.is_timeout {
            self.facts.failures += 1;
            self.facts.failed = Some(self.facts.failures);
        }
        match error.is_transient() {
            true => self.facts.transient += 1,
            false => self.facts.permanent += 1,
        }
        let why = || format!("a backoff of {backoff:?} after {call:?}");
        match call {
            Some(Call::Denied) => {
                let least = Duration::from_secs(5) * doubled(self.facts.permanent);
                let least = least.min(Duration::from_secs(300));
                self.check(Promise::PermanentGrows, backoff >= least, why);
            }
            Some(Call::RetryAfter | Call::Quota) => {
                let wall = self.clocks.now.wall;
                let asked = match call {
                    Some(Call::Quota) => Duration::from_secs(wall.as_secs() + RESET) - wall,
                    _ => Duration::from_secs(WAIT),
                };
                let is_asked = backoff >= asked && backoff <= asked + asked / 10;
                self.check(Promise::RetryAfter, is_asked, why);
            }
            Some(Call::Fault | Call::TimedOut | Call::Busy) => {
                let lifetime = self.valid().map(|known| known.lifetime);
                if let (Some(lifetime), true) = (lifetime, serving) {
                    let most = (lifetime / 100).max(MIN_BACKOFF);
                    self.check(Promise::Outage, backoff <= most, why);
                    return;
                }
                let most = Duration::from_millis(500) * doubled(self.facts.transient);
                let most = most.min(Duration::from_secs(30));
                let is_within = backoff >= MIN_BACKOFF && backoff <= most;
                self.check(Promise::Transient, is_within, why);
            }
            _ => {}
        }
    }

    fn check_end_of_lease(&mut self, lease: Option<u64>, call: Option<Call>) {
        let end = self.subject.end_of_lease();
        let Some(lease) = lease else { return };
        let is_token = matches!(call, Some(Call::Token | Call::ShortToken));
        let shares = end.as_ref().is_some_and(|end| {
            let has_token = matches!(end.share, Share::Token { .. });
            end.number == lease && (has_token || !is_token)
        });
        self.check(Promise::LeaseEnds, shares, || {
            format!("lease {lease} ends with {end:?}")
        });
    }
}

fn lifetime(call: Call) -> Duration {
    Duration::from_secs(match call {
        Call::BriefToken => 1,
        Call::ShortToken => 20,
        _ => 900,
    })
}

fn doubled(times: u32) -> u32 {
    2_u32.saturating_pow(times.saturating_sub(1))
}

/// In seconds.
const WAIT: u64 = 60;
const RESET: u64 = 90;
const MIN_BACKOFF: Duration = Duration::from_millis(50);
