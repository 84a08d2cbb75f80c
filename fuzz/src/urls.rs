//! Checks of the URLs and hosts that a credential may go to.

use edge_oauth_no_io::{Config, Origin, Secret, Tenant, token_request};

use crate::decode;

/// Checks an endpoint that was accepted (fault: host-that-resembles-the-loopback, fragment-in-the-endpoint, user-name-in-the-endpoint).
pub(crate) fn check_endpoint(url: &str, config: &Config) {
    let request = token_request(config).unwrap();
    let uri = request.uri();
    let host = uri.host().expect("an absolute URL").to_ascii_lowercase();
    let loopback = host == "localhost" || host == "[::1]" || is_ipv4_loopback(&host);
    assert!(
        uri.scheme_str() == Some("https") || loopback || is_long_ipv6_loopback(&host),
        "C1, C3: {url:?} is accepted"
    );
    assert!(!url.contains('#') && !uri.authority().unwrap().as_str().contains('@'));
    assert!(Origin::is_secure(uri));
}

pub(crate) fn check_origin(url: &str) {
    if let Ok(origin) = Origin::from_url(url) {
        let uri = url.parse().expect("an origin has a URL");
        assert!(origin.covers(&uri) && Origin::is_secure(&uri), "{url:?}");
    }
}

pub(crate) fn check_tenant(id: &str) {
    let config = Config::experience_edge(Tenant::Old(id.to_owned()), "id", Secret::new("s"));
    if let Ok(config) = config {
        let audience = format!("https://delivery.sitecore.cloud/{id}");
        let pairs = decode::form(token_request(&config).unwrap().body().as_ref());
        assert!(pairs.contains(&("audience".to_owned(), audience)));
    }
}

fn is_ipv4_loopback(host: &str) -> bool {
    let parts: Vec<_> = host.split('.').collect();
    let is_byte = |part: &&str| {
        part.parse::<u8>()
            .is_ok_and(|byte| byte.to_string() == **part)
    };
    parts.len() == 4 && parts[0] == "127" && parts.iter().all(is_byte)
}

/// Returns whether a host is a spelling of the loopback, such as `[0:0:0:0:0:0:0:1]`.
fn is_long_ipv6_loopback(host: &str) -> bool {
    let digits = host.trim_start_matches('[').trim_end_matches(']');
    let one = digits.strip_suffix('1').or(digits.strip_suffix("0.0.0.1"));
    host.starts_with('[')
        && one.is_some_and(|rest| rest.bytes().all(|byte| matches!(byte, b'0' | b':')))
}
