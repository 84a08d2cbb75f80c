//! The local server, without a socket and over one.

#![allow(
    clippy::unwrap_used,
    reason = "clippy does not see that functions shared by tests are test code"
)]

mod any_call;
mod any_request;
mod api_faults;
mod assertion;
mod assertions;
mod cors;
mod deliveries;
mod delivery_keys;
mod faults;
mod job_lists;
mod key_lists;
mod limits;
mod metadata;
mod peer;
mod protected_api;
mod publishing;
mod receiver;
mod refused_assertions;
mod scopes;
mod secrets;
mod settings;
mod signer;
mod sockets;
mod steering;
mod token_endpoint;
mod token_requests;
mod tokens;
mod webhook_runs;
mod webhooks;
