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
        assert_eq!(local.allows(&uri), edge, "{url}");
        assert_eq!(named.allows(&uri), api, "{url}");
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
