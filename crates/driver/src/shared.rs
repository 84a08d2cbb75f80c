//! What the callers of one source share: one lock, one bell, and the lease that needs neither.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{iter, thread};

use edge_oauth_no_io::{
    AccessToken, Config, Exchange, Keeper, Moment, SecretBytes, Step, StoredToken, Ticket,
    TokenError, TransportError, TransportErrorKind,
};
use http::{Request, Response, Uri};

use crate::notify::{Notified, Notify};
use crate::options::Options;
use crate::snapshot::Published;
use crate::trace;

pub(crate) struct Shared {
    state: Mutex<State>,
    bell: Notify,
    /// What the lock's owner last published: read without that lock.
    lease: Published,
    pub(crate) options: Options,
}

struct State {
    keeper: Keeper,
    /// How many exchanges have begun.
    begun: u64,
    /// The outcome of the latest exchange that ended with a token, by its number: for those who waited
    /// for it, should it not be kept.
    brought: Option<(u64, AccessToken)>,
    /// The caller of the latest exchange left before it ended.
    given_up: bool,
}

/// Whether those who wait have something to look at.
enum Ring {
    Yes,
    No,
}

/// What a caller remembers while it waits: from which exchange on a token is also for it.
#[derive(Default)]
pub(crate) struct Waiting(pub(crate) Option<u64>);

impl Shared {
    pub(crate) fn new(config: Config, options: Options) -> Arc<Self> {
        let keeper = Keeper::new(config, options.policy.clone(), options.seed);
        Arc::new(Self {
            state: Mutex::new(State {
                keeper,
                begun: 0,
                brought: None,
                given_up: false,
            }),
            bell: Notify::default(),
            lease: Published::new(),
            options,
        })
    }

    /// The held token, where nothing has to be done about it.
    #[inline]
    pub(crate) fn leased(&self, now: Moment) -> Option<AccessToken> {
        self.lease.get(now)
    }

    /// Listen before you poll, or a ring in between is lost.
    pub(crate) fn listen(&self) -> Notified {
        self.bell.listen()
    }

    /// Asks the keeper. A caller that has waited also takes what the exchange it waited for brought,
    /// should that not be kept. Also tells the number of the latest exchange.
    pub(crate) fn poll(&self, waiting: &mut Waiting, now: Moment) -> (Step, u64) {
        self.change(Ring::No, |state| {
            if let (Some(first), Some((number, token))) = (waiting.0, &state.brought) {
                if *number >= first {
                    return (Step::Use(token.clone()), state.begun);
                }
            }
            let step = state.keeper.poll(now);
            match &step {
                Step::Send(_) | Step::Refresh { .. } => state.begun += 1,
                Step::Wait { .. } => {
                    let next = if state.keeper.is_fetching() {
                        state.begun
                    } else {
                        state.begun + 1
                    };
                    waiting.0 = waiting.0.or(Some(next));
                }
                Step::Use(_) | Step::Fail(_) => {}
            }
            (step, state.begun)
        })
    }

    /// Whether an exchange is better made beside its caller: one that may have to leave before it ends,
    /// and any after one whose caller left, or a crowd of hasty callers would never get a token.
    pub(crate) fn goes_beside(&self, left: Duration, timeout: Duration) -> bool {
        left < timeout || self.lock().given_up
    }

    pub(crate) fn invalidate(&self, token: &AccessToken, now: Moment) {
        self.change(Ring::No, |state| {
            state.brought.take_if(|(_, brought)| brought.is_same(token));
            state.keeper.invalidate(token, now);
        });
    }

    pub(crate) fn replace_config(&self, config: Config) {
        self.change(Ring::Yes, |state| {
            state.brought = None;
            state.keeper.replace_config(config);
        });
    }

    pub(crate) fn export(&self) -> Option<StoredToken> {
        self.lock().keeper.export()
    }

    pub(crate) fn restore(&self, stored: &StoredToken, now: Moment) -> bool {
        self.change(Ring::Yes, |state| state.keeper.restore(stored, now))
    }

    pub(crate) fn config(&self) -> Config {
        self.lock().keeper.config().clone()
    }

    /// Every change goes through here: it publishes the lease, rings the bell, and then tells the observer.
    fn change<R>(&self, ring: Ring, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        self.lease.set(state.keeper.lease());
        let events: Vec<_> = iter::from_fn(|| state.keeper.poll_event()).collect();
        drop(state);
        if matches!(ring, Ring::Yes) {
            self.bell.ring();
        }
        for event in &events {
            trace::log(event);
            if let Some(observer) = &self.options.observer {
                // An observer that panics must not take a caller, or a ticket, with it.
                let _ = catch_unwind(AssertUnwindSafe(|| observer(event)));
            }
        }
        result
    }

