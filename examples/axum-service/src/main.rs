//! Runs the service until Ctrl-C or SIGTERM.

use std::env;
use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use edge_oauth_axum_service::{App, Settings, install_metrics, install_tracing, serve};
use edge_oauth_reqwest::{ReqwestTransport, TokenSource};
use tokio::net::TcpListener;
use tracing::{error, info, warn};

#[tokio::main]
async fn main() -> ExitCode {
    install_tracing();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!(error, "the service failed");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let metrics = install_metrics()?;
    let settings = Settings::read(|name| env::var(name).ok())?;
    let source = TokenSource::new(ReqwestTransport::new()?, settings.config);
    // A wrong secret ends the start. An outage does not: the service starts, and /ready says no.
    match source.token_within(PATIENCE_AT_START).await {
        Err(error) if !error.is_transient() => return Err(error.into()),
        Err(error) => warn!(%error, "started without a token"),
        Ok(_) => {}
    }
    let listener = TcpListener::bind(settings.listen).await?;
    info!(address = %listener.local_addr()?, "listening");
    let app = App::new(source, settings.edge, metrics);
    serve(listener, app, stop_signal()?, GRACE).await?;
    info!("stopped");
    Ok(())
}

/// A supervisor probes the service meanwhile.
const PATIENCE_AT_START: Duration = Duration::from_secs(5);

/// Less than the 30 s that Kubernetes gives.
const GRACE: Duration = Duration::from_secs(20);

/// Ends at Ctrl-C, and at the SIGTERM of a supervisor. Both are taken from now on.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}
