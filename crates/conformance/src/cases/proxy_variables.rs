//! The proxy of the environment: the variables that name it, the requests that use it, and the secrets that it must not
//! see.
//!
//! Each case runs in a child process, whose environment names a proxy that refuses every tunnel.

use std::env;

use edge_oauth_no_io::TransportErrorKind as Kind;

use crate::certificates::Authority;
use crate::child_process::{self, PROXIES};
use crate::exchange::{error_kind, ok, send, status_and_body};
use crate::secrecy::planted::{PATH_AND_QUERY, TOKEN};
use crate::server::test_server::TestServer;
use crate::subject::Subject;

/// Runs a case of this file in a child process with its environment, and checks the requests to the proxy.
pub(crate) fn behind_a_proxy(test: &str, case: &str) {
    let proxy = TestServer::start_plain(|connection| {
        connection.head()?;
        connection.write("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
    });
    let case = case.split("::").last().unwrap();
    let plan = Plan::of(case, &proxy.authority());
    child_process::in_child(test, &plan.variables);
    let requests = proxy.requests();
    let lines: Vec<_> = requests
        .iter()
        .map(|request| request.line.as_str())
        .collect();
    match plan.through_proxy {
        true => assert_eq!(lines, ["CONNECT server.invalid:443 HTTP/1.1"]),
        false => assert_eq!(
            proxy.connections(),
            0,
            "the proxy was through_proxy: {lines:?}"
        ),
    }
    let sent: Vec<_> = requests
        .iter()
        .map(|request| request.all("proxy-authorization"))
        .collect();
    match case {
        // The output of `printf 'us@er:wr0ng%/' | base64`.
        "credentials_of_a_proxy_are_decoded" => assert_eq!(sent, [["Basic dXNAZXI6d3IwbmclLw=="]]),
        _ => assert!(sent.concat().is_empty()),
    }
}

/// The environment of a case, and whether its request goes through the proxy.
struct Plan {
    variables: Vec<(&'static str, String)>,
    through_proxy: bool,
}

impl Plan {
    fn of(case: &str, proxy: &str) -> Self {
        let url = format!("http://{proxy}");
        let nowhere = "http://127.0.0.1:1".to_owned();
        let (variables, through_proxy) = match case {
            "loopback_endpoint_bypasses_the_proxy" => {
                (PROXIES.map(|name| (name, url.clone())).to_vec(), false)
            }
            "https_endpoint_goes_through_the_proxy" => {
                (PROXIES.map(|name| (name, url.clone())).to_vec(), true)
            }
            "https_proxy_wins_over_all_proxy" => {
                let variables = [("ALL_PROXY", nowhere.clone()), ("HTTP_PROXY", nowhere)];
                (
                    [variables.to_vec(), vec![("HTTPS_PROXY", url)]].concat(),
                    true,
                )
            }
            "http_proxy_is_ignored_for_https" => (
                vec![("HTTP_PROXY", url.clone()), ("http_proxy", url)],
                false,
            ),
            "quotes_and_blanks_around_a_proxy_are_removed" => {
                (vec![("HTTPS_PROXY", format!(" \"{url}\" "))], true)
            }
            "credentials_of_a_proxy_are_decoded" => {
                let url = format!("http://us%40er:wr0ng%25%2F@{proxy}");
                (vec![("HTTPS_PROXY", url)], true)
            }
            "hosts_of_no_proxy_are_reached_directly" => {
                let hosts = "example.com, .invalid  ,10.0.0.0/8".to_owned();
                (vec![("HTTPS_PROXY", url), ("NO_PROXY", hosts)], false)
            }
            "unusable_proxy_value_is_an_error_with_its_variable" => {
                let url = format!("socks5://user:wr0ng@{proxy}");
                (vec![("HTTPS_PROXY", url)], false)
            }
            other => panic!("{other} has no environment"),
        };
        Self {
            variables,
            through_proxy,
        }
    }
}

// fault: proxy-of-the-environment, loopback-through-a-proxy
pub(super) fn loopback_endpoint_bypasses_the_proxy<S: Subject>() {
    assert!(child_process::has_proxy());
    let server = TestServer::responding::<S>(|_| ok(TOKEN));
    for url in [server.url(), server.url_by_name()] {
        assert_eq!(
            status_and_body(send(&S::new(), &url)),
            (200, TOKEN.to_owned())
        );
    }
    assert_eq!(server.requests().len(), 2);
    let server = TestServer::start_tls(Authority::new("unknown").server(), |connection| {
        connection.head().map(drop)
    });
    for url in [server.url(), server.url_by_name()] {
        assert_eq!(error_kind(send(&S::new(), &url)), Kind::Certificate);
    }
}

// fault: proxy-of-the-environment
// The proxy sees the host, and no secret
pub(super) fn https_endpoint_goes_through_the_proxy<S: Subject>() {
    assert_rejected_by_the_proxy::<S>();
}

// fault: proxy-variables-read-differently
pub(super) fn https_proxy_wins_over_all_proxy<S: Subject>() {
    assert_rejected_by_the_proxy::<S>();
}

// fault: proxy-variables-read-differently
pub(super) fn http_proxy_is_ignored_for_https<S: Subject>() {
    assert_direct::<S>();
}

// fault: proxy-value-that-cannot-be-honoured
pub(super) fn quotes_and_blanks_around_a_proxy_are_removed<S: Subject>() {
    assert_rejected_by_the_proxy::<S>();
}

// fault: proxy-variables-read-differently
pub(super) fn credentials_of_a_proxy_are_decoded<S: Subject>() {
    assert_rejected_by_the_proxy::<S>();
}

// fault: no-proxy-with-blanks-suffixes-and-networks
pub(super) fn hosts_of_no_proxy_are_reached_directly<S: Subject>() {
    assert_direct::<S>();
}

// fault: proxy-value-that-cannot-be-honoured
pub(super) fn unusable_proxy_value_is_an_error_with_its_variable<S: Subject>() {
    let url = format!("https://server.invalid{PATH_AND_QUERY}");
    let error = send(&S::new(), &url).unwrap_err();
    assert_eq!(error.kind(), Kind::Proxy, "{error}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("HTTPS_PROXY"), "{shown}");
    assert!(
        !shown.contains("wr0ng") && !shown.contains("user"),
        "{shown}"
    );
}

/// Asserts an error that names the proxy without its credentials.
fn assert_rejected_by_the_proxy<S: Subject>() {
    let url = format!("https://server.invalid{PATH_AND_QUERY}");
    let error = send(&S::new(), &url).unwrap_err();
    assert_eq!(error.kind(), Kind::Proxy, "{error}");
    let proxy = env::var("HTTPS_PROXY").unwrap();
    let proxy = proxy.trim_matches([' ', '"']);
    let named = proxy.rsplit(['/', '@']).next();
    assert_eq!(error.proxy(), named, "{error}");
    assert!(!format!("{error:?}").contains("wr0ng"), "{error:?}");
}

/// Asserts a request without a proxy. A label of more than 63 bytes is invalid in DNS, so the resolver sends no query.
fn assert_direct<S: Subject>() {
    let url = format!("https://{}.invalid{PATH_AND_QUERY}", "a".repeat(64));
    let error = send(&S::new(), &url).unwrap_err();
    assert_eq!(error.kind(), Kind::Resolve, "{error}");
    assert_eq!(error.proxy(), None);
}
