//! Spans and log lines for what happens to a token, if the feature `tracing` is on.
//!
//! The target is `edge_oauth`. The span `token_request` and each line have the fields `host`, `client_id` and
//! `cache_key`, a fingerprint that tells configurations apart.

#[cfg(feature = "tracing")]
pub(crate) use on::*;

#[cfg(not(feature = "tracing"))]
pub(crate) use off::*;

#[cfg(feature = "tracing")]
mod on {
    use edge_oauth_no_io::{Config, Event};
    use tracing::instrument::Instrumented;
    use tracing::{Instrument, Span, debug, info, info_span, warn};

    /// Runs a token request inside a span.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(crate) fn run<R>(config: &Config, request: impl FnOnce() -> R) -> R {
        span(config).in_scope(request)
    }

    /// Runs the future of a token request inside a span.
    pub(crate) fn future<F>(config: &Config, request: F) -> Instrumented<F> {
        request.instrument(span(config))
    }

    fn span(config: &Config) -> Span {
        let (host, client_id) = (host(config), config.client_id());
        let cache_key = config.cache_key().fingerprint();
        info_span!(target: TARGET, "token_request", host, client_id, cache_key)
    }

    fn host(config: &Config) -> &str {
        config.endpoint().host().unwrap_or_default()
    }

    const TARGET: &str = "edge_oauth";

    pub(crate) fn log(config: &Config, event: &Event) {
        let (host, client_id) = (host(config), config.client_id());
        let cache_key = config.cache_key().fingerprint();
        // Each line says for which client it is, outside of the span too.
        macro_rules! log {
            ($level:ident, $($field:tt)*) => {
                $level!(target: TARGET, host, client_id, cache_key, $($field)*)
            };
        }
        match event {
            Event::Fetched {
                lifetime,
                took,
                cached,
                ..
            } => log!(info, ?lifetime, ?took, cached, "token fetched"),
            Event::Failed {
                error,
                backoff,
                serving,
                ..
            } => {
                let hint = error.hint().unwrap_or_default();
                let transient = error.is_transient();
                log!(warn, %error, hint, transient, ?backoff, serving, "token request failed");
            }
            Event::Waiting { backoff, .. } => log!(debug, ?backoff, "callers wait for a token"),
            Event::ServedWhileRefreshing => log!(debug, "token served while it is refreshed"),
            Event::Invalidated { .. } => log!(info, "token rejected by an API"),
            Event::Cancelled => log!(debug, "token request cancelled"),
            Event::Lapsed => log!(warn, "token request not finished in time"),
            Event::Adopted { lifetime, age, .. } => {
                log!(info, ?lifetime, ?age, "token taken from the shared store");
            }
            Event::StoreFailed { error, .. } => {
                log!(warn, %error, "token requested without the store")
            }
            Event::Replaced => log!(info, "configuration replaced"),
            other => log!(debug, ?other, "token event"),
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use edge_oauth_no_io::{Config, Event};

    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(crate) fn run<R>(_: &Config, request: impl FnOnce() -> R) -> R {
        request()
    }

    pub(crate) fn future<F>(_: &Config, request: F) -> F {
        request
    }

    pub(crate) fn log(_: &Config, _: &Event) {}
}
