//! Servers on the loopback that play scripted bytes.

pub(crate) mod closed_port;
pub(crate) mod connection;
pub(crate) mod received_request;
pub(crate) mod server_state;
pub(crate) mod test_server;
pub(crate) mod wire_faults;
