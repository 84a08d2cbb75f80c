//! A service that keeps its token across restarts. One line does it: the store.
//!
//! ```sh
//! cargo run --example restart    # at a local Experience Edge, or the one of the environment
//! ```
//!
//! `TOKENS` names a folder that outlives the program: the next run finds the token there.
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

mod service;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use edge_oauth_store::FileStore;
use edge_oauth_ureq::{Config, Event, Options, TokenSource, UreqTransport};
use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let Service { edge, source, .. } = &Service::from_environment()?;
    let kept = env::var_os("TOKENS").map(PathBuf::from);
    let folder = kept.clone().unwrap_or_else(temporary);
    for start in 1..=2 {
        // As after a restart, nothing is in memory.
        let source = start_service(&source.config(), &folder)?;
        let token = source.token()?;
        source.call(&edge.settings())?;
        println!("start {start}: the token is for {:?}", token.expires_in());
    }
    if kept.is_none() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn start_service(config: &Config, folder: &Path) -> Result<TokenSource, Box<dyn Error>> {
    let options = Options::default().on_event(|event| match event {
        Event::Fetched { .. } => println!("requested a token"),
        Event::Adopted { age, .. } => println!("restored the cached token, {age:.0?} old"),
        other => println!("{other:?}"),
    });
    Ok(TokenSource::builder(config.clone())
        .store(FileStore::open(folder)?)? // sealed with the client secret
        .options(options)
        .build(UreqTransport::new()))
}

fn temporary() -> PathBuf {
    env::temp_dir().join(format!("edge-oauth-restart-{}", std::process::id()))
}
