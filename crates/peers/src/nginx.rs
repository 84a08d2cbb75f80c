//! nginx, of the system.

use std::process::Command;

use edge_oauth_conformance::Authority;

use crate::process::{Process, path};

/// nginx before another server. What it does with which path stands in `nginx/nginx.conf`.
#[derive(Debug)]
pub struct Nginx {
    http: String,
    https: String,
    _process: Process,
}

impl Nginx {
    /// Before the server at this URL, with a certificate of this authority.
    pub fn before(upstream: &str, authority: &Authority) -> Self {
        let server = authority.server_pem();
        let mut command = Command::new("python3");
        command
            .arg(path("nginx/serve.py"))
            .arg(upstream)
            .env("PEER_CERTIFICATE", server.certificate)
            .env("PEER_KEY", server.key);
        let (process, line) = Process::start(&mut command);
        let (http, https) = line.trim_end().split_once(' ').unwrap();
        Self {
            http: http.to_owned(),
            https: https.to_owned(),
            _process: process,
        }
    }

    /// The URL of a path over http and over https.
    pub fn urls(&self, path: &str) -> [String; 2] {
        [&self.http, &self.https].map(|url| format!("{url}{path}"))
    }
}
