//! nginx, as the system packages it.

use std::process::Command;

use edge_oauth_conformance::Authority;

use crate::process::{Process, path};

/// nginx in front of another server. `nginx/nginx.conf` describes its paths.
#[derive(Debug)]
pub struct Nginx {
    http: String,
    https: String,
    mutual_tls: String,
    _process: Process,
}

impl Nginx {
    /// Starts nginx in front of the server at this URL, with a certificate of this authority, which also signs those
    /// of clients.
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

    /// Returns the https URL of a path, for clients with a certificate of the authority.
    pub fn mutual_tls_url(&self, path: &str) -> String {
        format!("{}{path}", self.mutual_tls)
    }

    /// Returns the URLs of a path: with http and with https.
    pub fn urls(&self, path: &str) -> [String; 2] {
        [&self.http, &self.https].map(|url| format!("{url}{path}"))
    }
}