    /// A panic elsewhere leaves the state whole: the keeper finishes each change before it returns.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a caller waits that has this much time left, or its error where that is too long.
pub(crate) fn patience(
    at_most: Duration,
    because: Option<TokenError>,
    left: Duration,
) -> Result<Duration, TokenError> {
    match because {
        Some(error) if at_most > left => Err(error),
        _ if left.is_zero() => Err(too_late()),
        _ => Ok(at_most.min(left)),
    }
}

/// The error of a caller whose time is up.
fn too_late() -> TokenError {
    let error = TransportError::new(
        TransportErrorKind::Timeout,
        "no token within the caller's deadline",
    );
    error.into()
}

/// An exchange under way. Dropped before it has landed, it hands its ticket back and rings the bell,
/// so that another caller can begin.
pub(crate) struct Flight {
    shared: Arc<Shared>,
    ticket: Option<Ticket>,
    endpoint: Uri,
    number: u64,
    departed: Moment,
    beside: bool,
}

impl Flight {
    /// Splits an exchange into the duty to report it and what has to be sent.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        exchange: Exchange,
        number: u64,
        departed: Moment,
    ) -> (Self, Request<SecretBytes>, Duration) {
        let ticket = Some(exchange.ticket);
        let flight = Self {
            shared: Arc::clone(shared),
            ticket,
            endpoint: exchange.request.uri().clone(),
            number,
            departed,
            beside: false,
        };
        (flight, exchange.request, exchange.timeout)
    }

    /// The exchange is made beside its caller, who may leave.
    pub(crate) fn go_beside(&mut self) {
        self.beside = true;
    }

    /// Reports the outcome, and returns the token for those who waited for it.
    pub(crate) fn land(
        mut self,
        outcome: Result<Response<SecretBytes>, TransportError>,
        now: Moment,
    ) -> Option<AccessToken> {
        let ticket = self.ticket.take()?;
        self.report(ticket, outcome, now)
    }

    fn report(
        &self,
        ticket: Ticket,
        outcome: Result<Response<SecretBytes>, TransportError>,
        now: Moment,
    ) -> Option<AccessToken> {
        self.shared.change(Ring::Yes, |state| {
            state.given_up = false;
            let result = match outcome {
                Ok(response) => state.keeper.handle_response(ticket, &response, now),
                Err(error) => {
                    let error = error.at(&self.endpoint);
                    state.keeper.handle_failure(ticket, error, now)
                }
            };
            let token = result.and_then(Result::ok);
            let lease = state.keeper.lease();
            let kept = |token: &AccessToken| lease.is_some_and(|lease| lease.token.is_same(token));
            state.brought = token
                .clone()
                .filter(|token| !kept(token))
                .map(|token| (self.number, token));
            token
        })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        if thread::panicking() {
            // A transport that panics will do so again: without a pause, at every call.
            let error = TransportError::new(TransportErrorKind::Other, "the transport panicked");
            self.report(ticket, Err(error), self.departed);
        } else {
            self.shared.change(Ring::Yes, |state| {
                // Where tasks are dropped instead of run, the next caller makes the exchange itself.
                state.given_up = !self.beside;
                state.keeper.handle_cancel(ticket);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use edge_oauth_no_io::Secret;

    use super::*;

    #[test]
    fn a_held_token_is_served_while_the_lock_is_taken() {
        let config =
            Config::new("https://login.example/token", "id", Secret::new("s3cret")).unwrap();
        let shared = Shared::new(config, Options::default());
        let now = Moment {
            monotonic: Duration::ZERO,
            wall: Duration::from_secs(1_800_000_000),
        };
        let (Step::Send(exchange), number) = shared.poll(&mut Waiting::default(), now) else {
            panic!("nothing is held yet")
        };
        let (flight, _, _) = Flight::new(&shared, exchange, number, now);
        let body = br#"{"access_token":"abc","expires_in":900}"#;
        flight.land(Ok(Response::new(SecretBytes::new(body.to_vec()))), now);

        let lock = shared.lock();
        assert_eq!(shared.leased(now).unwrap().expose(), "abc");
        assert!(shared.leased(now.after(Duration::from_secs(870))).is_none());
        drop(lock);
    }
}
