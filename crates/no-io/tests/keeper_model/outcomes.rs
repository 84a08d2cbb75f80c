//! The outcomes of acquisitions: tokens, errors, cancellation and lapse.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Completion, Event, SecretBytes, TokenError, TransportError, TransportErrorKind,
};
use http::Response;

use super::model::Model;
use super::observed::{Flight, Known};
use super::setup::{MAX_LIFETIME, MIN_BACKOFF, MIN_INTERVAL};

impl Model {
    /// Finishes an acquisition with a token. `current` is true if it is the one in flight.
    pub(super) fn token(&mut self, flight: Option<Flight>, lifetime: Option<u64>, current: bool) {
        let Some(flight) = flight else { return };
        let name = format!("t0ken-{}", self.known.len());
        let body = match lifetime {
            Some(lifetime) => format!(r#"{{"access_token":"{name}","expires_in":{lifetime}}}"#),
            None => format!(r#"{{"access_token":"{name}"}}"#),
        };
        let before = self.keeper.snapshot();
        let ends_a_gap = self.failed || before.is_none();
        let (sent, started, number) = (flight.sent, flight.started, flight.number);
        let response = Response::new(SecretBytes::new(body.into_bytes()));
        let outcome = self.finish(flight, Completion::Response(response));
        let Some(outcome) = outcome else {
            assert!(!current, "no outcome of the configuration in use");
            return;
        };
        let token = outcome.expect("a token");
        let lifetime = Duration::from_secs(lifetime.unwrap_or(self.policy.default_lifetime()));
        let lifetime = lifetime.min(MAX_LIFETIME);
        let expires = started + (lifetime - self.policy.margin(lifetime)).as_nanos();
        let earliest_refresh = self
            .policy
            .earliest_refresh(lifetime, ends_a_gap)
            .as_nanos();
        let after = self.keeper.snapshot();
        let is_new = |snapshot: &edge_oauth_no_io::Snapshot| snapshot.token().is_same(&token);
        let cached = after.as_ref().is_some_and(is_new);
        let expired = self.clocks.elapsed >= expires;
        assert!(!(cached && expired), "promise 4: expired on arrival");
        let newest = before
            .as_ref()
            .and_then(|snapshot| self.find(snapshot.token()));
        let is_older = newest.is_some_and(|newest| newest.number > number);
        let is_lasting = lifetime > MIN_INTERVAL && !expired;
        let lost = self.clocks.steady && !cached && is_lasting && !is_older;
        assert!(!lost, "a valid token that is not cached");
        assert!(!(cached && is_older), "an older token replaces a newer one");
        self.known.push(Known {
            token: token.clone(),
            number,
            expires,
            earliest_refresh: started + earliest_refresh,
            gone: !cached,
        });
        match cached {
            true => self.newest_replaces_the_others(),
            false => self.note_loss(&before, &after),
        }
        let events = self.events();
        match events.as_slice() {
            [
                Event::Fetched {
                    cached: told,
                    lifetime: told_lifetime,
                    ..
                },
            ] => {
                assert_eq!((*told, *told_lifetime), (cached, lifetime));
                // One second between two tokens, from the time at which the request was sent.
                let interval = || sent + MIN_INTERVAL - MIN_BACKOFF;
                self.interval = self.clocks.steady.then(interval);
                self.latest = [self.interval; 2];
                if current {
                    self.backoff_until = None;
                    self.failed = false;
                }
            }
            [] => assert!(!current && !cached, "a token without an event"),
            other => panic!("{other:?}"),
        }
    }

    /// Finishes an acquisition with a transport error.
    pub(super) fn fail(&mut self, flight: Option<Flight>, kind: u64, current: bool) {
        let Some(flight) = flight else { return };
        let kinds = [
            TransportErrorKind::Closed,
            TransportErrorKind::Timeout,
            TransportErrorKind::Certificate,
        ];
        let error = TransportError::new(kinds[kind as usize % kinds.len()], "");
        let generation = flight.generation;
        let outcome = self.finish(flight, Completion::Failed(error));
        self.check_failure(outcome, generation, current);
    }

    /// Finishes the acquisition in flight with an error response.
    pub(super) fn error_response(&mut self, status: u64, retry_after: Option<u64>) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        // These statuses would be a token response.
        let status = match status {
            200 | 201 => 500,
            status => u16::try_from(status).unwrap_or(500).clamp(100, 999),
        };
        let mut response = Response::builder().status(status);
        if let Some(seconds) = retry_after {
            response = response.header("retry-after", seconds);
        }
        let body = SecretBytes::new(br#"{"error":"slow_down"}"#.to_vec());
        let response = response.body(body).unwrap();
        let generation = flight.generation;
        let outcome = self.finish(flight, Completion::Response(response));
        let error = outcome.as_ref().map(|outcome| match outcome {
            Ok(_) => panic!("a token with status {status}"),
            Err(error) => error,
        });
        let wait = error.and_then(TokenError::retry_after);
        let wait = wait.map(|wait| wait.wait(self.clocks.now.wall));
        self.check_failure(outcome, generation, true);
        if let Some(wait) = wait {
            let until = self.clocks.elapsed + wait.as_nanos();
            self.backoff_until = Some(until).filter(|_| !wait.is_zero());
        }
    }

    /// Finishes an acquisition without a completion.
    pub(super) fn cancel(&mut self, flight: Option<Flight>, events: usize) {
        if let Some(flight) = flight {
            let outcome = self.keeper.finish(flight.acquisition, self.clocks.now);
            assert!(outcome.is_none());
            self.assert_events(|event| matches!(event, Event::Cancelled), events);
        }
    }

    /// Passes time until the acquisition in flight has lapsed. The next poll finds it.
    pub(super) fn lapse(&mut self) {
        if let Some(flight) = &self.flight {
            let ends = flight.sent.saturating_add(flight.timeout);
            let ends = ends.saturating_add(Duration::from_secs(1));
            let left = ends.saturating_sub(self.clocks.now.monotonic);
            self.clocks.pass(left);
        }
    }

    fn finish(
        &mut self,
        mut flight: Flight,
        completion: Completion,
    ) -> Option<Result<AccessToken, TokenError>> {
        let now = self.clocks.now;
        flight.acquisition.handle(completion, now);
        self.keeper.finish(flight.acquisition, now)
    }

    fn check_failure(
        &mut self,
        outcome: Option<Result<AccessToken, TokenError>>,
        generation: u64,
        current: bool,
    ) {
        let Some(outcome) = outcome else {
            assert_ne!(generation, self.generation, "waiting callers get no error");
            return;
        };
        let error = outcome.expect_err("a failure");
        let serves = self.serves();
        let events = self.events();
        match events.as_slice() {
            [
                Event::Failed {
                    error: told,
                    serving,
                    backoff,
                    ..
                },
            ] => {
                assert!(*told == error && *serving == serves);
                assert!(*backoff >= MIN_BACKOFF);
                self.failed = true;
            }
            [] => assert!(!current, "a failure without an event"),
            other => panic!("{other:?}"),
        }
    }
}
