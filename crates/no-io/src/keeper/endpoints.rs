//! The token endpoints that fail, as the keepers of one process share them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::acquisition::acquisition::Acquisition;
use crate::clock::Moment;
use crate::keeper::endpoint::{Endpoint, Failure};
use crate::keeper::jitter::Jitter;
use crate::keeper::outage::{Candidate, Held, INTERVAL, LONGEST};
use crate::origin::origin::Origin;
use crate::token_response::error::TokenError;
use crate::token_response::verdict::{Verdict, verdict};

/// The health of token endpoints, for many keepers of one process. A failing endpoint gets the requests of one keeper at
/// a time, and one a second at most.
///
/// Give [`admit`](Self::admit) to [`Keeper::poll_among`](crate::Keeper::poll_among), and each acquisition to
/// [`note`](Self::note) before it is finished. Endpoints with one origin are one endpoint here.
///
/// | endpoint \ report | error of the endpoint | response with a token, or an error of the client |
/// |---|---|---|
/// | healthy | suspected | healthy |
/// | suspected | failing, if another keeper reports it | healthy |
/// | failing | failing: if it is of a probe, the next one follows a second later | healthy |
///
/// A probe that hangs is followed by another after 2 s, by a third after 4 s more, and by no fourth before one of them
/// ends. A failing endpoint that is not probed for a minute is healthy again: no source asked for it. One keeper alone
/// backs off by itself, and its backoff may be shorter than a second, except after a 429.
///
/// Errors of the endpoint are those that are transient: of the transport, responses with status 5xx, and others. A
/// transient 4xx, such as 429, is of its client: the keepers with this client id wait for its `Retry-After`, and ask one
/// at a time. Only if three clients have one in a row it is an error of the endpoint. A permanent error response, such as
/// `invalid_client`, shows that the endpoint responds. An error that may be of one source shows nothing: an unusable
/// certificate, assertion or proxy, and failed TLS.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Action, Caller, Completion, Config, EndpointHealth, Keeper, Moment, Policy, Secret, Step};
/// use edge_oauth_no_io::{TransportError, TransportErrorKind};
///
/// let now = Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) };
/// let mut health = EndpointHealth::new(7);
/// let mut keepers = ["a", "b", "c"].map(|client| {
///     let config = Config::builder("https://login.example/token", client).client_secret(Secret::new("s3cret")).build();
///     (health.join(), Keeper::new(config.expect("it is valid"), Policy::default(), 7))
/// });
/// for (member, keeper) in &mut keepers[..2] {
///     let Step::Send(mut acquisition) = keeper.poll_among(&mut Caller::new(), now, |candidate| health.admit(candidate, now))
///     else { panic!("the endpoint is healthy") };
///     let _ = acquisition.poll(now, [0; 16]);
///     let error = TransportError::new(TransportErrorKind::Connect, "refused");
///     acquisition.handle(Completion::Failed(error), now);
///     health.note(*member, &acquisition, now);
///     keeper.finish(acquisition, now);
/// }
/// let step = keepers[2].1.poll_among(&mut Caller::new(), now, |candidate| health.admit(candidate, now));
/// assert!(matches!(step, Step::Wait { because: Some(_), .. }), "the endpoint fails");
/// ```
pub struct EndpointHealth {
    jitter: Jitter,
    members: u64,
    /// Those that were asked. If there are too many, those that fail.
    endpoints: BTreeMap<Origin, Endpoint>,
}

impl EndpointHealth {
    /// Returns a value that knows of no failure. The seed spreads the probes of many processes.
    pub fn new(seed: u64) -> Self {
        Self {
            jitter: Jitter::new(seed),
            members: 0,
            endpoints: BTreeMap::new(),
        }
    }

    /// Returns a number for one more keeper.
    pub fn join(&mut self) -> u64 {
        self.members += 1;
        self.members
    }

    /// Returns whether a keeper may ask its endpoint now. If the endpoint fails, the keeper that may is the one that probes
    /// it. Keepers whose own requests neither failed nor were lost come first: the others get a probe that is left for a
    /// second.
    ///
    /// # Errors
    ///
    /// Returns the latest error of the endpoint and the time until the next probe.
    pub fn admit(&mut self, candidate: &Candidate<'_>, now: Moment) -> Result<(), Held> {
        let origin = Origin::from_uri(candidate.config.endpoint());
        let endpoint = origin.and_then(|origin| self.endpoints.get_mut(&origin));
        endpoint.map_or(Ok(()), |endpoint| endpoint.admit(candidate, now.monotonic))
    }

    /// Takes what an acquisition of this keeper shows about its endpoint.
    pub fn note(&mut self, member: u64, acquisition: &Acquisition, now: Moment) {
        let Some(origin) = Origin::from_uri(acquisition.config().endpoint()) else {
            return;
        };
        let verdict = acquisition.own_outcome().map(verdict);
        let verdict = verdict.unwrap_or(Verdict::Unknown);
        let asked = |error: &TokenError| {
            let asked = error.retry_after();
            asked.map_or(Duration::ZERO, |asked| asked.wait(now.wall))
        };
        let (wait, wait_of_client) = match verdict {
            Verdict::Fails(error) => (self.wait(asked(error).min(LONGEST)), None),
            Verdict::FailsForClient(error) => {
                (self.wait(Duration::ZERO), Some(self.wait(asked(error))))
            }
            Verdict::Responds | Verdict::Unknown => (Duration::ZERO, None),
        };
        let Some(endpoint) = self.endpoint(origin, &verdict, now) else {
            return;
        };
        let now = now.monotonic;
        match verdict {
            Verdict::Responds => endpoint.note_response(acquisition, now),
            Verdict::Fails(error) | Verdict::FailsForClient(error) => {
                let failure = Failure {
                    keeper: member,
                    acquisition,
                    error,
                    wait,
                    wait_of_client,
                };
                endpoint.note_failure(&failure, now);
            }
            Verdict::Unknown => endpoint.end_turn(acquisition, now),
        }
        endpoint.seen = now;
    }

    /// Returns the time until the next turn.
    fn wait(&mut self, asked: Duration) -> Duration {
        INTERVAL.max(asked) + self.jitter.up_to((asked / 10).max(INTERVAL / 2))
    }

    /// Returns what is known about an endpoint; `None` if too many others fail, or if there is nothing to remember.
    fn endpoint(
        &mut self,
        origin: Origin,
        verdict: &Verdict<'_>,
        now: Moment,
    ) -> Option<&mut Endpoint> {
        if let Verdict::Unknown = verdict {
            return self.endpoints.get_mut(&origin);
        }
        if self.endpoints.len() >= MAX_ENDPOINTS && !self.endpoints.contains_key(&origin) {
            if !matches!(verdict, Verdict::Responds) {
                let seen = |endpoint: &Endpoint| now.monotonic.saturating_sub(endpoint.seen);
                self.endpoints
                    .retain(|_, endpoint| !endpoint.is_healthy() && seen(endpoint) < 2 * LONGEST);
            }
            if self.endpoints.len() >= MAX_ENDPOINTS {
                return None;
            }
        }
        Some(self.endpoints.entry(origin).or_default())
    }
}

impl fmt::Debug for EndpointHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointHealth")
            .field("endpoints", &self.endpoints.len())
            .finish_non_exhaustive()
    }
}

const MAX_ENDPOINTS: usize = 1024;
