//! The proxy variables of this process.

use std::env;

use edge_oauth_no_io::ProxyEnvironment;

/// Reads which proxies the environment of this process names. The adapters call this when they make
/// their own client, and a later change of the environment does not reach such a client.
pub fn proxy_environment() -> ProxyEnvironment {
    ProxyEnvironment::new(env::var_os)
}
