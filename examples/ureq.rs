//! A token for many threads, over ureq.
//!
//! ```sh
//! cargo run --example ureq
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;
use std::thread;

use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{Config, Secret, Tenant};
use edge_oauth_ureq::{TokenSource, UreqTransport};
use http::Request;

fn main() -> Result<(), Box<dyn Error>> {
    let edge = LocalEdge::start()?;
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)?
        .to_builder()
        .endpoint(edge.token_url())
        .build()?;
    let source = TokenSource::new(UreqTransport::new(), config);

    let request =
        Request::get(format!("{}/api/admin/v1/settings", edge.base_url())).body(Vec::new())?;
    thread::scope(|scope| {
        let calls: Vec<_> = (0..10)
            .map(|_| scope.spawn(|| source.send(&request)))
            .collect();
        for call in calls {
            match call.join() {
                Ok(Ok(response)) => println!("settings: {}", response.status()),
                Ok(Err(error)) => println!("failed: {error}"),
                Err(_) => println!("a thread panicked"),
            }
        }
    });
    println!("token requests: {}", edge.served().token_requests);
    Ok(())
}
