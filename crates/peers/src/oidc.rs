//! oidc-provider, of the npm registry.

use std::process::Command;

use edge_oauth_conformance::Authority;

use crate::process::{Process, path};

/// The OpenID provider `oidc-provider`. Its clients stand in `oidc/server.mjs`.
#[derive(Debug)]
pub struct Oidc {
    url: String,
    _process: Process,
}

impl Oidc {
    /// Over http.
    pub fn http() -> Self {
        Self::start(&mut Self::command())
    }

    /// Over https, with a certificate of this authority.
    pub fn https(authority: &Authority) -> Self {
        let server = authority.server_pem();
        let mut command = Self::command();
        command
            .env("PEER_CERTIFICATE", server.certificate)
            .env("PEER_KEY", server.key);
        Self::start(&mut command)
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn command() -> Command {
        let mut command = Command::new("node");
        command.arg(path("oidc/server.mjs"));
        command
    }

    fn start(command: &mut Command) -> Self {
        let (process, line) = Process::start(command);
        Self {
            url: line.trim_end().to_owned(),
            _process: process,
        }
    }
}
