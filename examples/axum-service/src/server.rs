//! The server: serves until it is asked to stop, and then ends in order.

use std::future::{Future, IntoFuture};
use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, interval, timeout_at};
use tracing::{info, warn};

use crate::app::App;

/// Serves until `stop`, and then for at most `grace`: takes no more connections, lets the requests in flight end, and the
/// token request too, so that its token reaches a shared store.
///
/// # Errors
///
/// Returns the error of the listener.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    let (source, metrics) = (app.source.clone(), app.metrics.clone());
    let upkeep = tokio::spawn(async move {
        // Without it, the samples of histograms pile up between two scrapes.
        let mut ticks = interval(UPKEEP);
        loop {
            ticks.tick().await;
            metrics.run_upkeep();
        }
    });
    let (stopping, is_stopping) = oneshot::channel();
    let router = app.clone().router();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        info!("stopping");
        app.stop();
        let _ = stopping.send(Instant::now() + grace);
    });
    let mut server = tokio::spawn(server.into_future());
    let result = tokio::select! {
        // The server ended first, by an error.
        ended = &mut server => ended.unwrap_or_else(|error| Err(io::Error::other(error))),
        Ok(end) = is_stopping => match timeout_at(end, &mut server).await {
            Ok(ended) => {
                let left = end.saturating_duration_since(Instant::now());
                if !source.settle(left).await {
                    warn!("a token request is still in flight");
                }
                ended.unwrap_or_else(|error| Err(io::Error::other(error)))
            }
            Err(_) => {
                warn!("requests are still in flight");
                server.abort();
                Ok(())
            }
        },
    };
    upkeep.abort();
    result
}

const UPKEEP: Duration = Duration::from_secs(5);
