//! The transport of a session, created at its first request, within the remaining time.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_no_io::{RequestLimits, Secret, SecretBytes, TransportError, TransportErrorKind};
use edge_oauth_ureq::UreqTransport;
use http::{Request, Response, header};
use ureq::tls::ClientCert;

use crate::error::CliError;
use crate::http_client as client;
use crate::session::budget::Budget;
use crate::session::progress::Progress;
use crate::settings::Settings;

/// A transport that is created when it is needed. Reading the system's certificates takes time, and a cached token
/// needs no transport.
#[derive(Clone)]
pub(super) struct LazyTransport(Arc<Inner>);

struct Inner {
    cacert: Option<PathBuf>,
    certificate: Option<ClientCert>,
    budget: Budget,
    progress: Arc<Progress>,
    transport: OnceLock<UreqTransport>,
    /// The tokens that API requests carried.
    tokens: Mutex<Vec<Secret>>,
    /// The error of creating the transport.
    failure: Mutex<Option<CliError>>,
}

impl LazyTransport {
    pub(super) fn new(settings: &Settings, budget: Budget, progress: Arc<Progress>) -> Self {
        Self(Arc::new(Inner {
            cacert: settings.cacert.clone(),
            certificate: settings.credentials.certificate().cloned(),
            budget,
            progress,
            transport: OnceLock::new(),
            tokens: Mutex::default(),
            failure: Mutex::new(None),
        }))
    }

    /// Returns whether a request was sent.
    pub(super) fn has_sent(&self) -> bool {
        self.0.progress.has_sent.load(Ordering::Relaxed)
    }

    /// Returns the error of creating the transport, if it failed.
    pub(super) fn take_failure(&self) -> Option<CliError> {
        self.0
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Returns the tokens that API requests carried, rejected ones included.
    pub(super) fn sent_tokens(&self) -> Vec<Secret> {
        self.tokens().clone()
    }

    fn tokens(&self) -> MutexGuard<'_, Vec<Secret>> {
        self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember_token(&self, request: &Request<SecretBytes>) {
        let value = request.headers().get(header::AUTHORIZATION);
        let token = value.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let mut tokens = self.tokens();
        if let Some(token) = token
            && !tokens.iter().any(|known| known.expose() == token)
        {
            tokens.push(Secret::new(token));
        }
    }

    fn transport(&self) -> Result<&UreqTransport, TransportError> {
        if let Some(transport) = self.0.transport.get() {
            return Ok(transport);
        }
        let (cacert, certificate) = (self.0.cacert.as_deref(), self.0.certificate.as_ref());
        match client::transport(cacert, certificate, self.0.budget.left()) {
            Ok(transport) => Ok(self.0.transport.get_or_init(|| transport)),
            Err(failure) => {
                // This kind is not retried.
                let error = TransportError::new(TransportErrorKind::Tls, failure.to_string());
                *self
                    .0
                    .failure
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = Some(failure);
                Err(error)
            }
        }
    }
}

impl Transport for LazyTransport {
    fn send(
        &self,
        request: Request<SecretBytes>,
        mut limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        limits.timeout = limits.timeout.min(self.0.budget.left());
        // Only token requests close their connection.
        if !limits.keep_alive && self.0.progress.has_token() {
            limits.timeout = limits.timeout.min(RENEWAL);
        }
        if limits.timeout.is_zero() {
            let detail = "the time of --timeout is over";
            return Err(TransportError::new(TransportErrorKind::Timeout, detail));
        }
        let transport = self.transport()?;
        self.remember_token(&request);
        self.0.progress.has_sent.store(true, Ordering::Relaxed);
        transport.send(request, limits)
    }
}

impl fmt::Debug for LazyTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyTransport").finish_non_exhaustive()
    }
}

/// The timeout of a background refresh. It ends before its run does, so that the run can store the error for later
/// runs.
const RENEWAL: Duration = Duration::from_millis(1500);

#[cfg(test)]
mod tests {
    use edge_oauth_local::LocalEdge;

    use super::*;

    // fault: timeout-per-request
    #[test]
    fn request_is_not_sent_when_the_time_is_over() {
        let edge = LocalEdge::start().unwrap();
        let transport = LazyTransport(Arc::new(Inner {
            cacert: None,
            certificate: None,
            budget: Budget::new(Duration::ZERO),
            progress: Arc::default(),
            transport: OnceLock::new(),
            tokens: Mutex::default(),
            failure: Mutex::new(None),
        }));
        let mut request = Request::new(SecretBytes::new(Vec::new()));
        *request.uri_mut() = edge.token_url().parse().unwrap();
        let limits = RequestLimits::token(Duration::from_secs(600));
        let error = transport.send(request, limits).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Timeout);
        assert_eq!(edge.served().token_requests, 0);
        assert!(!transport.has_sent());
    }
}
