//! The URLs that a token request may go to.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::Authority;

use crate::config_error::ConfigError;
use crate::grammar;

/// Reads a token endpoint's URL and refuses what is not safe or not whole.
///
/// RFC 6749 §3.2: the endpoint has no fragment, a query is kept, and TLS is required; RFC 8252 §8.3
/// is the model for letting the loopback do without it.
pub(crate) fn parse(url: &str) -> Result<Uri, ConfigError> {
    let refuse = |reason| Err(ConfigError::Endpoint { reason });
    if !url.is_ascii() {
        return refuse("has a character that is not ASCII");
    }
    if url.contains('#') {
        return refuse("has a fragment");
    }
    let Ok(uri) = url.parse::<Uri>() else {
        return refuse("is not a URL");
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return refuse("is not an absolute URL");
    };
    if has_user(authority) {
        return refuse("has a user name or password in it");
    }
    let host = authority.host();
    if !is_host(host) {
        return refuse("has a host that is neither an address nor an ASCII name");
    }
    if host_and_port(&uri).is_none() {
        return refuse("has a port that is not one");
    }
    match scheme {
        "https" => Ok(uri),
        "http" if is_loopback(host) => Ok(uri),
        "http" => Err(ConfigError::InsecureEndpoint),
        _ => refuse("is neither https nor http"),
    }
}

/// Returns the host and the port of a URL whose authority is just these. `http::Uri` reads `[::1].example` as the host
/// `[::1]`, and another parser may read another host or port. Each call of an API checks its URL, so this reads it once.
pub(crate) fn host_and_port(uri: &Uri) -> Option<(&str, Option<u16>)> {
    let authority = uri.authority()?.as_str();
    let address_end = match authority.starts_with('[') {
        true => authority.bytes().position(|byte| byte == b']')?,
        false => 0,
    };
    let (host, port) = match authority[address_end..]
        .bytes()
        .position(|byte| byte == b':')
    {
        Some(colon) => {
            let colon = address_end + colon;
            (
                &authority[..colon],
                Some(whole_port(&authority[colon + 1..])?),
            )
        }
        None => (authority, None),
    };
    is_host(host).then_some((host, port))
}

fn has_user(authority: &Authority) -> bool {
    authority.as_str().contains('@')
}

fn is_host(host: &str) -> bool {
    match bracketed(host) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => grammar::is_plain_name(host),
    }
}

/// `http::Uri` lets a port pass that does not fit; here it is a number from 1 to 65535.
fn whole_port(port: &str) -> Option<u16> {
    // A number to Rust may have a sign.
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|_| is_number);
    port.filter(|port| *port != 0)
}

/// Only what cannot be anything else: the name `localhost`, and address literals in their usual
/// spelling. `127.0.0.1.example.com`, `0x7f.1` and `2130706433` are not.
pub(crate) fn is_loopback(host: &str) -> bool {
    match bracketed(host) {
        Some(address) => address
            .parse()
            .is_ok_and(|address: Ipv6Addr| address.is_loopback()),
        None => {
            host == "127.0.0.1"
                || host.eq_ignore_ascii_case("localhost")
                || host.starts_with("127.") && host.parse::<Ipv4Addr>().is_ok()
        }
    }
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}
