//! Whether a kept token is still good, and how it is renewed.

use std::hash::{BuildHasher, RandomState};
use std::iter;
use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_driver::system_time;
use edge_oauth_no_io::{Config, Exchange, Keeper, Policy, RequestLimits, Step, TokenError};
use edge_oauth_ureq::UreqTransport;

use crate::cache::Entry;
use crate::session::events::tell;
use crate::session::{Ready, Want};

/// A kept token that can be used.
pub(super) enum Kept {
    Fresh(Ready),
    /// It is time for another, which may be asked for once.
    Due(Ready, Box<Renewal>),
}

/// The request for another token. Dropped, it has not been made.
pub(super) struct Renewal {
    keeper: Keeper,
    exchange: Exchange,
}

/// What the core makes of a kept token.
pub(super) fn judge(config: &Config, entry: &Entry, want: Want) -> Option<Kept> {
    let now = system_time();
    let seed = RandomState::new().hash_one(());
    let mut keeper = Keeper::new(config.clone(), Policy::default(), seed);
    if !keeper.restore(&entry.token, now) {
        return None;
    }
    let ready = |token| Ready::kept(token, entry);
    let kept = match keeper.poll(now) {
        Step::Use(token) => Kept::Fresh(ready(token)),
        Step::Refresh { token, exchange } => {
            Kept::Due(ready(token), Box::new(Renewal { keeper, exchange }))
        }
        Step::Send(_) | Step::Wait { .. } | Step::Fail(_) => return None,
    };
    let (Kept::Fresh(ready) | Kept::Due(ready, _)) = &kept;
    ready.keeps_promise(want).then_some(kept)
}

impl Renewal {
    /// Makes the request, once and within a short time: who waits for it could have had the kept token.
    pub(super) fn send(
        mut self,
        transport: &UreqTransport,
        within: Duration,
    ) -> Result<(Ready, Option<Entry>), TokenError> {
        let Exchange {
            ticket,
            request,
            timeout,
        } = self.exchange;
        let bounds = RequestLimits::token(timeout.min(within).min(PATIENCE));
        let asked = system_time();
        let outcome = transport.send(request, bounds);
        let now = system_time();
        let outcome = match outcome {
            Ok(response) => self.keeper.handle_response(ticket, &response, now),
            Err(error) => self.keeper.handle_failure(ticket, error, now),
        };
        iter::from_fn(|| self.keeper.poll_event()).for_each(|event| tell(&event));
        let token = outcome.expect("the configuration was not replaced")?;
        Ok(Ready::fetched(token, self.keeper.export(), asked))
    }
}

const PATIENCE: Duration = Duration::from_secs(2);
