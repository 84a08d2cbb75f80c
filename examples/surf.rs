//! A token for many tasks, over surf and async-std.
//!
//! ```sh
//! cargo run --example surf --features surf
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use async_std::task;
use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{Config, Secret, Tenant};
use edge_oauth_surf::{SurfTransport, TokenSource};
use http::Request;

fn main() -> Result<(), Box<dyn Error>> {
    let edge = LocalEdge::start()?;
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)?
        .to_builder()
        .endpoint(edge.token_url())
        .build()?;
    let source = TokenSource::new(SurfTransport::new(), config);

    let request =
        Request::get(format!("{}/api/admin/v1/settings", edge.base_url())).body(Vec::new())?;
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (source, request) = (source.clone(), request.clone());
            task::spawn(async move { source.send(&request).await })
        })
        .collect();
    for call in calls {
        match task::block_on(call) {
            Ok(response) => println!("settings: {}", response.status()),
            Err(error) => println!("failed: {error}"),
        }
    }
    println!("token requests: {}", edge.served().token_requests);
    Ok(())
}
