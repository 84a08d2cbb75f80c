//! Replaces the Delivery key of a site without downtime: the old keys are valid until the site uses the
//! new one. `edge-oauth keys rotate` does the same with a command.
//!
//! At the real service it leaves an unused key with the label `edge-oauth example`.
//!
//! ```sh
//! cargo run --example rotate_key    # at a local Experience Edge, or at the service that the environment names
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

mod service;

use std::error::Error;

use edge_oauth_no_io::Secret;
use edge_oauth_ureq::TokenSource;
use experience_edge_api::{ExperienceEdge, KeyFilter, NewKey};
use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let Service { edge, source, .. } = &Service::from_environment()?;
    for _ in 0..2 {
        let revoked = rotate(source, edge, deploy)?;
        println!("old keys revoked: {revoked}");
    }
    Ok(())
}

/// If a step fails, no key is revoked, and the site goes on with its old key.
fn rotate(
    source: &TokenSource,
    edge: &ExperienceEdge,
    deploy: impl FnOnce(&Secret) -> Result<(), Box<dyn Error>>,
) -> Result<usize, Box<dyn Error>> {
    // The service matches a part of the label; the list may have several pages.
    let list = edge.keys(KeyFilter::new().label(LABEL).active_only())?;
    let mut old = list.all(|page| source.call(page))?;
    old.retain(|key| key.label == LABEL);

    let new = source.call(&edge.create_key(&NewKey::delivery(LABEL, "rotate_key"))?)?;
    deploy(&new)?;
    for key in &old {
        source.call(&edge.revoke_key_by_hash(&key.hash))?;
    }
    Ok(old.len())
}

/// A placeholder for the deployment: it gives the site its key and returns when the site uses the key.
fn deploy(key: &Secret) -> Result<(), Box<dyn Error>> {
    println!(
        "the site has a new key of {} characters",
        key.expose().len()
    );
    Ok(())
}

const LABEL: &str = "edge-oauth example";
