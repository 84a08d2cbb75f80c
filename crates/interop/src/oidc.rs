//! oidc-provider, from the npm registry.

use std::process::Command;

use edge_oauth_conformance::Authority;

use crate::process::{Process, path};

/// The OpenID provider `oidc-provider`. `oidc/server.mjs` lists its clients.
#[derive(Debug)]
pub struct Oidc {
    url: String,
    _process: Process,
}

impl Oidc {
    /// Starts the provider over http, with additional clients: a JSON array of their metadata (RFC 7591 §2).
    pub fn http(clients: &str) -> Self {
        Self::start(Self::command().env("PEER_CLIENTS", clients))
    }

    /// Starts the provider over https, with a certificate of this authority.
    pub fn https(authority: &Authority) -> Self {
        Self::start(&mut Self::command_with(authority))
    }

    /// Starts the provider over https, with these additional clients; it requests a client certificate.
    pub fn with_clients(authority: &Authority, clients: &str) -> Self {
        Self::start(&mut Self::command_for(authority, clients))
    }

    /// Starts the provider with the FAPI 2.0 security profile, and without the clients that have a secret.
    pub fn by_fapi(authority: &Authority, clients: &str) -> Self {
        Self::start(Self::command_for(authority, clients).env("PEER_FAPI", "1"))
    }

    /// Returns the URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn command() -> Command {
        let mut command = Command::new("node");
        command.arg(path("oidc/server.mjs"));
        command
    }

    fn command_with(authority: &Authority) -> Command {
        let server = authority.server_pem();
        let mut command = Self::command();
        command
            .env("PEER_CERTIFICATE", server.certificate)
            .env("PEER_KEY", server.key);
        command
    }

    fn command_for(authority: &Authority, clients: &str) -> Command {
        let mut command = Self::command_with(authority);
        command
            .env("PEER_CLIENT_CA", authority.pem())
            .env("PEER_CLIENTS", clients);
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
