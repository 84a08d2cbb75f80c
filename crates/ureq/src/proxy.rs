//! Converts a proxy of the environment to ureq's type.

use edge_oauth_no_io::{Proxy, ProxyScheme, TransportError};
use ureq::ProxyProtocol;

use crate::transport_error;

pub(crate) fn to_ureq(proxy: Proxy) -> Result<ureq::Proxy, TransportError> {
    let protocol = match proxy.scheme() {
        ProxyScheme::Http => ProxyProtocol::Http,
        ProxyScheme::Https => ProxyProtocol::Https,
        _ => return Err(proxy.unsupported()),
    };
    let mut builder = ureq::Proxy::builder(protocol)
        .host(proxy.host())
        .port(proxy.port());
    if let Some((user, password)) = proxy.credentials() {
        builder = builder.username(user.expose()).password(password.expose());
    }
    builder.build().map_err(transport_error::from_error)
}
