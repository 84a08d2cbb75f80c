//! Clears the cache after a deployment, as a CI job does. `edge-oauth admin cache clear` does the same.
//!
//! ```sh
//! cargo run --example clear_cache    # at a local Experience Edge, or at the service that the environment names
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

mod service;

use std::error::Error;
use std::thread;
use std::time::Duration;

use edge_oauth_driver::{CallError, system_time};
use edge_oauth_ureq::TokenSource;
use experience_edge_api::ExperienceEdge;
use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::from_environment()?;
    match clear_cache(&service.source, &service.edge) {
        Ok(()) => println!("The service accepted the request to clear the cache."),
        Err(error) => {
            println!("The cache is not cleared: {error}");
            println!("  {}", error.hint().unwrap_or("no hint for this one"));
            return Err(error.into());
        }
    }
    Ok(())
}

/// Retries once if the service is busy or fails. Clearing twice does no harm.
fn clear_cache(source: &TokenSource, edge: &ExperienceEdge) -> Result<(), CallError> {
    let operation = edge.clear_cache();
    match source.call(&operation) {
        Err(error) if error.is_transient() => {
            let pause = error
                .retry_after()
                .map(|when| when.wait(system_time().wall));
            thread::sleep(pause.unwrap_or(PAUSE).min(LONGEST));
            source.call(&operation)
        }
        outcome => outcome,
    }
}

const PAUSE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);
