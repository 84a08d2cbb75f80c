//! The hosts that are reached without a proxy, as `NO_PROXY` lists them.

use std::net::IpAddr;

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exception {
    host: Host,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    /// This name and all names below it.
    Name(String),
    /// The addresses that have these first bits.
    Network(IpAddr, u32),
}

/// Reads a list. An entry that makes no sense is an `Err` with its position, from 1.
pub(super) fn parse(list: &str) -> Vec<Result<Exception, usize>> {
    let entries = list.split(|c: char| c == ',' || c.is_whitespace());
    let entries = entries.filter(|entry| !entry.is_empty());
    let entries = entries.enumerate();
    entries
        .map(|(position, entry)| Exception::parse(entry).ok_or(position + 1))
        .collect()
}

impl Exception {
    fn parse(entry: &str) -> Option<Self> {
        let of = |host| Some(Self { host, port: None });
        if entry == "*" {
            return of(Host::Any);
        }
        if let Some((address, bits)) = entry.split_once('/') {
            let address = address_of(address)?;
            let digits = bits.bytes().all(|byte| byte.is_ascii_digit());
            let bits = bits
                .parse()
                .ok()
                .filter(|bits| digits && *bits <= width(address))?;
            return of(Host::Network(address, bits));
        }
        if let Some(address) = address_of(entry) {
            return of(Host::Network(address, width(address)));
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) => (host, Some(port_of(port)?)),
            None => (entry, None),
        };
        let host = match address_of(host) {
            Some(address) => Host::Network(address, width(address)),
            None => Host::Name(name_of(host)?),
        };
        Some(Self { host, port })
    }

    /// Returns whether a host, in lower case and without brackets, is one of these.
    pub(super) fn covers(&self, host: &str, port: Option<u16>) -> bool {
        if self.port.is_some() && self.port != port {
            return false;
        }
        let host = host.strip_suffix('.').unwrap_or(host);
        match (&self.host, host.parse::<IpAddr>()) {
            (Host::Any, _) => true,
            (Host::Network(network, bits), Ok(address)) => {
                first_bits(*network, *bits) == first_bits(address.to_canonical(), *bits)
            }
            (Host::Name(name), Err(_)) => {
                let above = host.strip_suffix(name.as_str());
                above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
            (Host::Network(..), Err(_)) | (Host::Name(_), Ok(_)) => false,
        }
    }
}

/// Returns the port if it is a number from 1 to 65535, without a sign.
pub(super) fn port_of(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

/// Returns whether the text can be the name of a host.
pub(super) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !text.is_empty() && text.chars().all(allowed)
}

/// `.example.com`, `*.example.com` and `example.com.` are `example.com`.
fn name_of(text: &str) -> Option<String> {
    let text = text
        .strip_prefix('*')
        .map_or(Some(text), |below| below.starts_with('.').then_some(below))?;
    let text = text.strip_prefix('.').unwrap_or(text);
    let text = text.strip_suffix('.').unwrap_or(text);
    is_name(text).then(|| text.to_ascii_lowercase())
}

fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address: IpAddr = bare.unwrap_or(text).parse().ok()?;
    (bare.is_none() || address.is_ipv6()).then(|| address.to_canonical())
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The kind of the address and as many of its first bits.
fn first_bits(address: IpAddr, bits: u32) -> (bool, u128) {
    let all = match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    };
    let kept = all.checked_shr(128 - bits).unwrap_or(0);
    (address.is_ipv4(), kept)
}
