//! The addresses to which the local server may send: this machine only.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::Uri;

/// Returns the addresses of an `http` URL on the loopback, in the order to try them, and none for any other URL.
/// Looks up no name.
pub(crate) fn addresses(uri: &Uri) -> Vec<SocketAddr> {
    if uri.scheme_str() != Some("http") {
        return Vec::new();
    }
    let port = uri.port_u16().unwrap_or(80);
    let hosts = uri.host().map(hosts).unwrap_or_default();
    let addresses = hosts.into_iter().filter(IpAddr::is_loopback);
    addresses.map(|host| SocketAddr::new(host, port)).collect()
}

/// Returns whether a host is the loopback by name or address.
pub(crate) fn is_host(host: &str) -> bool {
    let hosts = hosts(host);
    !hosts.is_empty() && hosts.iter().all(IpAddr::is_loopback)
}

fn hosts(host: &str) -> Vec<IpAddr> {
    // `localhost` means the loopback, without a lookup (RFC 6761 §6.3).
    if host.eq_ignore_ascii_case("localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    // An IPv6 address is written in brackets (RFC 3986 §3.2.2).
    let version_6 = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    match version_6 {
        Some(host) => host.parse().map(IpAddr::V6).into_iter().collect(),
        None => host.parse().map(IpAddr::V4).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_in_all_its_spellings() {
        for (uri, expected) in [
            ("http://127.0.0.1:8080/a?b", &["127.0.0.1:8080"][..]),
            ("http://127.8.7.6", &["127.8.7.6:80"]),
            ("http://[::1]:1/", &["[::1]:1"]),
            ("http://LocalHost:7/", &["127.0.0.1:7", "[::1]:7"]),
        ] {
            let addresses = addresses(&uri.parse().unwrap());
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            assert_eq!(addresses, expected, "{uri}");
        }
    }

    #[test]
    fn nothing_else_has_an_address() {
        for uri in [
            "https://127.0.0.1/",
            "http://example.org/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://localhost.example/",
            "http://127.0.0.1:1@example.org/",
            "http://[::2]/",
            "http://[::ffff:127.0.0.1]/",
            "/path",
        ] {
            assert!(addresses(&uri.parse().unwrap()).is_empty(), "{uri}");
        }
    }
}
