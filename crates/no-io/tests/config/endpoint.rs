//! The URL of the token endpoint, and the origins of a provider.

use edge_oauth_no_io::{Config, ConfigError, Origin, Secret, Tenant, token_request};

use crate::setup::{builder, error, with_endpoint};

// fault: insecure-endpoint, host-that-resembles-the-loopback
#[test]
fn http_endpoint_is_rejected_unless_it_is_the_loopback() {
    for url in [
        "http://login.example/token",
        "http://127.0.0.1.evil.com/token",
        "http://localhost.evil.com/token",
        "http://0x7f.1/token",
        "http://0177.0.0.1/token",
        "http://2130706433/token",
        "http://127.1/token",
        "http://128.0.0.1/token",
        "http://0.0.0.0/token",
        "http://[::]/token",
        "http://[::ffff:127.0.0.1]/token",
        "http://localhost./token",
    ] {
        assert_eq!(
            with_endpoint(url).unwrap_err(),
            ConfigError::InsecureEndpoint,
            "{url}"
        );
    }
}

// fault: http-on-the-loopback
#[test]
fn http_endpoint_on_the_loopback_is_accepted() {
    for url in [
        "http://127.0.0.1/token",
        "http://127.0.0.1:1/token",
        "http://127.9.9.9:65535",
        "http://[::1]:8080/token",
        "http://localhost:3000/token",
        "http://LOCALHOST/token",
        "HTTP://localhost/token",
    ] {
        assert!(with_endpoint(url).is_ok(), "{url}");
    }
}

// fault: host-that-resembles-the-loopback, fragment-in-the-endpoint, user-name-in-the-endpoint, malformed-endpoint
#[test]
fn endpoint_that_is_no_plain_url_is_rejected() {
    let long = format!("https://login.example/{}", "a".repeat(1024 * 1024));
    for url in [
        "https://login.example/token#frag",
        "https://login.example/token#",
        "https://user:pw@login.example/token",
        "https://user@login.example/token",
        "http://localhost@evil/token",
        "",
        "/token",
        "login.example/token",
        "login.example",
        "https://",
        "https:///token",
        "https://:443/token",
        "https://login.example:0/token",
        "https://login.example:99999/token",
        "https://login.example:/token",
        "https://login.example:80:80/token",
        "https://login.example:port/token",
        "https://login.example:+443/token",
        "https://login.example/tökén",
        "https://münchen.example/token",
        "https://login%2eexample/token",
        "https://login example/token",
        "https://[::1/token",
        "https://[::g]/token",
        "ftp://login.example/token",
        "file:///etc/passwd",
        "https://login.example\r\nX-Evil: 1/token",
        &long,
    ] {
        let error = with_endpoint(url).unwrap_err();
        assert!(
            matches!(error, ConfigError::Endpoint { .. }),
            "{url:.60}: {error:?}"
        );
    }
}

// fault: query-in-the-endpoint
#[test]
fn query_of_the_endpoint_is_kept_byte_for_byte() {
    let config = with_endpoint("https://login.example/token?p=1&q=%7e+%2F&r").unwrap();
    assert_eq!(
        token_request(&config).unwrap().uri(),
        "https://login.example/token?p=1&q=%7e+%2F&r"
    );
    assert!(
        !format!("{config:?}").contains("%7e"),
        "a query may hold a key"
    );
}

#[test]
fn tenant_id_that_would_change_the_audience_is_rejected() {
    for id in ["", "a/b", "a?b", "a#b", "ä", "a b", "a\n"] {
        let error = Config::experience_edge(Tenant::Old(id.to_owned()), "id", Secret::new("s"))
            .unwrap_err();
        assert_eq!(error, ConfigError::TenantId, "{id:?}");
    }
    assert_eq!(
        error(builder().audience("")),
        ConfigError::Empty {
            parameter: "audience"
        }
    );
}

#[test]
fn origin_covers_its_scheme_host_and_port_only() {
    let api = Origin::from_url("https://edge.sitecorecloud.io/api?x").unwrap();
    for (url, covered) in [
        ("https://edge.sitecorecloud.io", true),
        ("https://EDGE.SiteCoreCloud.io:443/other", true),
        ("https://edge.sitecorecloud.io:8443/", false),
        ("http://edge.sitecorecloud.io/", false),
        ("http://edge.sitecorecloud.io:443/", false),
        ("https://sitecorecloud.io/", false),
        ("https://edge.sitecorecloud.io.evil.example/", false),
        ("https://edge.sitecorecloud.io@evil.example/", false),
        ("/relative", false),
    ] {
        assert_eq!(api.covers(&url.parse().unwrap()), covered, "{url}");
    }
    assert!(
        Origin::from_url("http://127.0.0.1:8080")
            .unwrap()
            .covers(&"http://127.0.0.1:8080/x".parse().unwrap())
    );
    for url in [
        "http://api.example",
        "api.example",
        "",
        "ftp://api.example",
        "https://user@api.example",
    ] {
        assert_eq!(
            Origin::from_url(url).unwrap_err(),
            ConfigError::Origin,
            "{url}"
        );
    }
}

// fault: user-name-in-the-endpoint
#[test]
fn endpoint_with_a_user_name_is_rejected_for_it() {
    for url in [
        "https://user@login.example/token",
        "https://a:b@[::1]/token",
    ] {
        let error = with_endpoint(url).unwrap_err().to_string();
        assert!(error.contains("user name"), "{error}");
    }
}
