//! Replaces the Delivery key of a site without downtime: the old keys are good until the site uses the
//! new one. `edge-oauth keys rotate` does the same with a command.
//!
//! At the real service it leaves a key with the label `edge-oauth example`, which nobody has.
//!
//! ```sh
//! cargo run --example rotate_key    # at a local Experience Edge, or the one of the environment
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

mod service;

use std::error::Error;

use edge_oauth_no_io::Secret;
use edge_oauth_ureq::TokenSource;
use experience_edge_api::{ExperienceEdge, KeyFilter, NewKey};
use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let Service { edge, source, .. } = &Service::of_environment()?;
    for _ in 0..2 {
        let revoked = rotate(source, edge, deploy)?;
        println!("old keys revoked: {revoked}");
    }
    Ok(())
}

/// Where any step fails, nothing is revoked, and the site goes on with the key that it has.
fn rotate(
    source: &TokenSource,
    edge: &ExperienceEdge,
    deploy: impl FnOnce(&Secret) -> Result<(), Box<dyn Error>>,
) -> Result<usize, Box<dyn Error>> {
    // The service looks for a part of the label; the list may have several pages.
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

/// Stands for whatever gives the site its key, such as a call of its host's API, and ends when the site
/// uses it.
fn deploy(key: &Secret) -> Result<(), Box<dyn Error>> {
    println!(
        "the site has a new key of {} characters",
        key.expose().len()
    );
    Ok(())
}

const LABEL: &str = "edge-oauth example";
