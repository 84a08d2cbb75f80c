//! The proxy of the environment, as curl reads it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsString;

use edge_oauth_no_io::{ProxyEnvironment, ProxyScheme, TransportErrorKind as Kind};
use http::Uri;

/// The proxy for `url`, as `host:port of VARIABLE`, `direct` or the error.
fn reading(variables: &[(&'static str, &str)], url: &str) -> String {
    let uri: Uri = url.parse().unwrap();
    match environment(variables).proxy_for(&uri) {
        Ok(Some(proxy)) => format!("{proxy} of {}", proxy.variable()),
        Ok(None) => "direct".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn environment(variables: &[(&'static str, &str)]) -> ProxyEnvironment {
    ProxyEnvironment::new(|name| {
        let mut variables = variables.iter();
        let found = variables.find(|(variable, _)| *variable == name);
        found.map(|(_, value)| OsString::from(value))
    })
}

const HTTPS: &str = "https://login.example/token";
const HTTP: &str = "http://api.example/";

#[test]
fn proxy_returns_its_host_and_port() {
    let environment = environment(&[("HTTPS_PROXY", "http://[::1]:3128")]);
    let proxy = environment.proxy_for(&HTTPS.parse().unwrap()).unwrap();
    let proxy = proxy.unwrap();
    assert_eq!((proxy.host(), proxy.port()), ("[::1]", 3128));
}

// fault: proxy-variables-read-differently
#[test]
fn variable_of_the_scheme_comes_before_the_one_for_all() {
    let (a, b) = ("http://a:1", "http://b:2");
    for (variables, https, http) in [
        (&[][..], "direct", "direct"),
        (
            &[("https_proxy", a), ("HTTPS_PROXY", b)],
            "a:1 of https_proxy",
            "direct",
        ),
        (
            &[("HTTPS_PROXY", a), ("ALL_PROXY", b)],
            "a:1 of HTTPS_PROXY",
            "b:2 of ALL_PROXY",
        ),
        (
            &[("all_proxy", a), ("ALL_PROXY", b)],
            "a:1 of all_proxy",
            "a:1 of all_proxy",
        ),
        (&[("HTTP_PROXY", a)], "direct", "direct"),
        (&[("http_proxy", a)], "direct", "a:1 of http_proxy"),
        (
            &[("http_proxy", a), ("HTTP_PROXY", b), ("all_proxy", b)],
            "b:2 of all_proxy",
            "a:1 of http_proxy",
        ),
        (
            &[("https_proxy", ""), ("HTTPS_PROXY", " "), ("ALL_PROXY", b)],
            "b:2 of ALL_PROXY",
            "b:2 of ALL_PROXY",
        ),
    ] {
        assert_eq!(reading(variables, HTTPS), https, "{variables:?}");
        assert_eq!(reading(variables, HTTP), http, "{variables:?}");
    }
}

// fault: proxy-variables-read-differently
#[test]
fn proxy_has_a_scheme_a_host_and_a_port() {
    for (value, proxy) in [
        ("http://p.example:3128", "p.example:3128"),
        ("HTTP://P.example:3128/", "p.example:3128"),
        ("p.example:3128", "p.example:3128"),
        ("p.example", "p.example:1080"),
        ("https://p.example", "p.example:443"),
        ("http://[::1]:3128", "[::1]:3128"),
        ("[::1]", "[::1]:1080"),
        ("  http://p.example:1  ", "p.example:1"),
        ("\"http://p.example:1\"", "p.example:1"),
        ("'p.example:1'", "p.example:1"),
        ("http://user:wr0ng@p.example:1", "p.example:1"),
    ] {
        let read = reading(&[("HTTPS_PROXY", value)], HTTPS);
        assert_eq!(read, format!("{proxy} of HTTPS_PROXY"), "{value}");
    }
}

#[test]
fn credentials_are_decoded_and_not_printed() {
    let variables = [("HTTPS_PROXY", "https://us%40er:s3%3Acr%2fet+@p.example:1")];
    let uri: Uri = HTTPS.parse().unwrap();
    let environment = environment(&variables);
    let proxy = environment.proxy_for(&uri).unwrap().unwrap();
    let (user, password) = proxy.credentials().unwrap();
    assert_eq!((user.expose(), password.expose()), ("us@er", "s3:cr/et+"));
    assert_eq!(proxy.scheme(), ProxyScheme::Https);
    // By `printf 'us@er:s3:cr/et+' | base64`.
    let authorization = proxy.authorization().unwrap();
    assert_eq!(authorization, "Basic dXNAZXI6czM6Y3IvZXQr");
    assert!(authorization.is_sensitive());
    let shown = format!("{environment:?} {proxy:?} {proxy} {}", proxy.unsupported());
    assert!(!shown.contains("s3") && !shown.contains("er:"), "{shown}");
}

// fault: proxy-value-that-cannot-be-honoured
#[test]
fn value_that_cannot_be_honoured_is_an_error_that_names_the_variable() {
    for (value, says) in [
        ("socks5://user:wr0ng@p.example:1", "SOCKS"),
        ("socks5h://p.example:1", "SOCKS"),
        ("ftp://p.example:1", "is no proxy"),
        ("\"http://user:wr0ng@p.example:1", "is no proxy"),
        ("http://", "is no proxy"),
        ("http://user:wr0ng@", "is no proxy"),
        ("http://p.example:0", "is no proxy"),
        ("http://p.example:99999", "is no proxy"),
        ("http://p.example:+1", "is no proxy"),
        ("http://p.example:wr0ng", "is no proxy"),
        ("http://p example:1", "is no proxy"),
        ("http://[::1", "is no proxy"),
        ("http://::1:1", "is no proxy"),
        ("http://user:wr0ng%0d%0ax:y@p.example:1", "is no proxy"),
        ("http://wr0ng\r\n.example:1", "is no proxy"),
    ] {
        let environment = environment(&[("ALL_PROXY", value)]);
        let error = environment.proxy_for(&HTTPS.parse().unwrap()).unwrap_err();
        assert_eq!(error.kind(), Kind::Proxy, "{value}");
        assert!(!error.is_transient());
        let shown = error.to_string();
        assert!(
            shown.contains("ALL_PROXY") && shown.contains(says),
            "{value}: {shown}"
        );
        let shown = format!("{error:?} {error} {environment:?}");
        assert!(
            !shown.contains("wr0ng") && !shown.contains("user"),
            "{shown}"
        );
        assert!(!shown.contains("p.example"), "{shown}");
    }
}

// fault: proxy-value-that-cannot-be-honoured
#[cfg(unix)]
#[test]
fn value_that_is_not_utf_8_is_an_error_too() {
    use std::os::unix::ffi::OsStringExt as _;

    let environment = |broken: &'static str| {
        ProxyEnvironment::new(move |name| match name {
            _ if name == broken => Some(OsString::from_vec(b"\xffwr0ng".to_vec())),
            "https_proxy" => Some("p.example:1".into()),
            _ => None,
        })
    };
    for broken in ["https_proxy", "no_proxy"] {
        let environment = environment(broken);
        let error = environment.proxy_for(&HTTPS.parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains(broken), "{error}");
        assert!(!format!("{environment:?}").contains("wr0ng"));
    }
}

// fault: loopback-through-a-proxy
#[test]
fn loopback_is_reached_without_a_proxy() {
    for value in ["p.example:1", "socks5://p.example"] {
        let variables = [("all_proxy", value), ("no_proxy", "10.0.0.0/99")];
        for url in [
            "https://localhost:8443/",
            "https://127.0.0.1/",
            "https://127.8.9.1:1/",
            "https://[::1]:1/",
            "http://LOCALHOST/",
        ] {
            assert_eq!(reading(&variables, url), "direct", "{url}");
        }
        let url = "https://127.0.0.1.evil.example/";
        assert_ne!(reading(&variables, url), "direct");
    }
}

// fault: no-proxy-with-blanks-suffixes-and-networks
#[test]
fn exception_is_a_name_a_network_or_a_port_of_one() {
    for (list, direct, through) in [
        ("*", &["a.example", "10.0.0.1"][..], &[][..]),
        (
            "a.example",
            &["a.example", "A.Example.", "b.a.example"],
            &["ba.example", "a.example.org"],
        ),
        (".a.example", &["a.example", "b.a.example"], &["ba.example"]),
        (
            "*.a.example",
            &["a.example", "b.a.example"],
            &["ba.example"],
        ),
        ("A.example.", &["a.example"], &["example"]),
        (
            "x, a.example ,\tb.example c.example",
            &["a.example", "b.example", "c.example"],
            &["d.example"],
        ),
        ("\"x,a.example\"", &["a.example"], &["b.example"]),
        ("10.0.0.1", &["10.0.0.1"], &["10.0.0.2", "10.0.0.1.example"]),
        ("10.0.0.0/8", &["10.255.0.1"], &["11.0.0.1", "[::a00:1]"]),
        (
            "10.1.2.3/31",
            &["10.1.2.2", "10.1.2.3"],
            &["10.1.2.4", "10.1.2.1"],
        ),
        ("0.0.0.0/0", &["1.2.3.4"], &["[2001:db8::1]", "a.example"]),
        (
            "2001:db8::/32",
            &["[2001:db8:9::1]"],
            &["[2001:db9::1]", "32.1.13.184"],
        ),
        (
            "[2001:db8::1]",
            &["[2001:db8::1]", "[2001:DB8:0::1]"],
            &["[2001:db8::2]"],
        ),
        ("2001:db8::1", &["[2001:db8::1]"], &["[2001:db8::2]"]),
        (
            "[2001:db8::1]:8443",
            &["[2001:db8::1]:8443"],
            &["[2001:db8::1]"],
        ),
        ("10.0.0.1:8443", &["10.0.0.1:8443"], &["10.0.0.1"]),
        (
            "a.example:443",
            &["a.example", "b.a.example:443"],
            &["a.example:8443"],
        ),
        ("10.0.0.1", &["[::ffff:10.0.0.1]"], &["[::10.0.0.1]"]),
        (",, ,", &[], &["a.example"]),
    ] {
        for name in ["no_proxy", "NO_PROXY"] {
            let variables = [("https_proxy", "p:1"), (name, list)];
            for host in direct {
                let read = reading(&variables, &format!("https://{host}/"));
                assert_eq!(read, "direct", "{host} by {list}");
            }
            for host in through {
                let read = reading(&variables, &format!("https://{host}/"));
                assert_eq!(read, "p:1 of https_proxy", "{host} by {list}");
            }
        }
    }
}

// fault: proxy-value-that-cannot-be-honoured
#[test]
fn exception_that_makes_no_sense_is_an_error_unless_another_decides() {
    for entry in [
        "10.0.0.0/33",
        "10.0.0/8",
        "::/129",
        "10.*",
        "a.example:0",
        "a:b:c",
        "[::1",
        "http://a.example",
    ] {
        let list = format!("a.example, {entry}");
        let variables = [("https_proxy", "p:1"), ("NO_PROXY", list.as_str())];
        assert_eq!(
            reading(&variables, "https://a.example/"),
            "direct",
            "{entry}"
        );
        let error = reading(&variables, "https://b.example/");
        assert!(
            error.contains("NO_PROXY") && error.contains("entry 2"),
            "{entry}: {error}"
        );
        // Without a proxy there is nothing to be excepted from.
        assert_eq!(reading(&variables[1..], "https://b.example/"), "direct");
    }
}

#[test]
fn lower_case_list_comes_first() {
    let variables = [
        ("https_proxy", "p:1"),
        ("no_proxy", "a.example"),
        ("NO_PROXY", "*"),
    ];
    assert_eq!(
        reading(&variables, "https://b.example/"),
        "p:1 of https_proxy"
    );
}

// fault: proxy-variables-read-differently
#[test]
fn environment_is_checked_as_a_whole() {
    let empty = environment(&[("NO_PROXY", "example.com")]);
    assert!(empty.is_empty() && empty.check().is_ok());
    for variable in ["https_proxy", "http_proxy", "ALL_PROXY"] {
        let set = environment(&[(variable, "http://proxy.example:3128")]);
        assert!(!set.is_empty() && set.check().is_ok(), "{variable}");
        let malformed = environment(&[(variable, "gopher://")]);
        assert_eq!(malformed.check().unwrap_err().kind(), Kind::Proxy);
    }
    let exceptions = environment(&[("no_proxy", "example.com,10.0.0.0/99")]);
    assert_eq!(exceptions.check().unwrap_err().kind(), Kind::Proxy);
    let set = environment(&[("https_proxy", "http://id:s3cret@proxy.example:3128")]);
    let proxy = set.proxy_for(&HTTPS.parse().unwrap()).unwrap().unwrap();
    let text = format!("{proxy:?}");
    assert!(
        text.contains("proxy.example") && !text.contains("s3cret"),
        "{text}"
    );
}
