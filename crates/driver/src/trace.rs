//! Spans and log lines for what happens to a token, if the feature `tracing` is on.
//!
//! The target is `edge_oauth`. The span `token_request` and each line have the fields `host`, `client_id` and
//! `cache_key`, a fingerprint that tells configurations apart. `docs/guide/logs-and-metrics.md` lists them, and
//! `tests/tracing.rs` compares it with what is logged.

#[cfg(feature = "tracing")]
pub(crate) use on::*;

#[cfg(not(feature = "tracing"))]
pub(crate) use off::*;

#[cfg(feature = "tracing")]
mod on {
    use edge_oauth_no_io::{Config, Event};
    use tracing::field::Empty;
    use tracing::instrument::Instrumented;
    use tracing::{Instrument, Span, debug, info, info_span, warn};

    /// The span of one token request.
    #[derive(Clone)]
    pub(crate) struct RequestSpan(Span);

    impl RequestSpan {
        pub(crate) fn new(config: &Config, attempt: u32) -> Self {
            let (host, client_id) = (host(config), config.client_id());
            let cache_key = config.cache_key().fingerprint();
            Self(info_span!(
                target: TARGET,
                "token_request",
                host,
                client_id,
                cache_key,
                attempt,
                outcome = Empty
            ))
        }

        /// Runs the request inside the span.
        #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
        pub(crate) fn run<R>(&self, request: impl FnOnce() -> R) -> R {
            self.0.in_scope(request)
        }

        /// Runs the future of the request inside the span.
        pub(crate) fn run_future<F>(&self, request: F) -> Instrumented<F> {
            request.instrument(self.0.clone())
        }

        /// Adds the outcome in one word.
        pub(crate) fn end(self, outcome: &str) {
            self.0.record("outcome", outcome);
        }
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
                attempt,
                ..
            } => log!(info, ?lifetime, ?took, cached, attempt, "token fetched"),
            Event::Failed {
                error,
                backoff,
                serving,
                attempt,
                ..
            } => {
                let (hint, culprit) = (error.hint().unwrap_or_default(), error.culprit().as_str());
                let transient = error.is_transient();
                log!(
                    warn,
                    %error,
                    hint,
                    culprit,
                    transient,
                    ?backoff,
                    serving,
                    attempt,
                    "token request failed"
                );
            }
            Event::Waiting { backoff, .. } => log!(debug, ?backoff, "callers wait for a token"),
            Event::ServedWhileRefreshing => log!(debug, "token served while it is refreshed"),
            Event::Invalidated { age, .. } => log!(info, ?age, "token rejected by an API"),
            Event::Cancelled => log!(debug, "token request cancelled"),
            Event::Lapsed => log!(warn, "token request not finished in time"),
            Event::Adopted { lifetime, age, .. } => {
                log!(info, ?lifetime, ?age, "token taken from the shared store");
            }
            Event::Restored { lifetime, .. } => log!(info, ?lifetime, "token restored"),
            Event::RefreshStarted { age, .. } => log!(debug, ?age, "refresh started"),
            Event::Quota { limits, .. } => log!(debug, ?limits, "quota of the token endpoint"),
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

    #[derive(Clone)]
    pub(crate) struct RequestSpan;

    impl RequestSpan {
        pub(crate) fn new(_: &Config, _: u32) -> Self {
            Self
        }

        #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
        pub(crate) fn run<R>(&self, request: impl FnOnce() -> R) -> R {
            request()
        }

        pub(crate) fn run_future<F>(&self, request: F) -> F {
            request
        }

        pub(crate) fn end(self, _: &str) {}
    }

    pub(crate) fn log(_: &Config, _: &Event) {}
}
