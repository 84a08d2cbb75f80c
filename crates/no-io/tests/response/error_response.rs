//! Error responses: words, hints and waits.

use std::time::Duration;

use edge_oauth_no_io::{
    Config, CredentialError, Culprit, RateLimits, Secret, Tenant, TokenError, experience_edge,
};
use http::Response;

use crate::setup::{config, status};

// fault: access-denied
#[test]
fn error_response_is_printed_with_status_code_and_description() {
    let error = status(403).body(r#"{"error":"access_denied","error_description":"in words"}"#);
    assert_eq!(
        error.error().to_string(),
        "the token endpoint responded with status 403: access_denied: in words"
    );
}

// fault: error-without-a-host, 1xx-as-the-final-status
#[test]
fn informational_status_as_the_final_one_is_an_error_that_names_the_host() {
    let TokenError::Transport(error) = status(101).error() else {
        unreachable!("a 1xx is no response of the server")
    };
    assert_eq!(error.host(), Some("login.example:443"));
    assert_eq!(
        error.to_string(),
        "the response is not valid HTTP: status 101 is not a final response (login.example:443)"
    );
}

/// The wait that a 429 with these headers asks for, at the wall time 1,000,000,000 s.
fn wait(headers: &[(&str, &str)]) -> Option<u64> {
    let answer = headers.iter().fold(status(429), |answer, (name, value)| {
        answer.header(name, value)
    });
    let retry_after = answer.error().retry_after()?;
    Some(
        retry_after
            .wait(Duration::from_secs(1_000_000_000))
            .as_secs(),
    )
}

// fault: quota-headers
#[test]
fn rate_and_quota_headers_set_the_wait() {
    let used_up = ("x-ratelimit-remaining", "0");
    assert_eq!(wait(&[used_up, ("x-ratelimit-reset", "5")]), Some(0));

    let quota = |value| wait(&[("auth0-client-quota-limit", value)]);
    assert_eq!(quota(" b = per_hour ; new=1 ; r = 0 ; t = 60 "), Some(60));
    for ignored in [
        "",
        "b",
        "b=",
        "r=0;t=60",
        "b=x;r=0",
        "b=x;t=60",
        "b=x;r=-1;t=60",
        ";;,,=",
        "b=x;r=0;t=1e9",
    ] {
        assert_eq!(quota(ignored), None, "{ignored}");
    }
    assert_eq!(quota("b=x;r=0;t=99999999999999999999999"), None);

    let answer = Response::builder()
        .header("x-ratelimit-limit", "100")
        .header("x-ratelimit-remaining", "99")
        .header(
            "auth0-client-quota-limit",
            "b=per_hour;q=10;r=7;t=3540,b=per_day;q=50;r=47;t=43200",
        )
        .body(())
        .unwrap();
    let limits = RateLimits::read(answer.headers());
    assert_eq!(limits.earliest(), None);
    let rate = limits.rate.unwrap();
    assert_eq!(
        (rate.limit, rate.remaining, rate.reset),
        (Some(100), Some(99), None)
    );
    let day = &limits.client_quotas[1];
    assert_eq!(
        (day.bucket.as_str(), day.quota, day.remaining),
        ("per_day", Some(50), Some(47))
    );
    assert_eq!(day.reset, Some(Duration::from_secs(43200)));
    let flood = "b=x;r=1;t=1,".repeat(1000);
    let answer = Response::builder()
        .header("auth0-client-quota-limit", flood)
        .body(())
        .unwrap();
    assert!(RateLimits::read(answer.headers()).client_quotas.len() <= 8);
}

// fault: unprintable-description, unprintable-error-code
#[test]
fn words_of_the_server_are_made_printable_and_cut() {
    let body =
        r#"{"error":"bad\"code\u001b[0m","error_description":"\u001b[31mred\r\nX: 1 \u202eé"}"#;
    let error = status(400).body(body).error();
    assert_eq!(error.code(), Some("bad\"code?[0m"));
    assert_eq!(error.description(), Some("?[31mred??X: 1 ?é"));
    let long = "a".repeat(60 * 1024);
    let error = status(400)
        .body(format!(
            r#"{{"error":"{long}","error_description":"{long}"}}"#
        ))
        .error();
    assert_eq!(error.code().unwrap().len(), 128 + 3);
    assert_eq!(error.description().unwrap().len(), 512 + 3);
    let mib = "a".repeat(1024 * 1024);
    let error = status(400)
        .body(format!(
            r#"{{"error":"{mib}","error_description":"{mib}"}}"#
        ))
        .error();
    assert!(error.to_string().len() < 1024);
    let content_type = "x".repeat(60 * 1024);
    let error = status(200)
        .header("content-type", &content_type)
        .body("no")
        .error();
    assert!(error.to_string().len() < 1024);
}

#[test]
fn error_of_experience_edge_has_its_hint() {
    let edge = Config::experience_edge(Tenant::Current, "id", Secret::new("s3cret")).unwrap();
    let hint = |config: &Config, http, error: &str, description: &str| {
        let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
        status(http).body(body).read_by(config).unwrap_err().hint()
    };
    let denied = "access_denied";
    for (http, error, description, says) in [
        (401, denied, "Unauthorized", "client secret is wrong"),
        (
            403,
            denied,
            "Service not enabled within domain: x",
            "does not know this audience",
        ),
        (
            403,
            denied,
            "Non-global clients are not allowed access to APIv1",
            "no audience was sent",
        ),
        (
            403,
            denied,
            "Client has not been granted scopes: xmcpub.jobs.t:r",
            "ask for no scope",
        ),
        (
            403,
            denied,
            r#"Client \"a\" is not authorized to access resource server \"b\""#,
            "right kind",
        ),
        (
            403,
            "unauthorized_client",
            "Grant type 'client_credentials' not allowed",
            "right kind",
        ),
        (
            429,
            "too_many_requests",
            "",
            "keep a token until it expires",
        ),
    ] {
        assert!(
            hint(&edge, http, error, description)
                .unwrap()
                .contains(says),
            "{description}"
        );
        let elsewhere = hint(&config(), http, error, description).unwrap_or_default();
        assert!(!elsewhere.contains("Deploy app") && !elsewhere.contains("sitecore"));
    }
    let builder = |url: &str| Config::builder(url, "id").client_secret(Secret::new("s3cret"));
    let at = |url| builder(url).build().unwrap();
    let asking = |audience: &str| {
        let builder = builder("https://login.example/token");
        builder.audience(audience).build().unwrap()
    };
    for by_hand in [
        at(experience_edge::ENDPOINT),
        at(experience_edge::LEGACY_ENDPOINT),
        at(experience_edge::PRE_PRODUCTION_ENDPOINT),
        asking(experience_edge::AUDIENCE),
        asking(experience_edge::PRE_PRODUCTION_AUDIENCE),
        asking("https://delivery.sitecore.cloud/t"),
    ] {
        let hint = hint(&by_hand, 401, denied, "Unauthorized").unwrap();
        assert!(hint.contains("Deploy app"), "{by_hand:?}");
    }
    assert_eq!(hint(&edge, 403, denied, "for another reason"), None);
    let elsewhere = edge.to_builder().endpoint("http://127.0.0.1:1/token");
    let elsewhere = elsewhere.audience("urn:x").build().unwrap();
    assert!(
        hint(
            &elsewhere,
            403,
            denied,
            "Service not enabled within domain: urn:x"
        )
        .unwrap()
        .contains("does not know this audience")
    );
    assert_eq!(hint(&edge, 500, "x", "y"), None);
}

// fault: credential-not-supplied
#[test]
fn credential_error_is_ours_and_keeps_its_cause() {
    let cause = std::io::Error::other("no such file");
    let error = CredentialError::transient("key.pem cannot be read").with_source(cause);
    let error = TokenError::from(error);
    assert_eq!(error.to_string(), "key.pem cannot be read");
    assert_eq!(error.culprit(), Culprit::Config);
    assert!(error.is_transient());
    assert_eq!(
        (error.status(), error.code(), error.hint()),
        (None, None, None)
    );
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "no such file");
    assert!(!TokenError::from(CredentialError::permanent("x")).is_transient());
}
