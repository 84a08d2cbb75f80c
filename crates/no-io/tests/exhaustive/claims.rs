//! The results of a shared store.

use std::time::Duration;

use edge_oauth_no_io::{Claimed, Completion, Found, StoreError};

use crate::call::Call;
use crate::facts::{Flight, State};
use crate::promise::Promise;
use crate::server::{shared_error, shared_token};
use crate::subject::Store;
use crate::world::World;

impl World {
    /// The store has a result for the claim of the acquisition in flight, which first begins or ends its pause.
    pub(crate) fn claimed(&mut self, call: Call) -> bool {
        let may = |flight: &Flight| !matches!(flight.state, State::Sent);
        if self.store == Store::None || !self.flight.as_ref().is_some_and(may) {
            return false;
        }
        let flight = self.flight.take().expect("it is in flight");
        match flight.state {
            State::Queued => self.go_on(flight),
            State::Pausing(pause) => {
                self.clocks.pass(pause);
                self.go_on(flight);
            }
            State::Claiming(_) | State::Sent => self.flight = Some(flight),
        }
        let is_claiming = |flight: &mut Flight| matches!(flight.state, State::Claiming(_));
        // Otherwise its time is over, or it does without the store now.
        if let Some(flight) = self.flight.take_if(is_claiming) {
            self.handle_claimed(flight, call);
        }
        true
    }

    fn handle_claimed(&mut self, mut flight: Flight, call: Call) {
        let State::Claiming(claim) = &flight.state else {
            unreachable!("it is claiming")
        };
        let max_error_age = claim.max_error_age;
        flight.claims += 1;
        flight.claims_in_a_row = match call {
            Call::Held | Call::HeldError => 1,
            _ => flight.claims_in_a_row + 1,
        };
        let now = self.clocks.now;
        let sent = flight.sent.expect("the claim was sent");
        let found = match call {
            // A store returns no error response that is too old for the caller.
            Call::HeldError if max_error_age.is_zero() => self.found(Call::Held),
            call => self.found(call),
        };
        let is_lease = match &found {
            Some(Found::Lease { number }) => Some(*number),
            _ => None,
        };
        if call == Call::Found {
            // The other process sent it, and this one's clocks tell when.
            flight.sent = Some(sent - AGE.as_nanos());
        }
        let took = self.lived() - sent;
        let result = match found {
            Some(found) => Ok(Claimed {
                now: self.store_clock(),
                found,
            }),
            None => Err(StoreError::timeout()),
        };
        let completion = Completion::Claimed(result);
        self.subject
            .handle(&mut flight.acquisition, completion, now);
        flight.lease = is_lease;
        let in_time = flight.acquisition.time_left(now) > Duration::ZERO;
        let took = Duration::from_nanos(u64::try_from(took).unwrap());
        let left = (LIFETIME - MARGIN - AGE).saturating_sub(took);
        let is_of_use = flight.need.is_some_and(|need| left > need);
        let (claims, order) = (flight.claims, flight.order);
        self.go_on(flight);
        if !in_time {
            return;
        }
        let flight = self.flight.as_ref().filter(|flight| flight.order == order);
        let state = flight.map(|flight| &flight.state);
        let (is_over, sends, pauses) = (
            state.is_none(),
            matches!(state, Some(State::Sent)),
            matches!(state, Some(State::Pausing(_))),
        );
        match call {
            Call::Found if is_of_use => {
                self.check(Promise::Adopted, is_over, || {
                    "the entry is not taken".into()
                });
            }
            Call::Held if claims == 1 && took.is_zero() => {
                self.check(Promise::LeaseHeld, pauses, || "it does not wait".into());
            }
            Call::StoreFails | Call::Lease => {
                self.check(Promise::StoreLost, sends, || "no request is made".into());
            }
            _ => {}
        }
    }

    fn found(&mut self, call: Call) -> Option<Found<Option<edge_oauth_no_io::SharedResponse>>> {
        let born = self.store_clock() - AGE;
        Some(match call {
            Call::Found => Found::Entry {
                number: self.next_number(),
                response: shared_token(self.tokens.len(), born),
            },
            Call::FoundOld => {
                let rejected = self.tokens.iter().rev().find(|known| known.is_dropped);
                let text = rejected.map(|known| known.token.expose());
                let number = text.and_then(|text| text.rsplit('-').next()?.parse().ok());
                Found::Entry {
                    response: number.and_then(|number| shared_token(number, born)),
                    number: self.next_number(),
                }
            }
            Call::Lease => Found::Lease {
                number: self.next_number(),
            },
            Call::Held | Call::HeldError => {
                let lived = self.lived();
                let (number, end) = match self.foreign.filter(|(_, end)| lived < *end) {
                    Some(foreign) => foreign,
                    None => (self.next_number(), lived + LEASE.as_nanos()),
                };
                self.foreign = Some((number, end));
                Found::Taken {
                    number,
                    left: Duration::from_nanos(u64::try_from(end - lived).unwrap()),
                    error_response: (call == Call::HeldError)
                        .then(|| shared_error(self.store_clock())),
                }
            }
            Call::TooLate => Found::TooLate,
            _ => return None,
        })
    }

    fn next_number(&mut self) -> u64 {
        let micros = u64::try_from(self.store_clock().as_micros()).unwrap();
        self.number = micros.max(self.number + 1);
        self.number
    }

    /// It shows true time.
    fn store_clock(&self) -> Duration {
        let lived = Duration::from_nanos(u64::try_from(self.lived()).unwrap());
        Duration::from_secs(1_800_000_000) + lived
    }
}

const LIFETIME: Duration = Duration::from_secs(900);
const MARGIN: Duration = Duration::from_secs(30);
const AGE: Duration = Duration::from_secs(5);
const LEASE: Duration = Duration::from_secs(3);
