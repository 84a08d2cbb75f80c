//! A token source over the cache, for one run and its API calls.

mod attempt;
pub(crate) mod budget;
mod progress;
mod session_token;
mod store;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use edge_oauth_driver::{CallError, Options, system_time};
use edge_oauth_no_io::{
    AccessToken, Operation, Policy, Secret, SecretBytes, TokenError, TransportErrorKind,
};
use edge_oauth_ureq::TokenSource;
use http::{Request, Response};

use crate::args::Requirements;
use crate::error::CliError;
use crate::output::terminal;
use crate::session::budget::Budget;
use crate::session::progress::Progress;
use crate::session::store::SessionStore;
use crate::session::transport::LazyTransport;
use crate::settings::Settings;

pub(crate) use crate::session::attempt::Failed;
pub(crate) use crate::session::session_token::SessionToken;

/// A token source of one configuration. Dropped, it waits for a refresh in flight.
#[derive(Debug)]
pub(crate) struct Session {
    source: TokenSource,
    transport: LazyTransport,
    budget: Budget,
    settings: Settings,
}

impl Session {
    /// Opens the cache. If that fails, it warns and goes on without the cache. Sends no request yet.
    pub(crate) fn open(settings: Settings) -> Self {
        let (timeout, budget) = (settings.timeout, Budget::new(settings.timeout));
        let progress = Arc::new(Progress::default());
        let transport = LazyTransport::new(&settings, budget.clone(), Arc::clone(&progress));
        let events = Arc::clone(&progress);
        let options = Options::default()
            .max_wait(timeout)
            .policy(Policy::default().timeout(request_timeout(timeout)))
            .on_event(move |event| events.report(event));
        let builder = || settings.source().options(options.clone());
        let with_store = match SessionStore::open(&settings, &budget, &progress) {
            Ok(Some(store)) => builder().store(store),
            Ok(None) => Ok(builder()),
            Err(error) => Err(error),
        };
        let builder = with_store.unwrap_or_else(|error| {
            progress.warn_about_cache(&error);
            builder()
        });
        Self {
            source: builder.build(transport.clone()),
            transport,
            budget,
            settings,
        }
    }

    /// Returns a token that meets the requirements, within the user's time limit. A valid cached token is returned
    /// without a wait for its refresh.
    pub(crate) fn token(&self, requirements: Requirements) -> Result<SessionToken, CliError> {
        let asked = system_time();
        let token = self.ask(|source, within| match requirements {
            Requirements {
                force_refresh: true,
                ..
            } => source.refresh(),
            Requirements {
                min_ttl: Duration::ZERO,
                ..
            } => source.token_within(within),
            Requirements { min_ttl, .. } => source.token_valid_for(min_ttl),
        })?;
        if token.expires_in().is_none() {
            terminal::detail("the lifetime is assumed: the server does not say");
        }
        SessionToken::new(token, self.source.export(), asked).meeting(requirements)
    }

    /// Returns the token for API calls.
    pub(crate) fn api_token(&self) -> Result<AccessToken, CliError> {
        self.ask(TokenSource::token_within)
    }

    /// Calls an API within the remaining time. If the API rejects the token, it is replaced, in the cache as well.
    /// The outer error means that there is no token.
    pub(crate) fn call<O: Operation>(
        &self,
        operation: &O,
    ) -> Result<Result<O::Output, CallError>, CliError> {
        self.api_token()?;
        let call = |within| self.source.call_within(operation, within);
        Ok(self.budget.spend(call))
    }

    /// Sends a request to an API within the remaining time. If the API rejects the token, it is replaced once, in the
    /// cache as well. An error status is a response.
    pub(crate) fn send(
        &self,
        request: &Request<SecretBytes>,
    ) -> Result<Response<SecretBytes>, CliError> {
        self.api_token()?;
        let send = |within| self.source.send_within(request, within);
        Ok(self.budget.spend(send)?)
    }

    /// Returns the cached token, if there is one.
    pub(crate) fn cached_token(&self) -> Option<AccessToken> {
        self.source.try_token()
    }

    /// Returns the tokens that API requests carried. A token that is rejected or short-lived is cached no more.
    pub(crate) fn sent_tokens(&self) -> Vec<Secret> {
        self.transport.sent_tokens()
    }

    /// Calls an API within the time limit, which begins anew with this call: a command that waits for hours makes many
    /// of them.
    pub(crate) fn attempt<O: Operation>(
        &self,
        operation: &O,
        describe: impl FnOnce(CallError) -> CliError,
    ) -> Result<O::Output, Failed> {
        self.budget.renew(self.settings.timeout);
        let token = self.budget.spend(|within| self.source.token_within(within));
        if let Err(error) = token {
            return Err(Failed {
                is_transient: error.is_transient(),
                is_unknown: false,
                retry_after: error.retry_after(),
                error: self.no_token(error),
            });
        }
        let call = |within| self.source.call_within(operation, within);
        let called = self.budget.spend(call);
        called.map_err(|error| Failed::new(error, describe))
    }

    fn ask(
        &self,
        ask: impl FnOnce(&TokenSource, Duration) -> Result<AccessToken, TokenError>,
    ) -> Result<AccessToken, CliError> {
        let asked = self.budget.spend(|within| ask(&self.source, within));
        asked.map_err(|error| self.no_token(error))
    }

    fn no_token(&self, error: TokenError) -> CliError {
        if let Some(failure) = self.transport.take_failure() {
            return failure;
        }
        let late = matches!(&error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout);
        let waits = error.retry_after().is_some() && !self.transport.has_sent();
        let advice = self.settings.advice(&error);
        let failure = CliError::from(error);
        let failure = match advice {
            Some(advice) => failure.next(advice),
            None => failure,
        };
        match (late, waits) {
            (true, _) => failure.next(format!(
                "use a longer --timeout than {}, or run edge-oauth doctor, which checks each step on the way",
                humantime::format_duration(self.settings.timeout)
            )),
            (_, true) => failure.next(
                "retry when the wait is over, or use --force-refresh: the server told an earlier run to wait",
            ),
            _ => failure,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.source.settle(MAX_REFRESH_WAIT);
    }
}

/// Returns the timeout of one request. It is shorter than the caller's time by the minimum backoff, so that the
/// caller receives the error.
fn request_timeout(within: Duration) -> Duration {
    within.saturating_sub(MIN_BACKOFF).max(within / 2)
}

const MIN_BACKOFF: Duration = Duration::from_millis(50);

/// The time for which a run that has its token waits for a refresh.
const MAX_REFRESH_WAIT: Duration = Duration::from_secs(2);
