//! The URLs that a token may go to.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{Origin, Provider};

// fault: a-token-for-another-host
#[test]
fn token_goes_to_https_or_the_loopback_and_to_allowed_origins() {
    let named = Provider::standard().origin(Origin::from_url("https://api.example").unwrap());
    let local =
        Provider::experience_edge().origin(Origin::from_url("https://proxy.example:8443").unwrap());
    for (url, standard, edge, api) in [
        ("https://edge.sitecorecloud.io/api", true, true, false),
        ("https://SITECORECLOUD.io/api", true, true, false),
        ("https://evilsitecorecloud.io/api", true, false, false),
        (
            "https://edge.sitecorecloud.io.evil.example/",
            true,
            false,
            false,
        ),
        ("https://proxy.example:8443/", true, true, false),
        ("https://proxy.example/", true, false, false),
        ("https://api.example/things", true, false, true),
        ("https://other.example/", true, false, false),
        ("http://127.0.0.1:8080/api", true, true, false),
        ("http://[::1]/api", true, true, false),
        ("http://LOCALHOST/", true, true, false),
        ("http://edge.sitecorecloud.io/api", false, false, false),
        ("http://127.0.0.1.evil.example/", false, false, false),
        ("ftp://127.0.0.1/", false, false, false),
        ("/api", false, false, false),
        ("edge.sitecorecloud.io:443", false, false, false),
    ] {
        let uri = url.parse().unwrap();
        assert_eq!(Provider::standard().allows(&uri), standard, "{url}");
        assert_eq!(Origin::is_secure(&uri), standard, "{url}");
        assert_eq!(local.allows(&uri), edge, "{url}");
        assert_eq!(named.allows(&uri), api, "{url}");
    }
}

#[test]
fn parts_of_a_url_are_of_the_origin_with_this_scheme_host_and_port() {
    let api = Origin::from_url("https://api.example").unwrap();
    for (scheme, host, port, is_of_api) in [
        ("https", "API.example", 443, true),
        ("http", "api.example", 443, false),
        ("https", "other.example", 443, false),
        ("https", "api.example", 8443, false),
    ] {
        let covers = api.covers_parts(scheme, host, port);
        assert_eq!(covers, is_of_api, "{scheme} {host} {port}");
    }
}

// fault: host-that-is-read-differently
#[test]
fn url_whose_host_parsers_read_differently_gets_no_token() {
    for (api, url) in [
        ("https://[::1]", "https://[::1].example/"),
        ("http://[::1]", "http://[::1].example/"),
        ("http://[::1]", "http://[::1]x:80/"),
        ("http://[::1]", "http://[::1]]/"),
        ("https://api.example", "https://user@api.example/"),
        ("https://api.example", "https://user:443@api.example/"),
        (
            "https://api.example",
            "https://api.example:443@api.example:443/",
        ),
        ("https://api.example", "https://api.example:/"),
        ("https://api.example", "https://api.example:0/"),
        ("https://api.example", "https://api.example:65536/"),
        ("https://api.example", "https://api.example:443:443/"),
        (
            "https://api.example",
            "https://other.example;.sitecorecloud.io/",
        ),
        (
            "https://api.example",
            "https://other.example,edge.sitecorecloud.io/",
        ),
        ("http://127.0.0.1", "http://127.0.0.1:65616/"),
        ("http://127.0.0.1", "http://user@127.0.0.1/"),
    ] {
        // A client may refuse to parse it, and then nothing is sent.
        let Ok(uri) = url.parse() else { continue };
        let api = Origin::from_url(api).unwrap();
        assert!(!Origin::is_secure(&uri), "{url}");
        assert!(!api.covers(&uri), "{url}");
        let named = Provider::experience_edge().origin(api);
        assert!(!named.allows(&uri), "{url}");
        assert!(!Provider::standard().allows(&uri), "{url}");
    }
}

#[test]
fn other_spellings_of_a_host_are_other_hosts() {
    let (api, edge) = (
        Origin::from_url("https://api.example").unwrap(),
        Provider::experience_edge(),
    );
    for url in [
        "https://api.example./",
        "https://xn--pi-7ia.example/",
        "https://edge.sitecorecloud.io./",
        "https://sitecorecloud.io.example/",
        "http://localhost.example/",
        "http://localhost./",
        "http://127.1/",
        "http://0x7f.0.0.1/",
        "http://127.0.0.1./",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://[::]/",
    ] {
        let uri = url.parse().unwrap();
        assert!(!api.covers(&uri), "{url}");
        assert!(!edge.allows(&uri), "{url}");
        assert!(
            url.starts_with("https") || !Origin::is_secure(&uri),
            "{url}"
        );
    }
    for url in [
        "https://api%2eexample/",
        "https://äpi.example/",
        "https://api.example\\@other.example/",
    ] {
        assert!(url.parse::<http::Uri>().is_err(), "{url}");
    }
    for url in [
        "https://API.EXAMPLE:00443/a",
        "https://api.example?@other.example/",
    ] {
        assert!(api.covers(&url.parse().unwrap()), "{url}");
    }
}

#[test]
fn url_without_an_origin_gets_the_apis_and_another_url_stays() {
    for (api, url, whole) in [
        (
            "https://api.example",
            "/a?b=c",
            "https://api.example:443/a?b=c",
        ),
        ("http://[::1]:8080/x", "/", "http://[::1]:8080/"),
        (
            "https://api.example",
            "//evil.example/a",
            "https://api.example:443//evil.example/a",
        ),
        (
            "https://api.example",
            "https://evil.example/a",
            "https://evil.example/a",
        ),
        (
            "https://api.example",
            "http://api.example/a",
            "http://api.example/a",
        ),
        (
            "https://api.example",
            "evil.example:443",
            "evil.example:443",
        ),
    ] {
        let api = Origin::from_url(api).unwrap();
        let uri = api.complete(url.parse().unwrap());
        assert_eq!(uri, whole);
        assert_eq!(api.covers(&uri), url.starts_with('/'), "{url}");
    }
}
