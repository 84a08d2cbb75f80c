//! Spans and log lines for what happens to a token, if the feature `tracing` is on.

#[cfg(feature = "tracing")]
pub(crate) use on::{future, log, run};

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{future, log, run};

#[cfg(feature = "tracing")]
mod on {
    use edge_oauth_no_io::Event;
    use tracing::instrument::Instrumented;
    use tracing::{Instrument, Span, debug, info, info_span, warn};

    /// Makes an exchange inside a span.
    pub(crate) fn run<R>(exchange: impl FnOnce() -> R) -> R {
        span().in_scope(exchange)
    }

    /// The same for a future.
    pub(crate) fn future<F>(exchange: F) -> Instrumented<F> {
        exchange.instrument(span())
    }

    fn span() -> Span {
        info_span!("token_request")
    }

    pub(crate) fn log(event: &Event) {
        match event {
            Event::Fetched {
                lifetime,
                took,
                cached,
                ..
            } => info!(?lifetime, ?took, cached, "token fetched"),
            Event::Failed {
                error,
                backoff,
                serving,
                ..
            } => {
                let hint = error.hint().unwrap_or_default();
                let transient = error.is_transient();
                warn!(%error, hint, transient, ?backoff, serving, "token request failed");
            }
            Event::Waiting { backoff, .. } => debug!(?backoff, "callers wait for a token"),
            Event::ServedWhileRefreshing => debug!("token served while it is refreshed"),
            Event::Invalidated => info!("token rejected by an API"),
            Event::Cancelled => debug!("token request cancelled"),
            Event::Lapsed => warn!("token request not finished in time"),
            Event::Adopted { lifetime, age, .. } => {
                info!(?lifetime, ?age, "token taken from the shared store");
            }
            Event::StoreFailed { error, .. } => warn!(%error, "token requested without the store"),
            Event::Replaced => info!("configuration replaced"),
            other => debug!(?other, "token event"),
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use edge_oauth_no_io::Event;

    pub(crate) fn run<R>(exchange: impl FnOnce() -> R) -> R {
        exchange()
    }

    pub(crate) fn future<F>(exchange: F) -> F {
        exchange
    }

    pub(crate) fn log(_: &Event) {}
}
