//! nginx, of the system.

use std::process::Command;

use edge_oauth_conformance::Authority;

use crate::process::{Process, path};

/// nginx before another server. What it does with which path stands in `nginx/nginx.conf`.
#[derive(Debug)]
pub struct Nginx {
    http: String,
    https: String,
    mutual_tls: String,
    _process: Process,
}

impl Nginx {
    /// Before the server at this URL, with a certificate of this authority, which signs those of clients too.
    pub fn before(upstream: &str, authority: &Authority) -> Self {
        let server = authority.server_pem();
        let mut command = Command::new("python3");
        command
            .arg(path("nginx/serve.py"))
            .arg(upstream)
            .env("PEER_CERTIFICATE", server.certificate)
            .env("PEER_KEY", server.key)
            .env("PEER_CLIENT_CA", authority.pem());
        let (process, line) = Process::start(&mut command);
        let urls: Vec<_> = line.split_whitespace().collect();
        let [http, https, mutual_tls] = urls[..] else {
            panic!("{line}")
        };
        Self {
            http: http.to_owned(),
            https: https.to_owned(),
            mutual_tls: mutual_tls.to_owned(),
            _process: process,
        }
    }

    /// The URL of a path over https, for clients with a certificate of the authority.
    pub fn mutual_tls_url(&self, path: &str) -> String {
        format!("{}{path}", self.mutual_tls)
    }

    /// The URL of a path over http and over https.
    pub fn urls(&self, path: &str) -> [String; 2] {
        [&self.http, &self.https].map(|url| format!("{url}{path}"))
    }
}
