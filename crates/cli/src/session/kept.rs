//! Whether a kept token is still good, and how it is renewed.

use std::hash::{BuildHasher, RandomState};
use std::iter;
use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_driver::system_time;
use edge_oauth_no_io::{
    Acquisition, Action, Completion, Config, Keeper, Policy, RequestLimits, Step, TokenError,
    TransportError, TransportErrorKind,
};
use edge_oauth_ureq::UreqTransport;

use crate::cache::Entry;
use crate::client_auth::credentials::{Credentials, unique};
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
    acquisition: Acquisition,
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
        Step::Refresh { token, acquisition } => Kept::Due(
            ready(token),
            Box::new(Renewal {
                keeper,
                acquisition,
            }),
        ),
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
        credentials: &Credentials,
        within: Duration,
    ) -> Result<(Ready, Option<Entry>), TokenError> {
        let asked = system_time();
        loop {
            let completion = match self.acquisition.poll(system_time(), unique()) {
                Action::Send(request, limits) => {
                    let timeout = limits.timeout.min(within).min(PATIENCE);
                    match transport.send(request, RequestLimits { timeout, ..limits }) {
                        Ok(response) => Completion::Response(response),
                        Err(error) => Completion::Failed(error),
                    }
                }
                action => match credentials.complete(&action) {
                    Some(completion) => completion,
                    None => break,
                },
            };
            self.acquisition.handle(completion, system_time());
        }
        let outcome = self.keeper.finish(self.acquisition, system_time());
        iter::from_fn(|| self.keeper.poll_event()).for_each(|event| tell(&event));
        let late = || Err(TransportError::new(TransportErrorKind::Timeout, "").into());
        let token = outcome.unwrap_or_else(late)?;
        Ok(Ready::fetched(
            token,
            self.keeper.export(system_time()),
            asked,
        ))
    }
}

const PATIENCE: Duration = Duration::from_secs(2);
