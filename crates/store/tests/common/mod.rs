//! A folder, a configuration and a claim.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edge_oauth_no_io::{Claim, Config, Secret};

/// A folder that is removed with it.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("edge-oauth-store-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn config(secret: &str) -> Config {
    Config::builder("https://login.example/token", "a")
        .client_secret(Secret::new(secret))
        .build()
        .unwrap()
}

/// Waits long enough for a machine that is busy.
pub(crate) fn claim() -> Claim {
    Claim {
        known: 0,
        lease: Duration::from_secs(3600),
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: Duration::from_secs(60),
    }
}
